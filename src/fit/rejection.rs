//! Chooses the rejection threshold for "none of these".

use crate::rule::{Distance, Rejection};
use crate::statistics::quantile;

/// The threshold is the distance that the stated share of own images exceeds; the width makes the score of an image
/// at the median distance equal to that share: σ((median − threshold)/width) = share.
pub(super) fn none(distance: Distance, mut distances: Vec<f64>, share: f64) -> Option<Rejection> {
    distances.retain(|d| d.is_finite());
    distances.sort_by(f64::total_cmp);
    let threshold = quantile(&distances, 1.0 - share)?;
    let spread = (threshold - quantile(&distances, 0.5)?).max(1e-6 * threshold.abs().max(1e-6));
    Some(Rejection { distance, threshold, width: spread / ((1.0 - share) / share).ln().max(1e-3) })
}
