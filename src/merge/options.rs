//! The options of a merge.

use super::{Edits, Weights};
use crate::error::{ErrorKind, Result};
use crate::image::preprocess::Preprocessing;
use crate::labels::DuplicateLabels;
use crate::rule::FittedRule;
use serde::{Deserialize, Serialize};

/// The default of the smallest shared part; a merge below it is refused.
pub const MIN_SHARED: f64 = 0.10;
/// A merge below this shared part has a warning.
pub const FEW_SHARED: f64 = 0.50;
/// The default tolerance for equal weights: exporters and folded batch normalisation differ by up to 1.1e-7, another
/// base by 2e-2.
pub const TOLERANCE: f64 = 1e-5;
/// The tolerance for weights that were stored as half floats.
pub const HALF_FLOATS: f64 = 1e-3;

/// The options of a merge.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MergeOptions {
    pub duplicate_labels: DuplicateLabels,
    /// The smallest share of each model's multiply-adds that must also be in the first model, 0 to 1.
    pub min_shared: f64,
    /// The largest [`relative_difference`](crate::backbone::relative_difference) of equal weights, 0 to 1; 0 requires
    /// equal bits.
    pub tolerance: f64,
    /// The preprocessing of the merged model, if the sources disagree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<Preprocessing>,
    pub weight_format: Weights,
    pub edits: Edits,
    /// The combination rule. `None` keeps the rule of a single merged file whose labels are at most renamed or
    /// reordered, and is concat in all other cases.
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
