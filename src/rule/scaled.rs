//! Scales and offsets of logits.

/// s = a_h·z_h + b: one scale a head, one offset a logit.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// For each head, above 0: one over its temperature.
    pub scale: Vec<f64>,
    /// For each logit, head after head.
    pub bias: Vec<f64>,
}

impl Scaled {
    /// Nothing changed.
    pub fn identity(heads: usize, logits: usize) -> Scaled {
        Scaled { scale: vec![1.0; heads], bias: vec![0.0; logits] }
    }
}
