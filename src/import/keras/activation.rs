//! Converts activations, as layers or as arguments of layers.

use super::builder::{Builder, LayerOutput};
use super::topology::{show, Layer};
use super::Place;
use crate::error::Result;
use crate::onnx::Attribute;
use serde_json::Value;

/// Adds the activation that a layer has as its setting: a name, a function, or a layer of its own.
pub(super) fn of_layer(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let stated = layer.config.get("activation");
    let class = stated.and_then(|stated| stated.get("class_name")).and_then(Value::as_str);
    let config = stated.and_then(|stated| stated.get("config")).cloned().unwrap_or_default();
    match (stated, class) {
        (None | Some(Value::Null), _) => Ok(input),
        (Some(Value::String(name)), _) => named(builder, at, name, input),
        (_, Some("function")) => match config.as_str() {
            Some(name) => named(builder, at, name, input),
            None => Err(at.not_covered("an activation by its name", show(stated))),
        },
        (_, Some(class)) => {
            let (class, name) = (class.to_string(), layer.name.clone());
            let inner = Layer { class, name, config, calls: Vec::new(), inner: None };
            layer_of_its_own(builder, at, &inner, input)
        }
        _ => Err(at.not_covered("an activation by its name", show(stated))),
    }
}

/// An activation that is a layer.
pub(super) fn layer_of_its_own(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    input: LayerOutput,
) -> Result<LayerOutput> {
    match layer.class.as_str() {
        "ReLU" | "LeakyReLU" => relu_layer(builder, at, layer, input),
        "ThresholdedReLU" => thresholded(builder, at, layer.number("theta", 1.0), input),
        "ELU" => {
            let alpha = [("alpha", Attribute::Float(layer.number("alpha", 1.0) as f32))];
            Ok(LayerOutput { value: builder.node(at.layer, "Elu", alpha, &[input.value])?, ..input })
        }
        "Activation" => of_layer(builder, at, layer, input),
        "Softmax" => super::layer::softmax(builder, at, layer, input),
        "PReLU" => parametric(builder, at, input),
        other => Err(at.not_covered("an activation layer of Keras", other)),
    }
}

/// A slope per channel or per element of the map.
fn parametric(builder: &mut Builder, at: Place, input: LayerOutput) -> Result<LayerOutput> {
    let weight = builder.weights.get(at, "alpha")?;
    let slope = crate::onnx::Tensor::from_f32(&weight.dims, &weight.values);
    let slope = match (weight.dims.len(), input.map) {
        (3, true) => slope.transposed(&[2, 0, 1]),
        (1, false) => slope,
        (found, _) => return Err(at.malformed("a slope per channel", format!("one of {found} axes"))),
    };
    let slope = builder.constant(&format!("{}/alpha", at.layer), slope);
    Ok(LayerOutput { value: builder.node(at.layer, "PRelu", [], &[input.value, slope])?, ..input })
}

/// x where it is above the threshold, else 0.
fn thresholded(builder: &mut Builder, at: Place, threshold: f64, input: LayerOutput) -> Result<LayerOutput> {
    let alpha = [("alpha", Attribute::Float(threshold as f32))];
    Ok(LayerOutput { value: builder.node(at.layer, "ThresholdedRelu", alpha, &[input.value])?, ..input })
}

/// 0.5 x (1 + erf(x / √2)), or 0.5 x (1 + tanh(√(2 / π) (x + 0.044715 x³))) (Hendrycks, Gimpel 2016).
pub(super) fn gelu(builder: &mut Builder, at: Place, approximate: bool, input: LayerOutput) -> Result<LayerOutput> {
    let value = builder.gelu(&format!("{}/gelu", at.layer), approximate, input.value)?;
    Ok(LayerOutput { value, ..input })
}

/// x, and slope · x below 0.
pub(super) fn leaky(builder: &mut Builder, at: Place, slope: f64, input: LayerOutput) -> Result<LayerOutput> {
    let alpha = [("alpha", Attribute::Float(slope as f32))];
    Ok(LayerOutput { value: builder.node(at.layer, "LeakyRelu", alpha, &[input.value])?, ..input })
}

/// Adds an activation by its Keras name.
pub(super) fn named(builder: &mut Builder, at: Place, name: &str, input: LayerOutput) -> Result<LayerOutput> {
    let label = format!("{}/{name}", at.layer);
    let plain = |builder: &mut Builder, op| builder.node(&label, op, [], &[input.value]);
    let value = match name {
        "linear" => input.value,
        "relu" => plain(builder, "Relu")?,
        "sigmoid" => plain(builder, "Sigmoid")?,
        "tanh" => plain(builder, "Tanh")?,
        "relu6" => clip(builder, at, input, 6.0)?,
        // Along the channels, axis 1 of maps and vectors alike.
        "softmax" => builder.node(&label, "Softmax", [("axis", Attribute::Int(1))], &[input.value])?,
        // x · σ(x) (Ramachandran et al. 2017).
        "swish" | "silu" => {
            let gate = plain(builder, "Sigmoid")?;
            builder.node(&label, "Mul", [], &[input.value, gate])?
        }
        "hardSigmoid" | "hard_sigmoid" => {
            let slope = [("alpha", Attribute::Float(builder.hard_sigmoid.slope())), ("beta", Attribute::Float(0.5))];
            builder.node(&label, "HardSigmoid", slope, &[input.value])?
        }
        // Keras 3: x · clip(x / 6 + 0.5, 0, 1).
        "hard_silu" | "hard_swish" => {
            let slope = [("alpha", Attribute::Float(1.0 / 6.0)), ("beta", Attribute::Float(0.5))];
            let gate = builder.node(&label, "HardSigmoid", slope, &[input.value])?;
            builder.node(&label, "Mul", [], &[input.value, gate])?
        }
        "elu" => plain(builder, "Elu")?,
        "selu" => plain(builder, "Selu")?,
        "softsign" => plain(builder, "Softsign")?,
        "log_softmax" => builder.node(&label, "LogSoftmax", [("axis", Attribute::Int(1))], &[input.value])?,
        "gelu" => return gelu(builder, at, false, input),
        // x · tanh(ln(1 + eˣ)) (Misra 2019).
        "mish" => {
            let gate = plain(builder, "Softplus")?;
            let gate = builder.node(&label, "Tanh", [], &[gate])?;
            builder.node(&label, "Mul", [], &[input.value, gate])?
        }
        "leaky_relu" => return leaky(builder, at, 0.2, input),
        "softplus" => plain(builder, "Softplus")?,
        "exponential" | "exp" => plain(builder, "Exp")?,
        other => {
            let known = "the activation linear, relu, relu6, leaky_relu, elu, selu, gelu, sigmoid, softmax, log_softmax, softplus, \
                         softsign, tanh, mish, exponential, swish, hard_silu or hard_sigmoid";
            return Err(at.not_covered(known, other));
        }
    };
    Ok(LayerOutput { value, ..input })
}

/// A ReLU or LeakyReLU: min(max_value, x) for x ≥ threshold, negative_slope · (x − threshold) below.
pub(super) fn relu_layer(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    // Some versions of TensorFlow.js wrote these settings in camel case.
    let number = |snake: &str, camel: &str| layer.config.get(snake).or_else(|| layer.config.get(camel))?.as_f64();
    let threshold = number("threshold", "threshold").unwrap_or(0.0);
    let is_leaky = layer.class == "LeakyReLU";
    // A LeakyReLU of Keras 2 calls its slope alpha.
    let slope = number("negative_slope", "negativeSlope").or_else(|| number("alpha", "alpha").filter(|_| is_leaky));
    let slope = slope.unwrap_or(if is_leaky { 0.3 } else { 0.0 });
    let most = number("max_value", "maxValue").map(|most| most as f32);
    let value = match (slope == 0.0, threshold == 0.0, most) {
        (true, true, Some(most)) => return Ok(LayerOutput { value: clip(builder, at, input, most)?, ..input }),
        (true, true, None) => builder.node(at.layer, "Relu", [], &[input.value])?,
        (true, false, _) => thresholded(builder, at, threshold, input)?.value,
        (false, true, _) => leaky(builder, at, slope, input)?.value,
        (false, false, _) => return Err(at.not_covered("a slope or a threshold", "both")),
    };
    let value = match most {
        None => value,
        Some(most) => {
            let most = builder.scalar(&format!("{}/max", at.layer), most);
            builder.node(at.layer, "Min", [], &[value, most])?
        }
    };
    Ok(LayerOutput { value, ..input })
}

fn clip(builder: &mut Builder, at: Place, input: LayerOutput, most: f32) -> Result<usize> {
    let low = builder.scalar(&format!("{}/min", at.layer), 0.0);
    let high = builder.scalar(&format!("{}/max", at.layer), most);
    builder.node(at.layer, "Clip", [], &[input.value, low, high])
}
