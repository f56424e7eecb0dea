//! The storage format of weights: floats, half floats, or scaled integers.

use super::tensor::chunks;
use super::{width, DataType, Graph, Node, Tensor};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The storage format of weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Weights {
    /// The sources' format if all have the same one, else 32-bit floats.
    #[default]
    Keep,
    /// 32-bit floats.
    F32,
    /// Half floats, widened when the model is loaded: half the file size, computed in 32 bits.
    F16,
    /// 8-bit integers with one scale per output channel for convolutions and dense layers, dequantised when the model
    /// is loaded: a quarter of the file size, computed in 32 bits.
    Int8,
}

impl Weights {
    /// The storage format of most of a graph's weights; never [`Keep`](Weights::Keep).
    pub fn of(graph: &Graph) -> Weights {
        let (mut wide, mut half, mut int8) = (0, 0, 0);
        for tensor in (0..graph.values.len()).filter_map(|v| graph.tensor(v)) {
            match width(tensor.dtype) {
                Some(2) if tensor.is_float() => half += tensor.len(),
                _ if tensor.is_float() => wide += tensor.len(),
                _ if tensor.dtype == DataType::Int8 => int8 += tensor.len(),
                _ => {}
            }
        }
        if half > wide + int8 {
            Weights::F16
        } else if int8 > wide + half {
            Weights::Int8
        } else {
            Weights::F32
        }
    }
}

/// The result of a DequantizeLinear of constants: (x − zero point) · scale, with one scale for all elements or one per
/// index of an axis. `None` for other nodes, and for blocked scales.
pub fn dequantized(graph: &Graph, node: &Node) -> Option<Tensor> {
    if !node.is("DequantizeLinear") || node.int("block_size", 0) != 0 {
        return None;
    }
    let zeros = graph.optional_tensor(node, 2)?;
    dequantize(graph.input_tensor(node, 0)?, graph.input_tensor(node, 1)?, zeros.map(Arc::as_ref), node.int("axis", 1))
}

/// The product of weights and a factor per index of one axis, of dimensions that are 1 along every other axis; `None` for other
/// factors.
pub fn rescaled(weights: &Tensor, factors: &Tensor) -> Option<Tensor> {
    let (mut values, numbers) = (weights.f32s()?, factors.f32s()?);
    let axis = factors.dims.iter().position(|&d| d != 1).unwrap_or(0);
    let mut expected = vec![1; weights.dims.len()];
    *expected.get_mut(axis)? = numbers.len();
    if factors.dims != expected || weights.dims[axis] != numbers.len() {
        return None;
    }
    let inner: usize = weights.dims[axis + 1..].iter().product();
    let blocks = values.chunks_mut(inner.max(1));
    for (block, factor) in blocks.zip(numbers.iter().cycle()) {
        block.iter_mut().for_each(|value| *value *= factor);
    }
    Some(Tensor::from_f32(&weights.dims, &values))
}

/// As [`dequantized`], from the node's inputs and its axis.
pub fn dequantize(quantised: &Tensor, scale: &Tensor, zeros: Option<&Tensor>, axis: i64) -> Option<Tensor> {
    let values = integers(quantised)?;
    let scales = scale.f32s()?;
    let zeros = zeros.map_or_else(|| Some(vec![0; scales.len()]), integers)?;
    if scales.len() != zeros.len() || scales.is_empty() {
        return None;
    }
    let rank = quantised.dims.len() as i64;
    let axis = usize::try_from(if axis < 0 { axis + rank } else { axis }).ok()?;
    // The number of consecutive elements per index of the axis, and the size of the axis.
    let (inner, places) = match scales.len() {
        1 => (1, 1),
        count => {
            let behind = quantised.dims.get(axis.checked_add(1)?..)?;
            (behind.iter().try_fold(1, |product: usize, &d| product.checked_mul(d))?, count)
        }
    };
    if places > 1 && quantised.dims.get(axis) != Some(&places) {
        return None;
    }
    let unpack = |(at, value): (usize, i64)| {
        let place = at / usize::max(inner, 1) % places;
        (value - zeros[place]) as f32 * scales[place]
    };
    let values: Vec<f32> = values.into_iter().enumerate().map(unpack).collect();
    Some(Tensor::from_f32(&quantised.dims, &values))
}

/// The elements of a tensor of integers of at most 32 bits, whose differences fit in 64 bits.
fn integers(tensor: &Tensor) -> Option<Vec<i64>> {
    match tensor.dtype {
        DataType::Int8 => Some(tensor.bytes.iter().map(|&b| i64::from(b as i8)).collect()),
        DataType::Uint8 => Some(tensor.bytes.iter().map(|&b| i64::from(b)).collect()),
        DataType::Int16 => Some(chunks(&tensor.bytes).map(|b| i64::from(i16::from_le_bytes(b))).collect()),
        DataType::Uint16 => Some(chunks(&tensor.bytes).map(|b| i64::from(u16::from_le_bytes(b))).collect()),
        DataType::Int32 => tensor.i64s(),
        _ => None,
    }
}
