//! Chooses where "none of these" begins.

use crate::rule::{Distance, NoneOfThese};

/// The distances of own pictures put the threshold where the stated share of them lies beyond; the width is such that a
/// picture at the median distance has the same share as its score: σ((median − threshold)/width) = share.
pub(super) fn none(distance: Distance, mut distances: Vec<f64>, share: f64) -> Option<NoneOfThese> {
    distances.retain(|d| d.is_finite());
    distances.sort_by(f64::total_cmp);
    if distances.is_empty() {
        return None;
    }
    let threshold = quantile(&distances, 1.0 - share);
    let spread = (threshold - quantile(&distances, 0.5)).max(1e-6 * threshold.abs().max(1e-6));
    Some(NoneOfThese { distance, threshold, width: spread / ((1.0 - share) / share).ln().max(1e-3) })
}

/// Linear between order statistics (type 7 of Hyndman & Fan 1996).
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    sorted[low] + (at - low as f64) * (sorted[high] - sorted[low])
}
