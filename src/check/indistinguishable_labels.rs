//! Finds pairs of labels of different heads that images cannot distinguish.

use super::prototype_gate::Prototypes;
use super::sorted_predictions::Prepared;
use crate::statistics::{auroc, Estimate};
use serde::Serialize;

/// The minimum number of images per label for judging a pair.
pub const LEAST_IMAGES: usize = 10;

/// Two labels of different heads whose images no measured score separates.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Twins {
    pub first: String,
    pub second: String,
    /// The area under the ROC curve of images of the first label against those of the second: the best of log p₁/p₂,
    /// the difference of the logits, and the difference of the cosines with the label means.
    pub auroc: Estimate,
}

/// The pairs whose best area, up to the upper end of its interval, stays below `limit`; the least distinct pair
/// first.
pub(super) fn find(prepared: &Prepared, prototypes: Option<&Prototypes>, limit: f64) -> Vec<Twins> {
    let (checked, counts) = (prepared.checked, prepared.counts());
    let owners = &prepared.owners;
    let mut found = Vec::new();
    for first in (0..counts.len()).filter(|&l| counts[l] >= LEAST_IMAGES) {
        for second in (first + 1..counts.len()).filter(|&l| counts[l] >= LEAST_IMAGES) {
            if owners[first].iter().any(|head| owners[second].contains(head)) {
                continue;
            }
            let Some(auroc) = apart(prepared, prototypes, first, second) else { continue };
            if auroc.high < limit {
                let text = |place: usize| checked.labels[place].label.clone();
                found.push(Twins { first: text(first), second: text(second), auroc });
            }
        }
    }
    found.sort_by(|a, b| a.auroc.value.total_cmp(&b.auroc.value));
    found
}

fn apart(prepared: &Prepared, prototypes: Option<&Prototypes>, first: usize, second: usize) -> Option<Estimate> {
    let side = |label: usize| (label == first || label == second).then_some(label == first);
    let sides: Vec<Option<bool>> = prepared.images.iter().map(|p| side(p.label)).collect();
    let odds = prepared
        .probabilities
        .iter()
        .map(|p| p[first].max(f64::MIN_POSITIVE).ln() - p[second].max(f64::MIN_POSITIVE).ln());
    let logit = |label: usize| prepared.checked.members.iter().position(|&member| member == label);
    let (one, other) = (logit(first)?, logit(second)?);
    let logits = prepared.images.iter().map(|p| f64::from(p.logits[one]) - f64::from(p.logits[other]));
    let mut areas = vec![odds.collect::<Vec<f64>>(), logits.collect()];
    if let Some(prototypes) = prototypes {
        let difference = |c: &Vec<Option<f64>>| Some(c[first]? - c[second]?);
        areas.extend(prototypes.cosines.iter().map(difference).collect::<Option<Vec<f64>>>());
    }
    let areas = areas.iter().filter_map(|scores| auroc(scores, &sides, &prepared.resamples));
    areas.reduce(|best, next| if next.value > best.value { next } else { best })
}
