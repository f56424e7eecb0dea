//! The options of a merge.

use super::{Edits, Weights};
use crate::error::{ErrorKind, Result};
use crate::image::preprocess::Preprocessing;
use crate::image::RgbImage;
use crate::labels::DuplicateLabels;
use crate::rule::FittedRule;
use crate::shared_backbone::SharedWeights;
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

/// The backbones of a merge whose models' weights are nearly the same: drifted, or fine-tuned apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Backbones {
    /// One backbone; models with other weights are refused.
    #[default]
    Equal,
    /// Each model keeps its backbone: exact, and the work of each.
    Separate,
    /// One backbone with the mean of the models' weights: the work of one, other answers.
    #[cfg_attr(feature = "cli", value(alias = "shared-mean"))]
    Shared,
    /// One backbone with the first model's weights: the work of one, other answers of the others.
    SharedFirst,
}

impl Backbones {
    /// The weights of a shared backbone; `None` if models keep their own.
    pub(super) fn shared(self) -> Option<SharedWeights> {
        match self {
            Backbones::Equal | Backbones::Separate => None,
            Backbones::Shared => Some(SharedWeights::Mean),
            Backbones::SharedFirst => Some(SharedWeights::First),
        }
    }
}

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
    pub backbones: Backbones,
    /// The preprocessing of the merged model, if the sources disagree.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<Preprocessing>,
    pub weight_format: Weights,
    pub edits: Edits,
    /// The images on which the merged model is compared with its models; synthetic ones if empty.
    #[serde(skip)]
    pub images: Vec<RgbImage>,
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
            backbones: Backbones::default(),
            preprocessing: None,
            weight_format: Weights::default(),
            edits: Edits::default(),
            images: Vec::new(),
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
