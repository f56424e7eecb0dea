//! A summary of a fit as JSON.

use super::{Fit, RuleMetrics};
use crate::rule::{RuleRecord, Validation};
use serde::Serialize;
use serde_json::Value;

/// The summary of a fit.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct FitSummary<'a> {
    rule: RuleRecord,
    comparison: &'a [RuleMetrics],
    /// The data of the comparison.
    measured: Validation,
    /// The number of images in the comparison.
    images: usize,
    /// Whether the rule yields a probability for "none of these".
    none: bool,
}

impl Fit {
    /// The rule, the comparison and its data as JSON.
    pub fn summary(&self) -> Value {
        let summary = FitSummary {
            rule: self.combination.record(),
            comparison: &self.comparison,
            measured: self.grounds,
            images: self.compared,
            none: self.combination.none.is_some(),
        };
        // Strings and numbers with string keys always serialise.
        serde_json::to_value(summary).unwrap_or_default()
    }
}
