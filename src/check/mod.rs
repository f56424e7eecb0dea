//! Whether the heads of a merged model can be compared, measured on labelled images.
//!
//! [`check`] takes a model's answers ([`Checked`]) and gives a [`Report`]: every head by itself, all of them together, what
//! the choice between them costs, and a [`Verdict`]. Every figure has the number of its images and a 95 % interval. The
//! order of the images changes nothing.

mod auroc;
mod bootstrap;
mod calibration;
mod confusion;
mod entropy;
mod head;
mod input;
mod joint;
mod of_rule;
mod prepared;
mod prototype;
mod quantile;
mod twins;
pub mod verdict;
mod warning;

pub use bootstrap::{Figure, Resamples, RESAMPLES, SEED};
pub(crate) use calibration::ece_equal_width;
pub use calibration::{Bin, Calibration};
pub use confusion::{Cell, Confusion, Ranked};
pub use head::{HeadReport, Separation, Sides};
pub use input::{Answer, Checked};
pub use joint::{JointReport, LabelReport, WrongHead};
pub use quantile::{quantile, Spread};
pub use twins::Twins;
pub use verdict::{Advice, Verdict};
pub use warning::Warning;

use crate::error::{ErrorKind, Result};
use crate::rule::Name;
use prepared::Prepared;
use prototype::Prototypes;
use serde::Serialize;
use verdict::Grounds;

/// Everything that was measured.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Report {
    pub model: String,
    pub rule: Name,
    pub verdict: Verdict,
    pub warnings: Vec<Warning>,
    pub images: usize,
    /// Of the draws behind the intervals.
    pub seed: u64,
    pub resamples: usize,
    pub heads: Vec<HeadReport>,
    pub joint: JointReport,
    /// Pairs of labels that mean the same.
    pub twins: Vec<Twins>,
    /// Where the rule says how likely none of the labels is right: the share of these images, which all have a label, for
    /// which it says 0.5 or more.
    pub false_reject_rate: Option<Figure>,
}

/// Measures a model's answers; `seed` draws the resamples.
///
/// # Errors
/// `no-images`; `output` where an answer has another size than the labels and heads say; `score` for a number that is
/// none.
pub fn check(checked: &Checked, seed: u64) -> Result<Report> {
    let prepared = Prepared::new(checked, seed)?;
    let prototypes = Prototypes::new(&prepared);
    let head = |head: usize| {
        let gate = prototypes.as_ref().map(|p| p.gate.iter().map(|g| g[head]).collect::<Vec<f64>>());
        HeadReport::new(&prepared, head, gate.as_deref())
    };
    let heads: Vec<HeadReport> = (0..checked.heads.len()).map(head).collect();
    let joint = JointReport::new(&prepared, prototypes.as_ref())
        .ok_or_else(|| ErrorKind::NoImages { model: checked.model.clone() })?;
    let twins = twins::find(&prepared, prototypes.as_ref(), verdict::CHANCE);
    let rejected = |p: &&Answer| p.none.map(|none| f64::from(u8::from(none >= 0.5)));
    let rejected: Vec<_> = prepared.images.iter().map(rejected).collect();
    Ok(Report {
        model: checked.model.clone(),
        rule: checked.rule,
        verdict: Grounds::new(checked.rule, checked.is_sigmoid(), &heads, &joint, &twins).verdict(),
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
