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
    /// The parameters that fit into a line; matrices stand in the graph.
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

/// What a posterior reads, which its constants do not tell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct FeatureSpace {
    pub pools: Vec<Pooling>,
    pub unit: bool,
}

/// The parameter that holds the spaces, by what they are for: `posterior` or `none`.
const SPACES: &str = "spaces";

impl RuleRecord {
    /// The spaces of the posteriors; none where they are not written as [`set_spaces`](Self::set_spaces) does.
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

    /// The record where labels of heads have other texts, at the same places.
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

/// The images behind a fitted rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct FittedOn {
    /// For each label of each head as `head/label`, how many images its evidence counts.
    pub evidence: BTreeMap<String, u64>,
    /// How many images that the heads have not seen chose temperatures and weights.
    pub held_out: u64,
}

/// What was measured, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    pub measured: Validation,
    pub images: u64,
    /// 0 to 1.
    pub accuracy: f64,
    /// In nats an image.
    pub nll: f64,
    /// ECE of 15 bins of equal width, 0 to 1.
    pub ece: f64,
    /// The same of softmax over concatenated logits.
    pub concat_accuracy: f64,
    pub concat_nll: f64,
}

/// The data that chose a rule's parameters and compared the rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Validation {
    /// Images that no head was trained on, each held out in its turn.
    HeldOut,
    /// Images that the heads may have been trained on: honest for the evidence, not for the heads.
    Seen,
    /// Drawn from the fold-wise sums of evidence.
    Folds,
    /// Drawn from evidence.
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
