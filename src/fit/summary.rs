//! A summary of a fit as JSON.

use super::{Fit, RuleMetrics};
use crate::rule::{RuleRecord, Validation};
use serde::Serialize;
use serde_json::Value;

/// A fit for programs.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct FitSummary<'a> {
    rule: RuleRecord,
    comparison: &'a [RuleMetrics],
    /// What the comparison was measured on.
    measured: Validation,
    /// How many images it counts.
    images: usize,
    /// Whether the rule yields a probability for "none of these".
    none: bool,
}

impl Fit {
    /// The rule, the comparison and what it rests on as JSON.
    pub fn summary(&self) -> Value {
        let summary = FitSummary {
            rule: self.combination.record(),
            comparison: &self.comparison,
            measured: self.grounds,
            images: self.compared,
            none: self.combination.none.is_some(),
        };
        // Texts and numbers under texts always serialise.
        serde_json::to_value(summary).unwrap_or_default()
    }
}
