//! An image as a fit takes it.

/// An image as a fit takes it.
#[derive(Clone, Debug)]
pub(super) struct Sample {
    /// The logit columns of its joint label, of which any is right.
    pub target: Vec<usize>,
    /// Those that it counts for: of the head that was named for it, where one was.
    pub columns: Vec<usize>,
    pub fold: usize,
    /// φ, the numbers that the evidence holds.
    pub features: Vec<f64>,
    pub logits: Vec<f64>,
}
