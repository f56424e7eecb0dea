//! The scores of one image.

/// The scores of one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// One number per merged label, in the order of [`Classifier::labels`](super::Classifier::labels); 0 to 1.
    pub probabilities: Vec<f32>,
    /// The logits of all heads, in head order, before any rule.
    pub logits: Vec<f32>,
    /// The features that the rule reads, or the pooled tensor at the cut; empty if the heads share none and the rule
    /// reads none.
    pub features: Vec<f32>,
    /// The sum of the probabilities of each head's labels, in the order of
    /// [`Classifier::heads`](super::Classifier::heads); `None` with sigmoid heads.
    pub head_probabilities: Option<Vec<f32>>,
    /// The probability that none of the labels is right, if the rule computes it.
    pub none_probability: Option<f32>,
}
