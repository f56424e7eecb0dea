//! User options for merging, evidence and fitting.

use crate::error::{ErrorKind, Result};
use crate::evidence::Storage;
use crate::features::Pooling;
use crate::fit::{self, RuleChoice};
use crate::image::preprocess::Preprocessing;
use crate::import::WithProvenance;
use crate::labels::DuplicateLabels;
use crate::merge::{self, Edits, Weights};
use serde::{Deserialize, Serialize};

/// How models are merged; as [`merge::Options`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct MergeOptions {
    pub duplicates: DuplicateLabels,
    /// 0 to 1.
    pub min_shared: f64,
    /// 0 to 1.
    pub tolerance: f64,
    /// One for all models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<Preprocessing>,
    pub weights: Weights,
    /// Labels and their new texts.
    pub rename: Vec<(String, String)>,
    pub drop: Vec<String>,
    pub order: Vec<String>,
}

impl Default for MergeOptions {
    fn default() -> Self {
        MergeOptions {
            duplicates: DuplicateLabels::default(),
            min_shared: merge::MIN_SHARED,
            tolerance: merge::TOLERANCE,
            preprocessing: None,
            weights: Weights::default(),
            rename: Vec::new(),
            drop: Vec::new(),
            order: Vec::new(),
        }
    }
}

impl MergeOptions {
    /// # Errors
    /// `option` for numbers out of range, `preprocessing`.
    pub(super) fn read(&self) -> Result<merge::Options> {
        for (option, value) in [("minShared", self.min_shared), ("tolerance", self.tolerance)] {
            if !(0.0..=1.0).contains(&value) {
                let (option, expected, found) = (option.to_string(), "0 to 1".to_string(), value.to_string());
                return Err(ErrorKind::WorkshopOption { option, expected, found }.into());
            }
        }
        let preprocessing = self.preprocessing.clone();
        preprocessing.as_ref().map_or(Ok(()), Preprocessing::validate)?;
        let edits = Edits {
            drop: self.drop.clone(),
            rename: self.rename.clone(),
            order: self.order.clone(),
            ..Edits::default()
        };
        Ok(merge::Options {
            duplicates: self.duplicates,
            min_shared: self.min_shared,
            tolerance: self.tolerance,
            preprocessing: preprocessing.map(|value| WithProvenance { value, from: super::stated() }),
            weights: self.weights,
            edits,
            rule: None,
        })
    }
}

/// What a file of evidence holds.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EvidenceOptions {
    /// Take only the labels of this head.
    pub head: Option<String>,
    pub pools: Vec<Pooling>,
    /// 1, or 2 to 20 parts that share no image.
    pub folds: usize,
    /// By the width, if left out.
    pub storage: Option<Storage>,
}

impl Default for EvidenceOptions {
    fn default() -> Self {
        EvidenceOptions { head: None, pools: Pooling::ALL.to_vec(), folds: 1, storage: None }
    }
}

/// How a rule is fitted; as [`fit::Options`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FitOptions {
    /// `auto`, or the name of a rule.
    pub rule: String,
    pub pools: Vec<Pooling>,
    /// Above 0 and below 1.
    pub false_rejects: f64,
    pub seed: u64,
}

impl Default for FitOptions {
    fn default() -> Self {
        let fit::Options { pools, false_rejects, seed, .. } = fit::Options::default();
        FitOptions { rule: "auto".into(), pools, false_rejects, seed }
    }
}

impl FitOptions {
    /// # Errors
    /// `option` for a rule that is none.
    pub(super) fn read(&self) -> Result<fit::Options> {
        let RuleChoice(rule) = rule_choice(&self.rule)?;
        let FitOptions { pools, false_rejects, seed, .. } = self.clone();
        Ok(fit::Options { rule, pools, false_rejects, seed })
    }
}

/// A rule by its name, or the best one.
///
/// # Errors
/// `option` where there is none of this name.
pub(super) fn rule_choice(name: &str) -> Result<RuleChoice> {
    name.parse().map_err(|_| {
        let (option, found) = ("rule".to_string(), format!("'{name}'"));
        let expected = "auto, concat, scaled, gated or retrained".to_string();
        ErrorKind::WorkshopOption { option, expected, found }.into()
    })
}
