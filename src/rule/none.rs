//! A score for pictures that belong to none of the labels.

use super::Posterior;

/// none = σ((d − threshold) / width). 0.5 at the distance beyond which a stated share of own pictures is rejected.
#[derive(Clone, Debug, PartialEq)]
pub struct NoneOfThese {
    pub distance: Distance,
    pub threshold: f64,
    /// Above 0.
    pub width: f64,
}

/// How far a picture is from what the model knows.
#[derive(Clone, Debug, PartialEq)]
pub enum Distance {
    /// d = √max(0, ‖P‖² − 2·max_c (P·prototype_c + offset_c)): the distance to the nearest label's mean in whitened
    /// discriminant coordinates, with offset_c = −½‖prototype_c‖² (Mahalanobis distance as in Lee et al. 2018, within the
    /// span of the means).
    Evidence(Posterior),
    /// d = −log Σ exp(a·z + b) of the scaled logits, where there is no evidence (Liu et al. 2020).
    Energy,
}
