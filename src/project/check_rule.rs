//! Checks a rule on labelled images: the same for every interface.

use crate::check::{check, Predictions, Report};
use crate::classifier::RuleEvaluator;
use crate::error::Result;
use crate::features::{FeatureExtractor, LabelledExample};
use crate::rule::FittedRule;

/// Measures the answers of a rule on what the extractor extracted of labelled images; `model` names the model in the report, `seed`
/// draws the resamples.
///
/// # Errors
/// `rule-parameters`, `sigmoid-rule` where the rule does not fit; those of [`check`].
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
