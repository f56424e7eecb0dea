//! Rejection: the probability that an image has none of the labels.

use super::graph_builder::Nodes;
use super::Posterior;
use crate::onnx::ValueId;

/// none = σ((d − threshold) / width). 0.5 at the distance beyond which a stated share of own images is rejected.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    pub distance: Distance,
    pub threshold: f64,
    /// Above 0.
    pub width: f64,
}

/// How far an image is from what the model knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Distance {
    /// d = √max(0, ‖P‖² − 2·max_c (P·prototype_c + offset_c)): the distance to the nearest label's mean in whitened
    /// discriminant coordinates, with offset_c = −½‖prototype_c‖² (Mahalanobis distance as in Lee et al. 2018, within the
    /// span of the means).
    Evidence(Posterior),
    /// d = −log Σ exp(a·z + b) of the scaled logits, where there is no evidence (Liu et al. 2020).
    Energy,
}

impl Rejection {
    /// [N, 1] of d [N, 1].
    pub(super) fn write(&self, nodes: &mut Nodes, distance: ValueId) -> ValueId {
        let threshold = nodes.number("rule.none.threshold", self.threshold);
        let width = nodes.number("rule.none.width", self.width);
        let beyond = nodes.add("rule.none.beyond", "Sub", &[distance, threshold], 1);
        let beyond = nodes.add("rule.none.widths", "Div", &[beyond, width], 1);
        nodes.add("none_probability", "Sigmoid", &[beyond], 1)
    }
}

/// The distance [N, 1] of P [N, R]. ‖P‖² − 2·(P·m_c + offset_c) is written as ‖P − m_c‖² − excess_c, which does not take
/// large numbers from each other; by the definition of the offsets the excess is next to nothing.
pub(super) fn write_evidence(nodes: &mut Nodes, posterior: &Posterior, projected: ValueId) -> ValueId {
    let (_, r, c) = posterior.dims();
    let excess: Vec<f32> = posterior.excess().iter().map(|&k| k as f32).collect();
    let prototypes = nodes.parameter("rule.none.prototypes", &[1, c, r], &posterior.prototypes);
    let excess = nodes.parameter("rule.none.excess", &[c], &excess);
    let squares = nodes.squared_distances("rule.none.squares", projected, prototypes, (c, r));
    let squares = nodes.add("rule.none.distances", "Sub", &[squares, excess], c);
    let nearest = nodes.over_columns("rule.none.nearest", "ReduceMin", squares);
    let positive = nodes.add("rule.none.positive", "Relu", &[nearest], 1);
    nodes.add("rule.none.distance", "Sqrt", &[positive], 1)
}

/// The distance [N, 1] of scaled logits [N, ΣC].
pub(super) fn write_energy(nodes: &mut Nodes, scaled: ValueId, width: usize) -> ValueId {
    let log_softmax = nodes.along("rule.none.log_softmax", "LogSoftmax", &[scaled], width);
    let sum = nodes.log_sum_exp("rule.none.log_sum", scaled, log_softmax);
    nodes.add("rule.none.distance", "Neg", &[sum], 1)
}
