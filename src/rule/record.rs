//! What a merged file says of its rule: name, parameters in short, what it was fitted on, measured figures.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The value of `polyhead.rule`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Record {
    pub name: Name,
    /// The parameters that fit into a line; matrices stand in the graph.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, serde_json::Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fitted_on: Option<FittedOn>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub figures: Option<Figures>,
    /// What the reader of the figures should know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cautions: Vec<String>,
}

/// A rule's name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Name {
    #[default]
    Concat,
    Scaled,
    Gated,
    Retrained,
}

/// The pictures behind a fitted rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct FittedOn {
    /// For each label of each head as `head/label`, how many pictures its evidence counts.
    pub evidence: BTreeMap<String, u64>,
    /// How many pictures that the heads have not seen chose temperatures and weights.
    pub held_out: u64,
}

/// What was measured, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Figures {
    /// `cross-validated on held-out pictures`, `estimated from evidence alone`, …
    pub measured: String,
    pub pictures: u64,
    /// 0 to 1.
    pub accuracy: f64,
    /// In nats a picture.
    pub nll: f64,
    /// ECE of 15 bins of equal width, 0 to 1.
    pub ece: f64,
    /// The same of softmax over concatenated logits.
    pub concat_accuracy: f64,
    pub concat_nll: f64,
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        f.write_str(match self {
            Name::Concat => "concat",
            Name::Scaled => "scaled",
            Name::Gated => "gated",
            Name::Retrained => "retrained",
        })
    }
}
