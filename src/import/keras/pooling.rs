//! Converts pooling layers.

use super::builder::{Builder, LayerOutput};
use super::topology::Layer;
use super::{layer, window, Place};
use crate::error::Result;
use crate::onnx::Attribute;

/// Max or average pooling; padding is excluded from both, as in TensorFlow.
pub(super) fn pool(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = layer::map(at, layer, input)?;
    let size = layer.pair(at, "pool_size", 2)?;
    // Keras' default stride is the window size.
    let strides = match layer.config.get("strides") {
        None | Some(serde_json::Value::Null) => size,
        Some(_) => layer.pair(at, "strides", 2)?,
    };
    let op = if layer.class == "MaxPooling2D" { "MaxPool" } else { "AveragePool" };
    let attributes = [
        ("kernel_shape", Attribute::Ints(size.to_vec())),
        ("strides", Attribute::Ints(strides.to_vec())),
        ("auto_pad", window::padding(at, layer)?),
    ];
    let value = builder.node(at.layer, op, attributes, &[input.value])?;
    Ok(LayerOutput { value, map: true })
}

/// The mean or the largest number over height and width.
pub(super) fn global(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    input: LayerOutput,
    op: &str,
) -> Result<LayerOutput> {
    let input = layer::map(at, layer, input)?;
    over_pixels(builder, at, input, op, layer.flag("keepdims", false))
}

/// A global pooling that keeps height and width as 1, or removes them.
pub(super) fn over_pixels(
    builder: &mut Builder,
    at: Place,
    input: LayerOutput,
    op: &str,
    keep: bool,
) -> Result<LayerOutput> {
    let value = builder.node(at.layer, op, [], &[input.value])?;
    if keep {
        return Ok(LayerOutput { value, map: true });
    }
    let name = format!("{}/flat", at.layer);
    let value = builder.node(&name, "Flatten", [("axis", Attribute::Int(1))], &[value])?;
    Ok(LayerOutput { value, map: false })
}
