//! Checks a rule on labelled images, for all interfaces.

use crate::check::{check, Predictions, Report};
use crate::classifier::RuleEvaluator;
use crate::error::Result;
use crate::features::{FeatureExtractor, LabelledExample};
use crate::rule::FittedRule;

/// Measures the predictions of a rule on extracted features of labelled images; `model` names the model in the report,
/// `seed` draws the resamples.
///
/// # Errors
/// `rule-parameters`, `sigmoid-rule` if the rule does not fit; those of [`check`].
pub fn check_rule(
    model: &str,
    rule: FittedRule,
    extractor: &FeatureExtractor,
    examples: Vec<LabelledExample>,
    seed: u64,
) -> Result<Report> {
    let evaluator = RuleEvaluator::new(rule, extractor)?;
    check(&Predictions::of_rule(model, &evaluator, extractor, examples)?, seed)
}
