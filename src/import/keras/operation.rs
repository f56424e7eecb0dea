//! Converts functions that a functional model calls on tensors: operators of Python, and those of Keras and TensorFlow.

use super::builder::{Builder, LayerOutput};
use super::topology::{show, Layer};
use super::{activation, layer, pooling, Place};
use crate::error::Result;
use serde_json::Value;

/// The name of a function: Keras 2 has layers for calls of TensorFlow, as `__operators__.add`; Keras 3 has classes.
fn name(layer: &Layer) -> String {
    let name = match layer.class.as_str() {
        "TFOpLambda" => layer.text("function", "").rsplit('.').next().unwrap_or_default(),
        class => class,
    };
    name.to_lowercase().replace('_', "")
}

/// The arguments of a function that are no tensors: Keras 3 writes them to the configuration, Keras 2 to the call.
#[derive(Clone, Copy)]
struct Arguments<'a> {
    at: Place<'a>,
    layer: &'a Layer,
    settings: &'a Value,
}

impl<'a> Arguments<'a> {
    /// Entries of every configuration and call, which are no arguments.
    const COMMON: [&'static str; 6] = ["name", "trainable", "dtype", "function", "training", "mask"];

    fn get(&self, names: &[&str]) -> Option<&'a Value> {
        let found = names.iter().find_map(|name| self.settings.get(name).or_else(|| self.layer.config.get(name)));
        found.filter(|value| !value.is_null())
    }

    /// Refuses arguments that are not read: without them the function would be another one.
    fn only(&self, read: &[&str]) -> Result<()> {
        let stated = [self.settings, &self.layer.config].into_iter().filter_map(Value::as_object).flatten();
        let mut unread = stated.filter(|(name, value)| {
            !value.is_null() && !Self::COMMON.contains(&name.as_str()) && !read.contains(&name.as_str())
        });
        match unread.next() {
            None => Ok(()),
            Some((name, value)) => {
                Err(self.at.not_covered("only arguments that are converted", format!("{name}: {value}")))
            }
        }
    }
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
    let arguments = Arguments { at, layer, settings };
    let name = name(layer);
    let op = match name.as_str() {
        "add" | "biasadd" => "Add",
        "subtract" | "sub" => "Sub",
        "multiply" | "mul" => "Mul",
        "divide" | "truedivide" | "truediv" => "Div",
        "maximum" => "Max",
        "minimum" => "Min",
        "power" | "pow" => "Pow",
        _ => return unary(builder, arguments, &name, inputs, first),
    };
    Some(binary(builder, arguments, op, inputs))
}

/// The second operand is an input, whatever its name is.
fn binary(builder: &mut Builder, arguments: Arguments, op: &str, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let Arguments { at, layer, .. } = arguments;
    arguments.only(&["y", "bias", "data_format"])?;
    if let Some(format) =
        arguments.get(&["data_format"]).filter(|format| *format != "NHWC" && *format != "channels_last")
    {
        return Err(at.not_covered("data_format NHWC", format));
    }
    match inputs.len() {
        0 | 1 => Err(at.not_covered("two operands", inputs.len())),
        _ => layer::elementwise(builder, at, layer, inputs, op),
    }
}

fn unary(
    builder: &mut Builder,
    arguments: Arguments,
    name: &str,
    inputs: &[LayerOutput],
    first: LayerOutput,
) -> Option<Result<LayerOutput>> {
    let Arguments { at, layer, .. } = arguments;
    let read: &[&str] = match name {
        "clip" | "clipbyvalue" => &["x_min", "clip_value_min", "x_max", "clip_value_max"],
        "mean" | "reducemean" | "max" | "reducemax" => &["axis", "keepdims"],
        "softmax" | "logsoftmax" => &["axis"],
        "gelu" => &["approximate"],
        "leakyrelu" => &["alpha", "negative_slope"],
        _ => &[],
    };
    let converted = match name {
        "cast" | "identity" | "converttotensor" | "stopgradient" => to_floats(arguments, first),
        "exp" => function(builder, at, "Exp", first),
        "sqrt" => function(builder, at, "Sqrt", first),
        "abs" | "absolute" => function(builder, at, "Abs", first),
        "negative" => function(builder, at, "Neg", first),
        "log" => function(builder, at, "Log", first),
        "square" => layer::elementwise(builder, at, layer, &[first, first], "Mul"),
        "clip" | "clipbyvalue" => clip(builder, arguments, inputs),
        "mean" | "reducemean" => reduce(builder, arguments, inputs, "GlobalAveragePool"),
        "max" | "reducemax" => reduce(builder, arguments, inputs, "GlobalMaxPool"),
        "relu" | "relu6" | "sigmoid" | "tanh" | "silu" | "swish" | "softplus" | "softsign" | "selu" | "elu" => {
            activation::named(builder, at, name, first)
        }
        "hardswish" | "hardsilu" => activation::named(builder, at, "hard_silu", first),
        "softmax" => over_channels(builder, arguments, "softmax", first),
        "logsoftmax" => over_channels(builder, arguments, "log_softmax", first),
        "gelu" => {
            // Keras' own function approximates unless told otherwise, TensorFlow's does not.
            let stated = arguments.get(&["approximate"]).and_then(Value::as_bool);
            activation::gelu(builder, at, stated.unwrap_or(layer.class != "TFOpLambda"), first)
        }
        "leakyrelu" => {
            let slope = arguments.get(&["alpha", "negative_slope"]).and_then(Value::as_f64);
            activation::leaky(builder, at, slope.unwrap_or(0.2), first)
        }
        _ => return None,
    };
    Some(arguments.only(read).and(converted))
}

fn function(builder: &mut Builder, at: Place, op: &str, input: LayerOutput) -> Result<LayerOutput> {
    Ok(LayerOutput { value: builder.node(at.layer, op, [], &[input.value])?, ..input })
}

/// A cast to floats of any width is computed in 32 bits.
fn to_floats(arguments: Arguments, input: LayerOutput) -> Result<LayerOutput> {
    match arguments.get(&["dtype"]).and_then(Value::as_str) {
        Some(other) if !other.contains("float") => Err(arguments.at.not_covered("a cast to floats", other)),
        _ => Ok(input),
    }
}

fn over_channels(builder: &mut Builder, arguments: Arguments, name: &str, input: LayerOutput) -> Result<LayerOutput> {
    let last = if input.map { 3 } else { 1 };
    let axis = arguments.get(&["axis"]);
    match axis.is_none_or(|axis| [Some(-1), Some(last)].contains(&axis.as_i64())) {
        true => activation::named(builder, arguments.at, name, input),
        false => Err(arguments.at.not_covered("a softmax over the channels, axis -1", show(axis))),
    }
}

/// Bounds are further inputs, or named.
fn clip(builder: &mut Builder, arguments: Arguments, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let at = arguments.at;
    let mut operands: Vec<_> = inputs.iter().map(|input| input.value).collect();
    for names in [["x_min", "clip_value_min"], ["x_max", "clip_value_max"]] {
        if let Some(bound) = arguments.get(&names).and_then(Value::as_f64) {
            operands.push(builder.scalar(&format!("{}/bound", at.layer), bound as f32));
        }
    }
    match operands.len() {
        3 => Ok(LayerOutput { value: builder.node(at.layer, "Clip", [], &operands)?, ..inputs[0] }),
        found => Err(at.not_covered("two bounds", found - 1)),
    }
}

/// Over height and width of a map.
fn reduce(builder: &mut Builder, arguments: Arguments, inputs: &[LayerOutput], op: &str) -> Result<LayerOutput> {
    let at = arguments.at;
    let axes = arguments.get(&["axis"]);
    let list = axes.and_then(Value::as_array).map(|list| list.iter().map(Value::as_i64).collect::<Vec<_>>());
    let keep = arguments.get(&["keepdims"]).and_then(Value::as_bool).unwrap_or(false);
    match (list.as_deref(), inputs) {
        (Some([Some(1 | -3), Some(2 | -2)] | [Some(2 | -2), Some(1 | -3)]), [input]) if input.map => {
            pooling::over_pixels(builder, at, *input, op, keep)
        }
        _ => Err(at.not_covered("a reduction over height and width, axis [1, 2]", show(axes))),
    }
}
