//! Stores weights that are other weights times a factor per output channel as those weights and the factors.
//!
//! Batch normalisation that moved while a head was trained leaves such weights, once it is folded into the convolution before it.

use super::weights_int8::layer_weights;
use crate::onnx::{Attributes, DataType, Graph, Tensor, ValueId};
use std::collections::BTreeMap;

/// Two folded weights w·s and w·t were each rounded twice; a factor between them is rounded once more, and so is its product.
const ROUNDING: f64 = 1e-6;
/// Numbers this small beside the largest of their channel have lost their digits before they were compared.
const NEGLIGIBLE: f64 = 1e-8;

/// Replaces the weights of every convolution and dense layer that are those of an earlier layer, or those times a factor per
/// output channel, up to the rounding of 32-bit floats, by the earlier layer's weights, or a Mul of them and the factors.
pub(super) fn store(graph: &mut Graph) {
    let mut seen = BTreeMap::new();
    let weights = graph.nodes.iter().filter_map(|node| layer_weights(graph, node));
    // In the order of the layers; the first one keeps its weights.
    let weights: Vec<(ValueId, usize)> = weights.filter(|&(value, axis)| seen.insert(value, axis).is_none()).collect();
    let mut kept: BTreeMap<Vec<usize>, Vec<(ValueId, usize)>> = BTreeMap::new();
    for (value, axis) in weights {
        let Some(tensor) = graph.tensor(value).cloned().filter(|tensor| tensor.dtype == DataType::Float) else {
            continue;
        };
        let alike = kept.entry(tensor.dims.clone()).or_default();
        let found = alike
            .iter()
            .filter(|(_, other)| *other == axis)
            .find_map(|&(first, _)| Some((first, factors(graph.tensor(first)?, &tensor, axis)?)));
        let Some((first, factors)) = found else {
            alike.push((value, axis));
            continue;
        };
        if graph.tensor(first).is_some_and(|kept| kept.bytes == tensor.bytes) {
            graph.replace_uses(value, first);
            continue;
        }
        let name = format!("{}.factor", graph.values[value].name);
        let factors = graph.add_initializer(name, factors);
        graph.compute(value, "Mul", Attributes::new(), &[first, factors]);
    }
    graph.prune_and_sort();
}

/// The factor of each index of `axis`, of the dimensions that broadcast to those of the tensors; `None` if a factor does not
/// explain every number.
fn factors(first: &Tensor, other: &Tensor, axis: usize) -> Option<Tensor> {
    let (a, b) = (first.f32s()?, other.f32s()?);
    let channels = *first.dims.get(axis)?;
    let inner: usize = first.dims[axis + 1..].iter().product();
    let outer = a.len().checked_div(channels * inner)?;
    let mut factors = Vec::with_capacity(channels);
    for channel in 0..channels {
        let of_channel = |all: &'_ [f32]| -> Vec<f64> {
            let blocks = (0..outer).flat_map(|block| {
                let first = (block * channels + channel) * inner;
                all[first..first + inner].iter().copied()
            });
            blocks.map(f64::from).collect()
        };
        let (a, b) = (of_channel(&a), of_channel(&b));
        let (ab, aa) = a.iter().zip(&b).fold((0.0, 0.0), |(ab, aa), (a, b)| (ab + a * b, aa + a * a));
        // Least squares.
        let factor = if aa > 0.0 { (ab / aa) as f32 } else { 1.0 };
        let largest = b.iter().fold(0.0f64, |most, b| most.max(b.abs()));
        let explained = |(a, b): (&f64, &f64)| {
            let apart = (f64::from(*a as f32 * factor) - b).abs();
            apart <= ROUNDING * b.abs() + NEGLIGIBLE * largest
        };
        if !factor.is_finite() || !a.iter().zip(&b).all(explained) {
            return None;
        }
        factors.push(factor);
    }
    let mut dims = vec![1; first.dims.len()];
    dims[axis] = channels;
    Some(Tensor::from_f32(&dims, &factors))
}
