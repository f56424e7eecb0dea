//! How models are merged.

use super::{Edits, Weights};
use crate::error::{ErrorKind, Result};
use crate::image::preprocess::Preprocessing;
use crate::labels::DuplicateLabels;
use crate::rule::FittedRule;
use serde::{Deserialize, Serialize};

/// Below this shared part a merge is refused, unless the caller lowers it.
pub const MIN_SHARED: f64 = 0.10;
/// Below this shared part a merge is warned about.
pub const FEW_SHARED: f64 = 0.50;
/// Weights this close are the same backbone: exporters and the folding of batch normalisation were seen to
/// differ by 1.1e-7, another base by 2e-2.
pub const TOLERANCE: f64 = 1e-5;
/// Weights that were stored as half floats are this close to what they were.
pub const HALF_FLOATS: f64 = 1e-3;

/// How a merge is done.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MergeOptions {
    pub duplicate_labels: DuplicateLabels,
    /// The least part of each model's multiply-adds that the first model must have too, 0 to 1.
    pub min_shared: f64,
    /// Up to which [`relative_difference`](crate::backbone::relative_difference) weights count as the same, 0 to 1; 0 is bit for bit.
    pub tolerance: f64,
    /// The preprocessing of the merged model, where the sources disagree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<Preprocessing>,
    pub weight_format: Weights,
    pub edits: Edits,
    /// How the heads are combined. `None` keeps the rule of a merged file that comes alone, with labels renamed or in
    /// another order at most, and is concat in all other cases.
    #[serde(skip)]
    pub rule: Option<FittedRule>,
}

impl Default for MergeOptions {
    fn default() -> Self {
        MergeOptions {
            duplicate_labels: DuplicateLabels::default(),
            min_shared: MIN_SHARED,
            tolerance: TOLERANCE,
            preprocessing: None,
            weight_format: Weights::default(),
            edits: Edits::default(),
            rule: None,
        }
    }
}

impl MergeOptions {
    /// # Errors
    /// `option` for numbers out of range; those of [`Preprocessing::validate`].
    pub(super) fn check(&self) -> Result<()> {
        for (option, value) in [("minShared", self.min_shared), ("tolerance", self.tolerance)] {
            if !(0.0..=1.0).contains(&value) {
                return Err(ErrorKind::option(option, "0 to 1", value).into());
            }
        }
        self.preprocessing.as_ref().map_or(Ok(()), Preprocessing::validate)
    }
}
