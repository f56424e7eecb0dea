//! Converts convolutions: Keras kernels [height, width, in, out] to ONNX filters [out, in / group, height, width].

use super::builder::{Builder, LayerOutput};
use super::topology::Layer;
use super::{activation, layer, Place};
use crate::error::Result;
use crate::onnx::{Attribute, Tensor, ValueId};

pub(super) fn convolution(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = layer::map(at, layer, input)?;
    let value = match layer.class.as_str() {
        "Conv2D" => {
            let ([height, width, inputs, outputs], kernel) = builder.weights.of_rank::<4>(at, "kernel")?;
            let filters = Tensor::from_f32(&[height, width, inputs, outputs], &kernel.values).transposed(&[3, 2, 0, 1]);
            let filters = builder.constant(&format!("{}/kernel", at.layer), filters);
            // Keras counts all input channels elsewhere; the kernel has those of one group.
            let groups = layer.number("groups", 1.0).max(1.0) as i64;
            let bias = layer::bias(builder, at, layer, outputs)?;
            node(builder, at, layer, input.value, filters, bias, groups)?
        }
        "DepthwiseConv2D" => {
            let (filters, outputs, inputs) = depthwise(builder, at)?;
            let bias = layer::bias(builder, at, layer, outputs)?;
            node(builder, at, layer, input.value, filters, bias, inputs as i64)?
        }
        _ => {
            let (filters, middle, inputs) = depthwise(builder, at)?;
            let value = node(builder, at, layer, input.value, filters, None, inputs as i64)?;
            let ([height, width, found, outputs], kernel) = builder.weights.of_rank::<4>(at, "pointwise_kernel")?;
            if [height, width, found] != [1, 1, middle] {
                let dims = format!("{:?}", kernel.dims);
                return Err(at.malformed(format!("'pointwise_kernel' of 1 × 1 × {middle}"), dims));
            }
            let filters = Tensor::from_f32(&[1, 1, middle, outputs], &kernel.values).transposed(&[3, 2, 0, 1]);
            let filters = builder.constant(&format!("{}/pointwise_kernel", at.layer), filters);
            let mut operands = vec![value, filters];
            operands.extend(layer::bias(builder, at, layer, outputs)?);
            builder.node(at.layer, "Conv", [("group", Attribute::Int(1))], &operands)?
        }
    };
    activation::of_layer(builder, at, layer, LayerOutput { value, map: true })
}

/// The filters of a depthwise kernel [height, width, in, multiplier], their number, and the number of input channels.
/// Output channel c · multiplier + m reads input channel c in both conventions.
fn depthwise(builder: &mut Builder, at: Place) -> Result<(ValueId, usize, usize)> {
    let ([height, width, inputs, multiplier], kernel) = builder.weights.of_rank::<4>(at, "depthwise_kernel")?;
    let kernel = Tensor::from_f32(&[height, width, inputs, multiplier], &kernel.values);
    let mut filters = kernel.transposed(&[2, 3, 0, 1]);
    let outputs = inputs * multiplier;
    filters.dims = vec![outputs, 1, height, width];
    Ok((builder.constant(&format!("{}/depthwise_kernel", at.layer), filters), outputs, inputs))
}

fn node(
    builder: &mut Builder,
    at: Place,
    layer: &Layer,
    input: ValueId,
    filters: ValueId,
    bias: Option<ValueId>,
    groups: i64,
) -> Result<ValueId> {
    let ints = |pair: [i64; 2]| Attribute::Ints(pair.to_vec());
    let strides = ints(layer.pair(at, "strides", 1)?);
    let dilations = ints(layer.pair(at, "dilation_rate", 1)?);
    let attributes = [
        ("strides", strides),
        ("dilations", dilations),
        ("auto_pad", padding(at, layer)?),
        ("group", Attribute::Int(groups)),
    ];
    let operands: Vec<_> = [Some(input), Some(filters), bias].into_iter().flatten().collect();
    builder.node(at.layer, "Conv", attributes, &operands)
}

/// TensorFlow puts the odd pixel of "same" padding below and right, as SAME_UPPER does.
pub(super) fn padding(at: Place, layer: &Layer) -> Result<Attribute> {
    match layer.text("padding", "valid") {
        "valid" => Ok(Attribute::String(b"VALID".to_vec())),
        "same" => Ok(Attribute::String(b"SAME_UPPER".to_vec())),
        other => Err(at.malformed("padding same or valid", other)),
    }
}
