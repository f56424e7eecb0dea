//! The features, logits and labels of one image for a fit.

/// The features, logits and labels of one image.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// The logit columns of its merged label, of which any is right.
    pub target: Vec<usize>,
    /// The columns that it counts for: only those of the stated head, if there is one.
    pub columns: Vec<usize>,
    pub fold: usize,
    /// φ, with the features of the evidence.
    pub features: Vec<f64>,
    pub logits: Vec<f64>,
}
