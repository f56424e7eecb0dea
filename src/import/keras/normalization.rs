//! Converts the layers that scale numbers: Rescaling, Normalization, BatchNormalization and the like.

use super::builder::{Builder, LayerOutput};
use super::topology::{floats, show, Layer};
use super::Place;
use crate::error::Result;
use crate::onnx::{Attribute, Tensor, ValueId};
use serde_json::Value;

/// x · scale + offset, each one number or one per channel.
pub(super) fn rescaling(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let numbers = |key: &str, default: f32| match layer.config.get(key) {
        None | Some(Value::Null) => Ok(vec![default]),
        Some(stated) => floats(stated).ok_or_else(|| at.not_covered(format!("{key} of numbers"), show(Some(stated)))),
    };
    let (scale, offset) = (numbers("scale", 1.0)?, numbers("offset", 0.0)?);
    let scaled = per_channel(builder, at, ("scale", "Mul"), input, &scale)?;
    let value = match offset.iter().all(|&offset| offset == 0.0) {
        true => scaled,
        false => per_channel(builder, at, ("offset", "Add"), LayerOutput { value: scaled, ..input }, &offset)?,
    };
    Ok(LayerOutput { value, ..input })
}

/// (x − mean) / max(√variance, 1e-7), per channel or, without an axis, with one mean and variance.
pub(super) fn normalization(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    input: LayerOutput,
) -> Result<LayerOutput> {
    if layer.config.get("axis").is_some_and(|axis| axis.as_array().is_none_or(|list| !list.is_empty())) {
        of_channels(at, layer, input)?;
    }
    let part = |key: &str| match layer.config.get(key) {
        None | Some(Value::Null) => builder.weights.get(at, key).map(|weight| weight.values.clone()),
        Some(stated) => floats(stated).ok_or_else(|| at.malformed(format!("{key} of numbers"), show(Some(stated)))),
    };
    let (mean, variance) = (part("mean")?, part("variance")?);
    let deviation = variance.iter().map(|variance| variance.sqrt().max(1e-7));
    if layer.flag("invert", false) {
        // mean + x · √variance
        let scale: Vec<f32> = deviation.collect();
        let value = per_channel(builder, at, ("scale", "Mul"), input, &scale)?;
        let value = per_channel(builder, at, ("mean", "Add"), LayerOutput { value, ..input }, &mean)?;
        return Ok(LayerOutput { value, ..input });
    }
    let scale: Vec<f32> = deviation.map(|deviation| 1.0 / deviation).collect();
    let mean: Vec<f32> = mean.iter().map(|mean| -mean).collect();
    let value = per_channel(builder, at, ("mean", "Add"), input, &mean)?;
    let value = per_channel(builder, at, ("scale", "Mul"), LayerOutput { value, ..input }, &scale)?;
    Ok(LayerOutput { value, ..input })
}

/// γ (x − μ) / √(σ² + ε) + β per channel.
pub(super) fn batch_normalization(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    input: LayerOutput,
) -> Result<LayerOutput> {
    of_channels(at, layer, input)?;
    let ([channels], _) = builder.weights.of_rank::<1>(at, "moving_mean")?;
    let mut inputs = vec![input.value];
    let (scale, center) = (layer.flag("scale", true), layer.flag("center", true));
    for (part, stored, default) in
        [("gamma", scale, 1.0), ("beta", center, 0.0), ("moving_mean", true, 0.0), ("moving_variance", true, 1.0)]
    {
        let values = match stored {
            true => builder.weights.of_width(at, part, channels)?,
            false => &vec![default; channels],
        };
        inputs.push(builder.constant(&format!("{}/{part}", at.layer), Tensor::from_f32(&[channels], values)));
    }
    let epsilon = Attribute::Float(layer.number("epsilon", 1e-3) as f32);
    let value = builder.node(at.layer, "BatchNormalization", [("epsilon", epsilon)], &inputs)?;
    Ok(LayerOutput { value, ..input })
}

/// γ (x − μ) / √(σ² + ε) + β, with mean and variance over the channels of a pixel (Ba, Kiros, Hinton 2016).
pub(super) fn layer_normalization(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    input: LayerOutput,
) -> Result<LayerOutput> {
    of_channels(at, layer, input)?;
    if layer.flag("rms_scaling", false) {
        return Err(at.not_covered("a layer normalization with a mean", "rms_scaling"));
    }
    let channels = |builder: &mut Builder, value| {
        let attributes = [("axes", Attribute::Ints(vec![1])), ("keepdims", Attribute::Int(1))];
        builder.node(&format!("{}/mean", at.layer), "ReduceMean", attributes, &[value])
    };
    let mean = channels(builder, input.value)?;
    let centred = builder.node(&format!("{}/sub", at.layer), "Sub", [], &[input.value, mean])?;
    let square = builder.node(&format!("{}/square", at.layer), "Mul", [], &[centred, centred])?;
    let variance = channels(builder, square)?;
    let epsilon = builder.scalar(&format!("{}/epsilon", at.layer), layer.number("epsilon", 1e-3) as f32);
    let variance = builder.node(&format!("{}/add", at.layer), "Add", [], &[variance, epsilon])?;
    let deviation = builder.node(&format!("{}/sqrt", at.layer), "Sqrt", [], &[variance])?;
    let value = builder.node(&format!("{}/div", at.layer), "Div", [], &[centred, deviation])?;
    scale_and_center(builder, at, layer, LayerOutput { value, ..input })
}

/// As a layer normalization, over each group of channels of all pixels (Wu, He 2018).
pub(super) fn group_normalization(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    input: LayerOutput,
) -> Result<LayerOutput> {
    of_channels(at, layer, input)?;
    let input = super::layer::map(at, layer, input)?;
    let channels = builder.weights.of_rank::<1>(at, if layer.flag("scale", true) { "gamma" } else { "beta" })?.0[0];
    // −1 is one group per channel.
    let groups = match layer.number("groups", 32.0) as i64 {
        -1 => channels as i64,
        groups => groups,
    };
    if groups < 1 || channels as i64 % groups != 0 {
        return Err(at.malformed(format!("groups of {channels} channels"), groups));
    }
    let shape = builder.node(&format!("{}/shape", at.layer), "Shape", [], &[input.value])?;
    let grouped = builder.constant(&format!("{}/groups", at.layer), Tensor::from_i64(&[0, groups, -1]));
    let value = builder.node(&format!("{}/grouped", at.layer), "Reshape", [], &[input.value, grouped])?;
    let [one, zero] = [1.0, 0.0].map(|number| Tensor::from_f32(&[groups as usize], &vec![number; groups as usize]));
    let (one, zero) = (builder.constant("one", one), builder.constant("zero", zero));
    let epsilon = Attribute::Float(layer.number("epsilon", 1e-3) as f32);
    let value = builder.node(at.layer, "InstanceNormalization", [("epsilon", epsilon)], &[value, one, zero])?;
    let value = builder.node(&format!("{}/whole", at.layer), "Reshape", [], &[value, shape])?;
    scale_and_center(builder, at, layer, LayerOutput { value, ..input })
}

/// x / max(‖x‖, 1e-6) over the channels.
pub(super) fn unit_normalization(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    input: LayerOutput,
) -> Result<LayerOutput> {
    of_channels(at, layer, input)?;
    let attributes = [("axes", Attribute::Ints(vec![1])), ("keepdims", Attribute::Int(1))];
    let norm = builder.node(&format!("{}/norm", at.layer), "ReduceL2", attributes, &[input.value])?;
    let least = builder.scalar(&format!("{}/least", at.layer), 1e-6);
    let norm = builder.node(&format!("{}/max", at.layer), "Max", [], &[norm, least])?;
    Ok(LayerOutput { value: builder.node(at.layer, "Div", [], &[input.value, norm])?, ..input })
}

/// The factor per channel of ConvNeXt's residuals.
pub(super) fn layer_scale(builder: &mut Builder, at: Place, input: LayerOutput) -> Result<LayerOutput> {
    // Keras 3 calls it a variable.
    let part = if builder.weights.get(at, "gamma").is_ok() { "gamma" } else { "variable" };
    let factors = builder.weights.of_rank::<1>(at, part)?.1.values.clone();
    Ok(LayerOutput { value: per_channel(builder, at, ("gamma", "Mul"), input, &factors)?, ..input })
}

/// γ x + β, each if the layer has it.
fn scale_and_center(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let mut value = input.value;
    for (part, flag, op) in [("gamma", "scale", "Mul"), ("beta", "center", "Add")] {
        if layer.flag(flag, true) {
            let numbers = builder.weights.of_rank::<1>(at, part)?.1.values.clone();
            value = per_channel(builder, at, (part, op), LayerOutput { value, ..input }, &numbers)?;
        }
    }
    Ok(LayerOutput { value, ..input })
}

/// Checks that a layer normalises the channels.
fn of_channels(at: Place, layer: &Layer, input: LayerOutput) -> Result<()> {
    let last = if input.map { 3 } else { 1 };
    let stated = layer.config.get("axis");
    let axis = match stated {
        // Later versions of Keras write the axis as a list with one element.
        Some(Value::Array(list)) if list.len() == 1 => list[0].as_i64(),
        None | Some(Value::Null) => Some(-1),
        Some(axis) => axis.as_i64(),
    };
    match axis == Some(-1) || axis == Some(last) {
        true => Ok(()),
        false => Err(at.not_covered("normalised channels, axis -1", show(stated))),
    }
}

/// One number, or one per channel, that broadcasts to a map or vector.
pub(super) fn constant(builder: &mut Builder, at: Place, part: &str, numbers: &[f32], map: bool) -> LayerOutput {
    let dims = match (numbers.len(), map) {
        (1, _) => vec![],
        (channels, true) => vec![1, channels, 1, 1],
        (channels, false) => vec![1, channels],
    };
    let value = builder.constant(&format!("{}/{part}", at.layer), Tensor::from_f32(&dims, numbers));
    LayerOutput { value, map }
}

/// An operation with one number, or one per channel.
pub(super) fn per_channel(
    builder: &mut Builder,
    at: Place,
    (part, op): (&str, &str),
    input: LayerOutput,
    numbers: &[f32],
) -> Result<ValueId> {
    if numbers.is_empty() {
        return Err(at.malformed(format!("numbers in '{part}'"), "none"));
    }
    let constant = constant(builder, at, part, numbers, input.map).value;
    builder.node(&format!("{}/{}", at.layer, op.to_lowercase()), op, [], &[input.value, constant])
}
