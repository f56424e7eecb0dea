//! Stores weights as 8-bit integers with a scale per output channel.

use super::weights_f16::LEAST;
use crate::onnx::{attributes, Attribute, DataType, Graph, Node, Tensor, ValueId};
use crate::rule;
use std::collections::BTreeMap;

/// The largest integer: symmetric, and zero stays zero.
const LARGEST: f32 = 127.0;

/// Replaces the large constant weights of every convolution and dense layer by integers followed by a DequantizeLinear,
/// with one scale per output channel: its largest weight / 127 (symmetric, round to nearest). Biases stay unchanged, as
/// do the rule's constants, whose sums over all features cancel.
pub(super) fn store(graph: &mut Graph) {
    let weights: BTreeMap<ValueId, usize> = graph.nodes.iter().filter_map(|node| layer_weights(graph, node)).collect();
    for (value, axis) in weights {
        let Some((integers, factors)) = graph.tensor(value).and_then(|tensor| narrow(tensor, axis)) else { continue };
        let name = graph.values[value].name.clone();
        let inputs = [("int8", integers), ("factor", factors)]
            .map(|(what, tensor)| graph.add_initializer(format!("{name}.{what}"), tensor));
        graph.compute(value, "DequantizeLinear", attributes([("axis", Attribute::Int(axis as i64))]), &inputs);
    }
    graph.prune_and_sort();
}

/// The weights of a layer, and the axis of its output channels.
pub(super) fn layer_weights(graph: &Graph, node: &Node) -> Option<(ValueId, usize)> {
    let value = node.input(1)?;
    let tensor = graph.tensor(value)?;
    let axis = match node.op.as_str() {
        "Conv" => 0,
        "Gemm" if node.int("transB", 0) != 0 => 0,
        "Gemm" => 1,
        "MatMul" if tensor.dims.len() == 2 => 1,
        _ => return None,
    };
    let ours = graph.values[value].name.starts_with(rule::PREFIX);
    (node.domain.is_empty() && !ours && tensor.len() >= LEAST).then_some((value, axis))
}

fn narrow(tensor: &Tensor, axis: usize) -> Option<(Tensor, Tensor)> {
    if tensor.dtype != DataType::Float {
        return None;
    }
    let values = tensor.f32s()?;
    let channels = *tensor.dims.get(axis)?;
    let inner: usize = tensor.dims[axis + 1..].iter().product();
    let channel = |at: usize| at / inner % channels;
    let mut factors = vec![0f32; channels];
    for (at, value) in values.iter().enumerate() {
        factors[channel(at)] = factors[channel(at)].max(value.abs() / LARGEST);
    }
    // A channel of zeros, or of numbers too small for a scale: any scale gives zeros.
    factors.iter_mut().filter(|factor| !factor.is_normal()).for_each(|factor| *factor = 1.0);
    let integers = values.iter().enumerate().map(|(at, value)| (value / factors[channel(at)]).round() as i8);
    let bytes = integers.map(|integer| integer as u8).collect();
    let integers = Tensor { dims: tensor.dims.clone(), dtype: DataType::Int8, bytes };
    Some((integers, Tensor::from_f32(&[channels], &factors)))
}
