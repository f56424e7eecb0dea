//! Converts functions that a functional model calls on tensors: operators of Python, and those of Keras and TensorFlow.

use super::builder::{Builder, LayerOutput};
use super::topology::{show, Layer};
use super::{activation, layer, pooling, Place};
use crate::error::Result;
use serde_json::Value;

/// The name of a function: Keras 2 has layers for calls of TensorFlow, as `__operators__.add`; Keras 3 has classes.
pub(super) fn name(layer: &Layer) -> String {
    let name = match layer.class.as_str() {
        "TFOpLambda" => layer.text("function", "").rsplit('.').next().unwrap_or_default(),
        class => class,
    };
    name.to_lowercase().replace('_', "")
}

/// Adds the nodes of a function by its name without underscores; `None` for another one.
pub(super) fn apply(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    settings: &Value,
    inputs: &[LayerOutput],
) -> Option<Result<LayerOutput>> {
    let &first = inputs.first()?;
    let mut binary = |op| layer::elementwise(builder, at, layer, inputs, op);
    Some(match name(layer).as_str() {
        "add" | "biasadd" => binary("Add"),
        "subtract" | "sub" => binary("Sub"),
        "multiply" | "mul" => binary("Mul"),
        "divide" | "truedivide" | "truediv" => binary("Div"),
        "maximum" => binary("Max"),
        "minimum" => binary("Min"),
        "power" | "pow" => binary("Pow"),
        "cast" | "identity" | "converttotensor" | "stopgradient" => Ok(first),
        "exp" => function(builder, at, "Exp", first),
        "sqrt" => function(builder, at, "Sqrt", first),
        "abs" | "absolute" => function(builder, at, "Abs", first),
        "negative" => function(builder, at, "Neg", first),
        "log" => function(builder, at, "Log", first),
        "square" => layer::elementwise(builder, at, layer, &[first, first], "Mul"),
        "clip" | "clipbyvalue" => clip(builder, at, settings, inputs),
        "mean" | "reducemean" => reduce(builder, at, settings, inputs, "GlobalAveragePool"),
        "max" | "reducemax" => reduce(builder, at, settings, inputs, "GlobalMaxPool"),
        "relu" | "relu6" | "sigmoid" | "tanh" | "silu" | "swish" | "softmax" | "softplus" | "softsign" | "selu"
        | "elu" => activation::named(builder, at, &name(layer), first),
        "hardswish" | "hardsilu" => activation::named(builder, at, "hard_silu", first),
        "logsoftmax" => activation::named(builder, at, "log_softmax", first),
        "gelu" => {
            let stated = settings.get("approximate").or_else(|| layer.config.get("approximate"));
            // Keras' own function approximates unless told otherwise, TensorFlow's does not.
            let approximate = stated.and_then(Value::as_bool).unwrap_or(layer.class != "TFOpLambda");
            activation::gelu(builder, at, approximate, first)
        }
        "leakyrelu" => {
            let slope = ["alpha", "negative_slope"].iter().find_map(|key| settings.get(key)?.as_f64());
            activation::leaky(
                builder,
                at,
                slope.or_else(|| layer.config.get("negative_slope")?.as_f64()).unwrap_or(0.2),
                first,
            )
        }
        _ => return None,
    })
}

fn function(builder: &mut Builder, at: Place, op: &str, input: LayerOutput) -> Result<LayerOutput> {
    Ok(LayerOutput { value: builder.node(at.layer, op, [], &[input.value])?, ..input })
}

/// Bounds are further inputs, or named.
fn clip(builder: &mut Builder, at: Place, settings: &Value, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let mut operands: Vec<_> = inputs.iter().map(|input| input.value).collect();
    for names in [["x_min", "clip_value_min"], ["x_max", "clip_value_max"]] {
        if let Some(bound) = names.iter().find_map(|name| settings.get(name)?.as_f64()) {
            operands.push(builder.scalar(&format!("{}/bound", at.layer), bound as f32));
        }
    }
    match operands.len() {
        3 => Ok(LayerOutput { value: builder.node(at.layer, "Clip", [], &operands)?, ..inputs[0] }),
        found => Err(at.not_covered("two bounds", found - 1)),
    }
}

/// Over height and width of a map.
fn reduce(builder: &mut Builder, at: Place, settings: &Value, inputs: &[LayerOutput], op: &str) -> Result<LayerOutput> {
    let axes = settings.get("axis");
    let list = axes.and_then(Value::as_array).map(|list| list.iter().map(Value::as_i64).collect::<Vec<_>>());
    let keep = settings.get("keepdims").and_then(Value::as_bool).unwrap_or(false);
    match (list.as_deref(), inputs) {
        (Some([Some(1 | -3), Some(2 | -2)] | [Some(2 | -2), Some(1 | -3)]), [input]) if input.map => {
            pooling::over_pixels(builder, at, *input, op, keep)
        }
        _ => Err(at.not_covered("a reduction over height and width, axis [1, 2]", show(axes))),
    }
}
