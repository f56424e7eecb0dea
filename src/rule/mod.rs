//! The rules that turn the logits of all heads into one set of probabilities.

use serde::{Deserialize, Serialize};

/// A combination rule with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rule {
    /// p = softmax(z₁ … z_H) over the concatenated logits; with sigmoid heads p = σ(z₁ … z_H).
    Concat,
}
