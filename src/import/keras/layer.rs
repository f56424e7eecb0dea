//! Converts one layer to nodes.

use super::builder::{Builder, LayerOutput, NCHW, NHWC};
use super::topology::{show, Layer};
use super::{activation, normalization, operation, pooling, spatial, window, Place};
use crate::error::Result;
use crate::onnx::{Attribute, Tensor};
use serde_json::Value;

const KNOWN: &str = "a layer of image classifiers: InputLayer, Rescaling, Normalization, Resizing, CenterCrop, ZeroPadding2D, \
    Cropping2D, UpSampling2D, Conv2D, DepthwiseConv2D, SeparableConv2D, Dense, normalization, activations, Add, Subtract, Multiply, \
    Average, Maximum, Minimum, Concatenate, pooling, Flatten, Reshape, Permute, Dropout, augmentation, operators";

/// Layers that act only in training are the identity at inference. (RandomCrop is not: Keras 2 resizes and crops.)
const TRAINING_ONLY: [&str; 35] = [
    "InputLayer",
    "Identity",
    "StochasticDepth",
    "AugMix",
    "CutMix",
    "MixUp",
    "RandomColorDegeneration",
    "RandomElasticTransform",
    "RandomGaussianBlur",
    "RandomInvert",
    "RandomPosterization",
    "RandomSharpness",
    "RandomHeight",
    "RandomWidth",
    "Solarization",
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
pub(super) fn apply(
    builder: &mut Builder,
    layer: &Layer,
    settings: &Value,
    inputs: &[LayerOutput],
) -> Result<LayerOutput> {
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
        "Rescaling" => keeping_sides(builder, one(inputs)?, |b, input| normalization::rescaling(b, at, layer, input)),
        "Normalization" => {
            keeping_sides(builder, one(inputs)?, |b, input| normalization::normalization(b, at, layer, input))
        }
        "Resizing" => spatial::resizing(builder, at, layer, one(inputs)?),
        "CenterCrop" => spatial::center_crop(builder, at, layer, one(inputs)?),
        "Cropping2D" => spatial::cropping(builder, at, layer, one(inputs)?),
        "UpSampling2D" => spatial::up_sampling(builder, at, layer, one(inputs)?),
        "ZeroPadding2D" => spatial::zero_padding(builder, at, layer, one(inputs)?),
        "Conv2D" | "DepthwiseConv2D" | "SeparableConv2D" => window::convolution(builder, at, layer, one(inputs)?),
        "BatchNormalization" => normalization::batch_normalization(builder, at, layer, one(inputs)?),
        "LayerNormalization" => normalization::layer_normalization(builder, at, layer, one(inputs)?),
        "GroupNormalization" => normalization::group_normalization(builder, at, layer, one(inputs)?),
        "UnitNormalization" => normalization::unit_normalization(builder, at, layer, one(inputs)?),
        "LayerScale" => normalization::layer_scale(builder, at, one(inputs)?),
        "ReLU" | "LeakyReLU" | "ThresholdedReLU" | "ELU" | "PReLU" | "Activation" | "Softmax" if inputs.len() == 1 => {
            activation::layer_of_its_own(builder, at, layer, inputs[0])
        }
        "Average" => average(builder, at, layer, inputs),
        "CustomScaleLayer" => scaled_sum(builder, at, layer, inputs),
        "Concatenate" => concatenate(builder, at, layer, inputs),
        "MaxPooling2D" | "AveragePooling2D" => pooling::pool(builder, at, layer, one(inputs)?),
        "GlobalAveragePooling2D" => pooling::global(builder, at, layer, one(inputs)?, "GlobalAveragePool"),
        "GlobalMaxPooling2D" => pooling::global(builder, at, layer, one(inputs)?, "GlobalMaxPool"),
        "Flatten" => flatten(builder, at, layer, one(inputs)?),
        "Reshape" if layer.config.get("target_shape").or_else(|| layer.config.get("targetShape")).is_some() => {
            reshape(builder, at, layer, one(inputs)?)
        }
        "Permute" => permute(builder, at, layer, one(inputs)?),
        "Dense" => dense(builder, at, layer, one(inputs)?),
        other => match operation::apply(builder, at, layer, settings, inputs) {
            Some(result) => result,
            None if other == "TFOpLambda" => Err(at.not_covered(KNOWN, layer.text("function", other))),
            None => Err(at.not_covered(KNOWN, other)),
        },
    }
}

/// Whether the input is a map, as this layer requires.
pub(super) fn map(at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    match input.map {
        true => Ok(input),
        false => Err(at.malformed(format!("a map [N, H, W, C] in front of a {}", layer.class), "a vector")),
    }
}

pub(super) fn softmax(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let last = if input.map { 3 } else { 1 };
    // Later versions of Keras allow a list of axes.
    let axis = layer.config.get("axis").filter(|axis| !axis.is_null());
    if axis.is_some_and(|axis| axis.as_i64() != Some(-1) && axis.as_i64() != Some(last)) {
        return Err(at.not_covered("a softmax over the channels, axis -1", show(axis)));
    }
    activation::named(builder, at, "softmax", input)
}

/// A layer whose output has the height and width of its input.
fn keeping_sides(
    builder: &mut Builder,
    input: LayerOutput,
    apply: impl Fn(&mut Builder, LayerOutput) -> Result<LayerOutput>,
) -> Result<LayerOutput> {
    let output = apply(builder, input)?;
    let sides = builder.sides.get(&input.value).copied();
    builder.sides.extend(sides.map(|sides| (output.value, sides)));
    Ok(output)
}

fn average(builder: &mut Builder, at: Place, layer: &Layer, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let sum = elementwise(builder, at, layer, inputs, "Add")?;
    let share = builder.scalar(&format!("{}/share", at.layer), 1.0 / inputs.len() as f32);
    Ok(LayerOutput { value: builder.node(at.layer, "Mul", [], &[sum.value, share])?, ..sum })
}

/// x + scale · y, in the residuals of InceptionResNetV2.
fn scaled_sum(builder: &mut Builder, at: Place, layer: &Layer, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let [x, y] = inputs else { return Err(at.malformed("two inputs", inputs.len())) };
    let scale = builder.scalar(&format!("{}/scale", at.layer), layer.number("scale", 1.0) as f32);
    let value = builder.node(&format!("{}/mul", at.layer), "Mul", [], &[y.value, scale])?;
    elementwise(builder, at, layer, &[*x, LayerOutput { value, ..*y }], "Add")
}

/// A binary operator on all inputs in turn; a map [N, 1, 1, C] broadcasts.
pub(super) fn elementwise(
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

/// Reorders the axes of a map behind the batch, counted from 1.
fn permute(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = map(at, layer, input)?;
    let setting = layer.config.get("dims");
    let order = setting.and_then(Value::as_array).map(|list| list.iter().map(Value::as_u64).collect::<Vec<_>>());
    let Some(&[Some(a), Some(b), Some(c)]) = order.as_deref() else {
        return Err(at.malformed("the order of three axes", show(setting)));
    };
    let axes = [a, b, c].map(|axis| axis as usize);
    let mut sorted = axes;
    sorted.sort_unstable();
    if sorted != [1, 2, 3] {
        return Err(at.malformed("each of the axes 1, 2 and 3", show(setting)));
    }
    let value = builder.transpose(&format!("{}/to NHWC", at.layer), input.value, &NHWC)?;
    let value = builder.transpose(at.layer, value, &[0, axes[0], axes[1], axes[2]])?;
    Ok(LayerOutput { value: builder.transpose(&format!("{}/to NCHW", at.layer), value, &NCHW)?, map: true })
}

/// On a map, the layer acts on the channels of each pixel.
fn dense(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let ([inputs, units], kernel) = builder.weights.of_rank::<2>(at, "kernel")?;
    let mut kernel = Tensor::from_f32(&[inputs, units], &kernel.values);
    if input.map {
        kernel = kernel.transposed(&[1, 0]);
        kernel.dims = vec![units, inputs, 1, 1];
    }
    let mut operands = vec![input.value, builder.constant(&format!("{}/kernel", at.layer), kernel)];
    operands.extend(bias(builder, at, layer, units)?);
    let value = builder.node(at.layer, if input.map { "Conv" } else { "Gemm" }, [], &operands)?;
    activation::of_layer(builder, at, layer, LayerOutput { value, ..input })
}

/// The bias of a layer of this width, if any.
pub(super) fn bias(builder: &mut Builder, at: Place, layer: &Layer, width: usize) -> Result<Option<usize>> {
    if !layer.flag("use_bias", true) {
        return Ok(None);
    }
    let tensor = Tensor::from_f32(&[width], builder.weights.of_width(at, "bias", width)?);
    Ok(Some(builder.constant(&format!("{}/bias", at.layer), tensor)))
}
