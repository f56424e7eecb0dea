//! The metadata of a rule: kind, main parameters, training data, measured figures.

use super::{Caution, RuleKind};
use crate::features::Pooling;
use crate::labels::HeadLabels;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The value of `polyhead.rule`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct RuleRecord {
    pub name: RuleKind,
    /// The scalar parameters; matrices are in the graph.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[cfg_attr(all(target_arch = "wasm32", feature = "complete"), tsify(type = "Record<string, unknown>"))]
    pub parameters: BTreeMap<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted_on: Option<FittedOn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cautions: Vec<Caution>,
}

/// The features that a posterior reads, which its constants do not determine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FeatureSpace {
    pub pools: Vec<Pooling>,
    pub unit: bool,
}

/// The parameter that stores the feature spaces, by their use: `posterior` or `none`.
const SPACES: &str = "spaces";

impl RuleRecord {
    /// The feature spaces of the posteriors; empty unless written by [`set_spaces`](Self::set_spaces).
    pub(super) fn spaces(&self) -> BTreeMap<String, FeatureSpace> {
        let value = self.parameters.get(SPACES).cloned();
        value.and_then(|v| serde_json::from_value(v).ok()).unwrap_or_default()
    }

    pub(super) fn set_spaces(&mut self, spaces: &BTreeMap<&str, FeatureSpace>) {
        match serde_json::to_value(spaces) {
            Ok(value) if !spaces.is_empty() => self.parameters.insert(SPACES.to_string(), value),
            _ => self.parameters.remove(SPACES),
        };
    }

    /// The record with renamed labels of heads, at the same indices.
    pub fn renamed(mut self, before: &[HeadLabels], after: &[HeadLabels]) -> RuleRecord {
        let names = |heads: &[HeadLabels]| -> Vec<String> {
            heads.iter().flat_map(|h| h.labels.iter().map(move |l| format!("{}/{l}", h.name))).collect()
        };
        let (before, after) = (names(before), names(after));
        if let Some(fitted) = &mut self.fitted_on {
            let old = std::mem::take(&mut fitted.evidence);
            let new = |name: String| before.iter().position(|b| *b == name).and_then(|at| after.get(at)).cloned();
            fitted.evidence = old.into_iter().map(|(name, count)| (new(name.clone()).unwrap_or(name), count)).collect();
        }
        self
    }
}

/// The training data of a fitted rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct FittedOn {
    /// The number of images in the evidence per label of each head, as `head/label`.
    pub evidence: BTreeMap<String, u64>,
    /// The number of images unseen by the heads that chose temperatures and weights.
    pub held_out: u64,
}

/// The measured figures of a rule, and the data that they were measured on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    pub measured: Validation,
    pub images: u64,
    /// 0 to 1.
    pub accuracy: f64,
    /// In nats per image.
    pub nll: f64,
    /// ECE of 15 bins of equal width, 0 to 1.
    pub ece: f64,
    /// The same for softmax over the concatenated logits.
    pub concat_accuracy: f64,
    pub concat_nll: f64,
}

/// The data that selected a rule's parameters and compared the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// Images that no head was trained on, cross-validated.
    HeldOut,
    /// Images that the heads may have been trained on: unbiased for the evidence, not for the heads.
    Seen,
    /// Samples drawn from the fold-wise sums of evidence.
    Folds,
    /// Samples drawn from evidence.
    Estimate,
    /// The heads' weights.
    Weights,
}

impl std::fmt::Display for Validation {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Validation::HeldOut => "cross-validated on images that the heads have not seen",
            Validation::Seen => "cross-validated on images that the heads may have been trained on",
            Validation::Folds => "estimated from fold-wise evidence, without images",
            Validation::Estimate => "estimated from evidence, without images",
            Validation::Weights => "not measured: from the heads' weights alone",
        })
    }
}
