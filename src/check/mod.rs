//! Measures on labelled images whether the heads of a merged model are comparable.
//!
//! [`check`] takes a model's [`Predictions`] and returns a [`Report`]: figures for every head, for all heads
//! together, and for the cost of the choice between them, and a [`Verdict`]. Every figure has its number of images
//! and a 95 % interval. The order of the images does not matter.
//!
#![doc = include_str!("README.md")]

mod comparison;
mod confusion;
mod head_report;
mod indistinguishable_labels;
mod joint_report;
mod predictions;
mod prototype_gate;
mod reason;
mod rule_predictions;
mod sorted_predictions;
pub mod verdict;
mod warning;

pub use comparison::Comparison;
pub use confusion::{Cell, Confused, Confusion};
pub use head_report::{HeadReport, OwnVsOther, Separation};
pub use indistinguishable_labels::Twins;
pub use joint_report::{JointReport, LabelReport, WrongHead};
pub use predictions::{Prediction, Predictions};
pub use reason::{HeadChoice, Reason};
pub use verdict::{Recommendation, Verdict};
pub use warning::Warning;

use crate::error::{ErrorKind, Result};
use crate::rule::RuleKind;
use crate::statistics::{Estimate, RESAMPLES};
use prototype_gate::Prototypes;
use serde::Serialize;
use sorted_predictions::Prepared;
use verdict::VerdictInputs;

/// All results of a check.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    pub model: String,
    pub rule: RuleKind,
    pub verdict: Verdict,
    pub warnings: Vec<Warning>,
    pub images: usize,
    /// The seed of the resamples for the intervals.
    pub seed: u64,
    pub resamples: usize,
    pub heads: Vec<HeadReport>,
    pub joint: JointReport,
    /// Pairs of labels that mean the same.
    pub twins: Vec<Twins>,
    /// The share of the images, which all have a label, for which the rule gives "none of the labels" a probability
    /// of 0.5 or more; `None` if the rule does not compute it.
    pub false_reject_rate: Option<Estimate>,
}

/// Measures a model's predictions; `seed` is the seed of the resamples.
///
/// # Errors
/// `no-images`; `output` if a prediction does not match the number of labels and heads; `score` for a number that is
/// not finite.
pub fn check(checked: &Predictions, seed: u64) -> Result<Report> {
    let prepared = Prepared::new(checked, seed)?;
    let prototypes = Prototypes::new(&prepared);
    let head = |head: usize| {
        let gate = prototypes.as_ref().map(|p| p.gate.iter().map(|g| g[head]).collect::<Vec<f64>>());
        HeadReport::new(&prepared, head, gate.as_deref())
    };
    let heads: Vec<HeadReport> = (0..checked.heads.len()).map(head).collect();
    let joint = JointReport::new(&prepared, prototypes.as_ref())
        .ok_or_else(|| ErrorKind::NoImages { model: checked.model.clone() })?;
    let twins = indistinguishable_labels::find(&prepared, prototypes.as_ref(), verdict::CHANCE);
    let rejected = |p: &&Prediction| p.none.map(|none| f64::from(u8::from(none >= 0.5)));
    let rejected: Vec<_> = prepared.images.iter().map(rejected).collect();
    Ok(Report {
        model: checked.model.clone(),
        rule: checked.rule,
        verdict: VerdictInputs::new(checked.rule, checked.is_sigmoid(), &heads, &joint, &twins).verdict(),
        warnings: warning::find(&heads, &joint, checked.is_sigmoid()),
        images: checked.images.len(),
        seed,
        resamples: RESAMPLES,
        false_reject_rate: prepared.resamples.mean(&rejected),
        heads,
        joint,
        twins,
    })
}
