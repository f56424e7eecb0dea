//! The scores of one image.

/// What a model says of one image.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// One number a joint label, in the order of [`Classifier::labels`](super::Classifier::labels); 0 to 1.
    pub probabilities: Vec<f32>,
    /// The logits of all heads, head after head, before any rule.
    pub logits: Vec<f32>,
    /// The numbers that the rule reads, or the pooled value at the cut; empty where the heads share none and the rule
    /// reads none.
    pub features: Vec<f32>,
    /// The sum of each head's labels, in the order of [`Classifier::heads`](super::Classifier::heads); `None` with sigmoid heads.
    pub head_probabilities: Option<Vec<f32>>,
    /// How likely none of the labels is right, where the rule says it.
    pub none_probability: Option<f32>,
}
