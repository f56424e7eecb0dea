//! The area under the ROC curve.

use super::bootstrap::{Estimate, Resamples};

/// The probability that an image of the first kind has a larger score than one of the second, ties counting half (Mann
/// & Whitney 1947): 1 is perfect separation, 0.5 is chance. `sides[i]` is whether image `i` is of the first kind;
/// `None` excludes it. `None` if a kind has no image.
pub fn auroc(scores: &[f64], sides: &[Option<bool>], resamples: &Resamples) -> Option<Estimate> {
    let mut order: Vec<(f64, bool, usize)> =
        (0..scores.len()).filter_map(|i| Some((scores[i], sides[i]?, i))).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    resamples.figure(order.len(), |drawn| area(&order, drawn))
}

/// `order` is sorted by ascending score: score, side, image.
fn area(order: &[(f64, bool, usize)], drawn: &[u8]) -> Option<f64> {
    let (mut below, mut firsts, mut wins) = (0.0, 0.0, 0.0);
    for equals in order.chunk_by(|a, b| a.0 == b.0) {
        let count = |side: bool| -> f64 { equals.iter().filter(|e| e.1 == side).map(|e| f64::from(drawn[e.2])).sum() };
        let (first, second) = (count(true), count(false));
        wins += first * (below + second / 2.0);
        below += second;
        firsts += first;
    }
    (firsts * below > 0.0).then(|| wins / (firsts * below))
}
