//! The choice of the head apart from the choice within it, each pooled from the heads and the evidence.

use super::{Posterior, Scaled};

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
