//! Gives models whose backbones are nearly the same one backbone, by replacing the weights of their layers.
//!
//! The mean of the weights of models that were fine-tuned from one base keeps what the features mean (Wortsman et al. 2022, model
//! soups). After folding, the mean of two normalisations is the mean of their scales and shifts.

use super::layer_pair::layer_pairs;
use super::{relative_difference, WeightRelation};
use crate::onnx::{Graph, Tensor, ValueId, ValueKind};
use crate::shared_backbone::SharedWeights;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Replaces the weights of the backbone of every canonical graph that is nearly the first one's, and the first one's with them;
/// the heads stay. `parts` counts the models in each graph, which weigh the mean; constants within `tolerance` count as equal.
/// Returns whether any weights were replaced.
pub fn share_weights(graphs: &mut [Graph], parts: &[usize], shared: SharedWeights, tolerance: f64) -> bool {
    // For each constant of the first graph, the constants of other graphs that have its place.
    let mut groups: BTreeMap<ValueId, BTreeSet<(usize, ValueId)>> = BTreeMap::new();
    for model in 1..graphs.len() {
        let pairs = layer_pairs(&graphs[0], &graphs[model]);
        let relation = WeightRelation::of_pairs(&graphs[0], &graphs[model], &pairs);
        for &(first, own) in pairs[..relation.backbone()].iter().flat_map(|pair| &pair.constants) {
            groups.entry(first).or_default().insert((model, own));
        }
    }
    let mut replaced = false;
    for (first, members) in groups {
        let Some(kept) = graphs[0].tensor(first).cloned() else { continue };
        let others = members.iter().filter_map(|&(model, value)| Some((parts[model], graphs[model].tensor(value)?)));
        let others: Vec<_> = others.collect();
        let apart = |other: &Tensor| relative_difference(&kept, other).is_some_and(|apart| apart > tolerance);
        if !others.iter().any(|(_, other)| apart(other)) {
            continue;
        }
        let weights = match shared {
            SharedWeights::First => kept,
            SharedWeights::Mean => match mean((parts[0], &kept), &others) {
                Some(mean) => Arc::new(mean),
                None => continue,
            },
        };
        replaced = true;
        for (model, value) in std::iter::once((0, first)).chain(members) {
            graphs[model].values[value].source = ValueKind::Initializer(weights.clone());
        }
    }
    replaced
}

/// The mean of tensors of 32-bit floats, each with its weight.
fn mean(first: (usize, &Arc<Tensor>), others: &[(usize, &Arc<Tensor>)]) -> Option<Tensor> {
    let mut sums = vec![0.0; first.1.len()];
    let mut total = 0.0;
    for &(weight, tensor) in std::iter::once(&first).chain(others) {
        let weight = weight as f64;
        total += weight;
        sums.iter_mut().zip(tensor.f32s()?).for_each(|(sum, value)| *sum += weight * f64::from(value));
    }
    let values: Vec<f32> = sums.iter().map(|sum| (sum / total) as f32).collect();
    Some(Tensor::from_f32(&first.1.dims, &values))
}
