//! Converts one layer to nodes.

use super::builder::{Builder, LayerOutput, NCHW, NHWC};
use super::topology::{show, two, Layer};
use super::{activation, normalization, pooling, window, Place};
use crate::error::Result;
use crate::onnx::{Attribute, Tensor};
use serde_json::Value;

const KNOWN: &str = "a layer of image classifiers: InputLayer, Rescaling, Normalization, ZeroPadding2D, Conv2D, DepthwiseConv2D, \
    SeparableConv2D, BatchNormalization, ReLU, LeakyReLU, Activation, Softmax, Add, Multiply, Concatenate, MaxPooling2D, \
    AveragePooling2D, GlobalAveragePooling2D, GlobalMaxPooling2D, Flatten, Reshape, Dropout, augmentation, Dense";

/// Layers that act only in training are the identity at inference. (RandomCrop is not: it crops the centre.)
const TRAINING_ONLY: [&str; 21] = [
    "InputLayer",
    "Dropout",
    "SpatialDropout2D",
    "AlphaDropout",
    "GaussianNoise",
    "GaussianDropout",
    "ActivityRegularization",
    "RandomFlip",
    "RandomRotation",
    "RandomZoom",
    "RandomTranslation",
    "RandomShear",
    "RandomPerspective",
    "RandomContrast",
    "RandomBrightness",
    "RandomSaturation",
    "RandomHue",
    "RandomColorJitter",
    "RandomGrayscale",
    "RandomErasing",
    "RandAugment",
];

/// Adds the nodes of a layer that is not a nested model.
pub(super) fn apply(builder: &mut Builder, layer: &Layer, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let at = Place { model: builder.model, layer: &layer.name };
    let one = |flows: &[LayerOutput]| match flows {
        [input] => Ok(*input),
        _ => Err(at.malformed(format!("one input for a {}", layer.class), flows.len())),
    };
    if layer.text("data_format", "channels_last") != "channels_last" {
        return Err(at.not_covered("data_format channels_last", layer.text("data_format", "")));
    }
    match layer.class.as_str() {
        identity if TRAINING_ONLY.contains(&identity) => one(inputs),
        "Rescaling" => normalization::rescaling(builder, at, layer, one(inputs)?),
        "Normalization" => normalization::normalization(builder, at, layer, one(inputs)?),
        "ZeroPadding2D" => zero_padding(builder, at, layer, one(inputs)?),
        "Conv2D" | "DepthwiseConv2D" | "SeparableConv2D" => window::convolution(builder, at, layer, one(inputs)?),
        "BatchNormalization" => normalization::batch_normalization(builder, at, layer, one(inputs)?),
        "ReLU" | "LeakyReLU" => activation::relu_layer(builder, at, layer, one(inputs)?),
        "Activation" => activation::named(builder, at, layer.text("activation", "linear"), one(inputs)?),
        "Softmax" => softmax(builder, at, layer, one(inputs)?),
        "Add" => elementwise(builder, at, layer, inputs, "Add"),
        "Multiply" => elementwise(builder, at, layer, inputs, "Mul"),
        "Concatenate" => concatenate(builder, at, layer, inputs),
        "MaxPooling2D" | "AveragePooling2D" => pooling::pool(builder, at, layer, one(inputs)?),
        "GlobalAveragePooling2D" => pooling::global(builder, at, layer, one(inputs)?, "GlobalAveragePool"),
        "GlobalMaxPooling2D" => pooling::global(builder, at, layer, one(inputs)?, "GlobalMaxPool"),
        "Flatten" => flatten(builder, at, layer, one(inputs)?),
        "Reshape" => reshape(builder, at, layer, one(inputs)?),
        "Dense" => dense(builder, at, layer, one(inputs)?),
        other => Err(at.not_covered(KNOWN, other)),
    }
}

/// Whether the input is a map, as this layer requires.
pub(super) fn map(at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    match input.map {
        true => Ok(input),
        false => Err(at.malformed(format!("a map [N, H, W, C] in front of a {}", layer.class), "a vector")),
    }
}

fn zero_padding(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = map(at, layer, input)?;
    let setting = layer.config.get("padding");
    let number = |v: &Value| v.as_i64().filter(|v| (0..=super::topology::MAX_WINDOW).contains(v));
    let sides = setting.map_or(Some([[1; 2]; 2]), |stated| two(stated, |ends| two(ends, number)));
    let Some([[top, bottom], [left, right]]) = sides else {
        return Err(at.malformed("padding [[top, bottom], [left, right]]", show(setting)));
    };
    let pads = Tensor::from_i64(&[0, 0, top, left, 0, 0, bottom, right]);
    let pads = builder.constant(&format!("{}/pads", at.layer), pads);
    let mode = Attribute::String(b"constant".to_vec());
    let value = builder.node(at.layer, "Pad", [("mode", mode)], &[input.value, pads])?;
    Ok(LayerOutput { value, map: true })
}

fn softmax(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let last = if input.map { 3 } else { 1 };
    let axis = layer.number("axis", -1.0) as i64;
    if axis != -1 && axis != last {
        return Err(at.not_covered("a softmax over the channels, axis -1", axis));
    }
    activation::named(builder, at, "softmax", input)
}

/// A binary operator on all inputs in turn; a map [N, 1, 1, C] broadcasts.
fn elementwise(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    inputs: &[LayerOutput],
    op: &str,
) -> Result<LayerOutput> {
    let first = same_kind(at, layer, inputs)?;
    let rest = inputs[1..].iter();
    let value =
        rest.clone().try_fold(first.value, |value, other| builder.node(at.layer, op, [], &[value, other.value]))?;
    Ok(LayerOutput { value, ..first })
}

/// Maps or vectors side by side along the channels.
fn concatenate(builder: &mut Builder, at: Place, layer: &Layer, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let first = same_kind(at, layer, inputs)?;
    let last = if first.map { 3 } else { 1 };
    let axis = layer.number("axis", -1.0) as i64;
    if axis != -1 && axis != last {
        return Err(at.not_covered("a concatenation of channels, axis -1", axis));
    }
    let values: Vec<_> = inputs.iter().map(|input| input.value).collect();
    let value = builder.node(at.layer, "Concat", [("axis", Attribute::Int(1))], &values)?;
    Ok(LayerOutput { value, ..first })
}

/// The first of the inputs, which are all maps or all vectors.
fn same_kind(at: Place, layer: &Layer, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let Some(first) = inputs.first() else { return Err(at.malformed("inputs", "none")) };
    match inputs.iter().all(|other| other.map == first.map) {
        true => Ok(*first),
        false => Err(at.malformed(format!("inputs of one kind for a {}", layer.class), "a map and a vector")),
    }
}

fn flatten(builder: &mut Builder, at: Place, _: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    if !input.map {
        return Ok(input);
    }
    // Keras flattens in NHWC order.
    let pixels = builder.transpose(&format!("{}/to NHWC", at.layer), input.value, &NHWC)?;
    let value = builder.node(at.layer, "Flatten", [("axis", Attribute::Int(1))], &[pixels])?;
    Ok(LayerOutput { value, map: false })
}

fn reshape(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let setting = layer.config.get("target_shape").or_else(|| layer.config.get("targetShape"));
    let number = |v: &Value| match v {
        Value::Null => Some(-1),
        v => v.as_i64().filter(|&v| v == -1 || v > 0),
    };
    let target = setting.and_then(Value::as_array).and_then(|l| l.iter().map(number).collect::<Option<Vec<i64>>>());
    let Some(target) = target.filter(|t| t.len() == 1 || t.len() == 3) else {
        return Err(at.not_covered("a target_shape [C] or [H, W, C]", show(setting)));
    };
    let mut value = input.value;
    if input.map {
        value = builder.transpose(&format!("{}/to NHWC", at.layer), value, &NHWC)?;
    }
    // 0 keeps the batch.
    let shape = Tensor::from_i64(&[&[0], target.as_slice()].concat());
    let shape = builder.constant(&format!("{}/shape", at.layer), shape);
    value = builder.node(at.layer, "Reshape", [], &[value, shape])?;
    let map = target.len() == 3;
    if map {
        value = builder.transpose(&format!("{}/to NCHW", at.layer), value, &NCHW)?;
    }
    Ok(LayerOutput { value, map })
}

fn dense(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    if input.map {
        return Err(at.not_covered("a vector in front of a Dense", "a map [N, H, W, C]"));
    }
    let ([inputs, units], kernel) = builder.weights.of_rank::<2>(at, "kernel")?;
    let kernel = Tensor::from_f32(&[inputs, units], &kernel.values);
    let mut operands = vec![input.value, builder.constant(&format!("{}/kernel", at.layer), kernel)];
    operands.extend(bias(builder, at, layer, units)?);
    let value = builder.node(at.layer, "Gemm", [], &operands)?;
    activation::named(builder, at, layer.text("activation", "linear"), LayerOutput { value, map: false })
}

/// The bias of a layer of this width, if any.
pub(super) fn bias(builder: &mut Builder, at: Place, layer: &Layer, width: usize) -> Result<Option<usize>> {
    if !layer.flag("use_bias", true) {
        return Ok(None);
    }
    let tensor = Tensor::from_f32(&[width], builder.weights.of_width(at, "bias", width)?);
    Ok(Some(builder.constant(&format!("{}/bias", at.layer), tensor)))
}
