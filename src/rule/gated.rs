//! The gated rule: pools heads and evidence for the choice of the head and for the choice within it.

use super::graph_builder::Nodes;
use super::{Posterior, Scaled};
use crate::onnx::ValueId;

/// With s = log softmax(a·z + b) from the heads and q = log posterior from the evidence, each split into the head's share
/// log π_h = log Σ_{c in h} and the rest within the head:
/// log p_c = gate₀·log π_h^s + gate₁·log π_h^q + within₀·(s_c − log π_h^s) + within₁·(q_c − log π_h^q) + const.
///
/// A logarithmic opinion pool (Genest & Zidek 1986) of task-id and within-task prediction (Kim et al. 2022). gate = (0, 1),
/// within = (1, 0) is the plain gate π_h(φ) · softmax(z_h).
#[derive(Clone, Debug, PartialEq)]
pub struct Gated {
    pub scaled: Scaled,
    pub posterior: Posterior,
    /// Weights of the heads' and the evidence's word on which head; 0 or more.
    pub gate: [f64; 2],
    /// Weights of the heads' and the evidence's word on which label of the head; 0 or more.
    pub within: [f64; 2],
}

impl Gated {
    /// log p + const [N, ΣC] of s and q, both [N, ΣC].
    pub(super) fn write(&self, nodes: &mut Nodes, s: ValueId, q: ValueId, widths: &[usize]) -> ValueId {
        let weights = [("rule.gate.heads", self.gate[0]), ("rule.gate.evidence", self.gate[1])];
        let gate = weights.map(|(name, weight)| nodes.number(name, weight));
        let weights = [("rule.within.heads", self.within[0]), ("rule.within.evidence", self.within[1])];
        let within = weights.map(|(name, weight)| nodes.number(name, weight));
        let mut first = 0;
        let mut parts = Vec::with_capacity(widths.len());
        for (head, &width) in widths.iter().enumerate() {
            let [ours, theirs] = [("heads", s, 0), ("evidence", q, 1)].map(|(word, value, at)| {
                let name = format!("rule.head{head}.{word}");
                let own = nodes.columns(&name, value, first, width);
                let inside = nodes.along(&format!("{name}.within"), "LogSoftmax", &[own], width);
                let share = nodes.log_sum_exp(&format!("{name}.gate"), own, inside);
                let share = nodes.add(&format!("{name}.gate.weighted"), "Mul", &[share, gate[at]], 1);
                let inside = nodes.add(&format!("{name}.within.weighted"), "Mul", &[inside, within[at]], width);
                nodes.add(&format!("{name}.pooled"), "Add", &[inside, share], width)
            });
            parts.push(nodes.add(&format!("rule.head{head}"), "Add", &[ours, theirs], width));
            first += width;
        }
        nodes.along("rule.gated", "Concat", &parts, first)
    }
}
