//! Converts the layers that scale numbers: Rescaling, Normalization, BatchNormalization.

use super::builder::{Builder, LayerOutput};
use super::topology::{show, Layer};
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
    of_channels(at, layer, input)?;
    if layer.flag("invert", false) {
        return Err(at.not_covered("a normalization that is not inverted", "invert"));
    }
    let part = |key: &str| match layer.config.get(key) {
        None | Some(Value::Null) => builder.weights.get(at, key).map(|weight| weight.values.clone()),
        Some(stated) => floats(stated).ok_or_else(|| at.malformed(format!("{key} of numbers"), show(Some(stated)))),
    };
    let (mean, variance) = (part("mean")?, part("variance")?);
    let scale: Vec<f32> = variance.iter().map(|variance| 1.0 / variance.sqrt().max(1e-7)).collect();
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

/// An operation with one number, or one per channel.
fn per_channel(
    builder: &mut Builder,
    at: Place,
    (part, op): (&str, &str),
    input: LayerOutput,
    numbers: &[f32],
) -> Result<ValueId> {
    let channels = numbers.len();
    let dims = match (channels, input.map) {
        (0, _) => return Err(at.malformed(format!("numbers in '{part}'"), "none")),
        (1, _) => vec![],
        (_, true) => vec![1, channels, 1, 1],
        (_, false) => vec![1, channels],
    };
    let constant = builder.constant(&format!("{}/{part}", at.layer), Tensor::from_f32(&dims, numbers));
    builder.node(&format!("{}/{}", at.layer, op.to_lowercase()), op, [], &[input.value, constant])
}

/// One number, or a list of them, which Keras nests for broadcasting.
fn floats(value: &Value) -> Option<Vec<f32>> {
    match value {
        Value::Array(list) => Some(list.iter().map(floats).collect::<Option<Vec<_>>>()?.concat()),
        // Keras 3 writes constants as {"class_name": "__numpy__", "config": {"value": …}}.
        Value::Object(_) => floats(value.pointer("/config/value")?),
        number => Some(vec![number.as_f64()? as f32]),
    }
}
