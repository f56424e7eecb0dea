//! Pairs the layers with constants that two graphs have at the same places of their structure, whatever the numbers.

use super::fingerprint::fingerprint;
use super::{align, relative_difference, WeightComparison};
use crate::onnx::{Graph, Tensor, ValueId};
use std::collections::HashMap;

/// One layer of two graphs.
#[derive(Clone, Debug)]
pub(super) struct LayerPair {
    /// The node in the second graph.
    pub node: usize,
    /// The constants of the first graph and those of the second one, in the same order.
    pub constants: Vec<(ValueId, ValueId)>,
}

/// Takes any two constants of one type and shape for the same weights, the more alike the better.
struct SameShape;

impl WeightComparison for SameShape {
    fn same(&self, kept: &Tensor, other: &Tensor) -> Option<f64> {
        match kept.bytes == other.bytes {
            true => Some(0.0),
            false => relative_difference(kept, other).map(|difference| difference.min(f64::MAX)),
        }
    }
}

/// The nodes of the second graph that the first one has too, in running order, with their constants.
pub(super) fn layer_pairs(first: &Graph, second: &Graph) -> Vec<LayerPair> {
    let joined = align(&[first.clone(), second.clone()], &SameShape);
    let producers = joined.graph.producers();
    let of_first: HashMap<ValueId, ValueId> = joined.places[0].iter().map(|(&own, &joined)| (joined, own)).collect();
    let place = |value| joined.places[1].get(&value).copied();
    let pair = |(at, node): (usize, &crate::onnx::Node)| {
        let twin = node.outputs.first().and_then(|&output| producers.get(&place(output)?)).copied()?;
        if !joined.members[twin].contains(&0) {
            return None;
        }
        let (_, theirs) = fingerprint(second, node, place)?;
        let (_, ours) = fingerprint(&joined.graph, &joined.graph.nodes[twin], Some)?;
        let ours = ours.iter().map(|value| of_first.get(value).copied()).collect::<Option<Vec<_>>>()?;
        Some(LayerPair { node: at, constants: ours.into_iter().zip(theirs).collect() })
    };
    second.nodes.iter().enumerate().filter_map(pair).collect()
}
