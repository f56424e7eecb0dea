//! Prepares the validation data of a fit: the images that score the candidates, and their folds.

use super::candidates::{Trial, ROBUST_SHRINKAGE, SHRINKAGES};
use super::cv_scores::Rows;
use super::input::{self, LogitColumns};
use super::parameters::HeadExposure;
use super::parametric_bootstrap::{self, Fold};
use super::sums::Sums;
use super::{FitInput, FitOptions};
use crate::error::Result;
use crate::evidence::Evidence;
use crate::features::{FeatureLayout, ModelId, Pooling};
use crate::rule::Validation;

impl Validation {
    pub(super) fn heads(self) -> HeadExposure {
        match self {
            Validation::HeldOut => HeadExposure::HeldOut,
            _ => HeadExposure::Trained,
        }
    }
}

/// The prepared data of a fit.
pub(super) struct FitData {
    pub grounds: Validation,
    /// The source of final posteriors; `None` if some label has no evidence.
    pub trial: Option<Trial>,
    pub rows: Rows,
    pub pools: Vec<Pooling>,
    /// The number of images of each column, including held-out images.
    pub counts: Vec<u64>,
    /// Columns without images.
    pub missing: Vec<usize>,
}

/// The maximum number of images that are scored individually; more are added to the sums.
const JUDGED: usize = 2000;

pub(super) fn lay(material: &FitInput, options: &FitOptions, columns: &LogitColumns) -> Result<FitData> {
    let layout = match material.evidence {
        Some(evidence) => checked(material, evidence)?,
        None => material.layout.only(&options.features),
    };
    let pools = layout.pools();
    let numbers = layout.columns(material.layout).unwrap_or_default();
    let pooled = layout.only(&[Pooling::Features]).width();
    let whole = match material.evidence {
        Some(evidence) => Sums::of(evidence),
        None => Sums::zeros(columns.owners.len(), numbers.len() + columns.owners.len()),
    };
    let features: Vec<usize> = (0..numbers.len()).collect();
    let mut sums = whole.select(&features);
    let rows = |examples: &[&crate::features::LabelledExample]| input::rows(examples, columns, &numbers);
    let fresh = material.held_out.iter().chain(material.images.iter().filter(|_| material.unseen));
    let mut judged = rows(&fresh.collect::<Vec<_>>());
    let mut known = rows(&material.images.iter().filter(|_| !material.unseen).collect::<Vec<_>>());
    let grounds = match (judged.is_empty(), known.is_empty(), material.evidence) {
        (false, ..) => Validation::HeldOut,
        (true, false, _) => {
            judged = std::mem::take(&mut known);
            Validation::Seen
        }
        (true, true, Some(evidence)) if evidence.folds().len() > 1 => Validation::Folds,
        (true, true, Some(_)) => Validation::Estimate,
        (true, true, None) => Validation::Weights,
    };
    if judged.len() > JUDGED {
        known.extend(input::thinned(&mut judged, JUDGED));
    }
    input::add(&mut sums, &known);
    let mut counts: Vec<u64> = sums.counts.iter().map(|&n| n as u64).collect();
    judged.iter().flat_map(|r| &r.columns).for_each(|&c| counts[c] += 1);
    let missing: Vec<usize> = (0..counts.len()).filter(|&c| counts[c] == 0 || numbers.is_empty()).collect();
    if !missing.is_empty() {
        // Sums of some labels only give nothing to compare by.
        let grounds = if judged.is_empty() { Validation::Weights } else { grounds };
        let rows = Rows::bare(&judged, &columns.owners);
        return Ok(FitData { grounds, trial: None, rows, pools, counts, missing });
    }
    let (trial, rows) = match (grounds, material.evidence) {
        (Validation::Folds, Some(evidence)) => (
            Trial::new(&sums, &[], &[], pooled, ROBUST_SHRINKAGE),
            by_folds((evidence, &whole), &features, columns, pooled, options.seed),
        ),
        (Validation::Estimate, _) => {
            let drawn = parametric_bootstrap::draw(
                (&whole, &whole),
                columns,
                &counts,
                numbers.len(),
                Fold::Spread(5),
                options.seed,
            );
            let nothing = Sums::zeros(columns.owners.len(), numbers.len());
            let rows = Trial::new(&nothing, &drawn, &[], pooled, ROBUST_SHRINKAGE).rows(&drawn, &columns.owners, true);
            (Trial::new(&sums, &[], &[], pooled, ROBUST_SHRINKAGE), rows)
        }
        _ => {
            let trial = Trial::new(&sums, &judged, &known, pooled, SHRINKAGES);
            let rows = trial.rows(&judged, &columns.owners, true);
            (trial, rows)
        }
    };
    Ok(FitData { grounds, trial: Some(trial), rows, pools, counts, missing })
}

/// For each fold, images simulated from it, scored by the evidence of all others.
fn by_folds(
    (evidence, whole): (&Evidence, &Sums),
    features: &[usize],
    columns: &LogitColumns,
    pooled: usize,
    seed: u64,
) -> Rows {
    let mut rows = Rows::default();
    for (fold, part) in evidence.folds().iter().enumerate() {
        let own = Sums::of(part);
        let rest = whole.without(&own).select(features);
        let seed = seed.wrapping_add(fold as u64);
        let drawn =
            parametric_bootstrap::draw((&own, whole), columns, part.counts(), features.len(), Fold::Only(fold), seed);
        rows.append(Trial::new(&rest, &drawn, &[], pooled, ROBUST_SHRINKAGE).rows(&drawn, &columns.owners, false));
    }
    rows
}

/// The features of evidence in the layout of its model.
fn checked(material: &FitInput, evidence: &Evidence) -> Result<FeatureLayout> {
    let FitInput { fingerprint, heads, layout, .. } = *material;
    evidence.model().layout_in(&ModelId { fingerprint, heads, layout }, || "evidence".into())
}
