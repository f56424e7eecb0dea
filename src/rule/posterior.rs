//! What the evidence says of a picture's features: a score for each logit's label.

use crate::taps::Pool;

/// Scores from features: x = (φ − mean), divided by its length if `unit`; P = projection·x;
/// score_c = P·prototype_c + offset_c; the posterior is softmax(score).
///
/// - LDA and its diagonal form: P are whitened coordinates in the space that the label means span, prototypes the means
///   there, offset −½‖prototype‖² (times the sharpness, as the product is).
/// - cosine: `unit`, projection and prototypes so that the score is sharpness · cos(x, mean of the label).
/// - ridge and logistic: the projection is the weight matrix, the prototypes are the identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// Which sections of φ are read, in their order there.
    pub pools: Vec<Pool>,
    /// [D]
    pub mean: Vec<f32>,
    pub unit: bool,
    /// [R, D], row-major.
    pub projection: Vec<f32>,
    /// [C, R], row-major, one row a logit.
    pub prototypes: Vec<f32>,
    /// [C]
    pub offsets: Vec<f32>,
}

impl Posterior {
    /// D, R and C.
    pub fn dims(&self) -> (usize, usize, usize) {
        let (d, c) = (self.mean.len(), self.offsets.len());
        (d, self.projection.len().checked_div(d).unwrap_or(0), c)
    }
}
