//! Converts activations, as layers or as arguments of layers.

use super::builder::{Builder, LayerOutput};
use super::topology::Layer;
use super::Place;
use crate::error::Result;
use crate::onnx::Attribute;

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
        "leaky_relu" => builder.node(&label, "LeakyRelu", [("alpha", Attribute::Float(0.2))], &[input.value])?,
        "softplus" => plain(builder, "Softplus")?,
        "exponential" => plain(builder, "Exp")?,
        other => {
            let known = "the activation linear, relu, relu6, leaky_relu, elu, sigmoid, softmax, softplus, tanh, exponential, swish, \
                         hard_silu or hard_sigmoid";
            return Err(at.not_covered(known, other));
        }
    };
    Ok(LayerOutput { value, ..input })
}

/// A ReLU or LeakyReLU: min(max_value, x) for x ≥ 0, negative_slope · x below.
pub(super) fn relu_layer(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    // Some versions of TensorFlow.js wrote these settings in camel case.
    let number = |snake: &str, camel: &str| layer.config.get(snake).or_else(|| layer.config.get(camel))?.as_f64();
    let threshold = number("threshold", "threshold").unwrap_or(0.0);
    if threshold != 0.0 {
        return Err(at.not_covered("a ReLU with threshold 0", threshold));
    }
    let leaky = layer.class == "LeakyReLU";
    // A LeakyReLU of Keras 2 calls its slope alpha.
    let slope = number("negative_slope", "negativeSlope").or_else(|| number("alpha", "alpha").filter(|_| leaky));
    let slope = slope.unwrap_or(if leaky { 0.3 } else { 0.0 });
    let most = number("max_value", "maxValue");
    let value = match (slope == 0.0, most) {
        (true, None) => builder.node(at.layer, "Relu", [], &[input.value])?,
        (true, Some(most)) => clip(builder, at, input, most as f32)?,
        (false, most) => {
            let alpha = [("alpha", Attribute::Float(slope as f32))];
            let leaky = builder.node(at.layer, "LeakyRelu", alpha, &[input.value])?;
            match most {
                None => leaky,
                Some(most) => {
                    let most = builder.scalar(&format!("{}/max", at.layer), most as f32);
                    builder.node(at.layer, "Min", [], &[leaky, most])?
                }
            }
        }
    };
    Ok(LayerOutput { value, ..input })
}

fn clip(builder: &mut Builder, at: Place, input: LayerOutput, most: f32) -> Result<usize> {
    let low = builder.scalar(&format!("{}/min", at.layer), 0.0);
    let high = builder.scalar(&format!("{}/max", at.layer), most);
    builder.node(at.layer, "Clip", [], &[input.value, low, high])
}
