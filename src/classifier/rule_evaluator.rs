//! Evaluates a rule on extracted features, without running the model again.

use super::Scores;
use crate::error::{ErrorKind, Result};
use crate::features::{ExtractedFeatures, FeatureExtractor};
use crate::labels::{Activation, HeadLabels};
use crate::rule::{widths, FittedRule, Posterior};

/// A combination rule, ready to evaluate the features of one model.
///
/// The scores equal those of the merged file with that rule for the same image, computed in 64 bits.
pub struct RuleEvaluator {
    combination: FittedRule,
    heads: Vec<HeadLabels>,
    labels: usize,
    members: Vec<usize>,
    /// The number of features per image.
    features: usize,
    /// The indices in φ of the numbers that the rule's posterior reads.
    rule: Vec<usize>,
    /// The indices in φ of the numbers that the distance of "none of these" reads.
    none: Vec<usize>,
}

impl RuleEvaluator {
    /// Prepares a rule for the features of `extractor`: the
    /// [`ImportedModel::combination`](crate::import::ImportedModel::combination) of any file with the same heads and
    /// features, or a newly fitted one.
    ///
    /// # Errors
    /// `sigmoid-rule`, `rule-parameters` if the rule does not match the extractor's heads and features.
    pub fn new(combination: FittedRule, extractor: &FeatureExtractor) -> Result<RuleEvaluator> {
        let layout = extractor.layout();
        combination.check(extractor.heads(), Some(layout))?;
        let columns = |posterior: Option<&Posterior>| {
            posterior.and_then(|p| layout.only(&p.pools).columns(layout)).unwrap_or_default()
        };
        Ok(RuleEvaluator {
            rule: columns(combination.rule.posterior()),
            none: columns(combination.nearest()),
            heads: extractor.heads().to_vec(),
            labels: extractor.labels().len(),
            members: extractor.members().to_vec(),
            features: layout.width(),
            combination,
        })
    }

    /// The rule.
    pub fn combination(&self) -> &FittedRule {
        &self.combination
    }

    /// Scores one image; the features of the result are empty.
    ///
    /// # Errors
    /// `output` for features of another model.
    pub fn run(&self, observation: &ExtractedFeatures) -> Result<Scores> {
        let ExtractedFeatures { features, logits } = observation;
        for (output, expected, found) in
            [("features", self.features, features.len()), ("logits", self.members.len(), logits.len())]
        {
            if expected != found {
                let model = "observation".to_string();
                return Err(ErrorKind::Output { model, output, expected, found }.into());
            }
        }
        let chosen = |columns: &[usize]| -> Vec<f32> { columns.iter().map(|&c| features[c]).collect() };
        let FittedRule { rule, none, .. } = &self.combination;
        let apart = rule.evaluate(&chosen(&self.rule), logits, &self.heads);
        let mut probabilities = vec![0.0; self.labels];
        for (&label, p) in self.members.iter().zip(&apart) {
            probabilities[label] += p;
        }
        let widths = widths(&self.heads);
        let mut rest = apart.as_slice();
        let heads = widths.iter().map(|&width| {
            let (own, others) = rest.split_at(width);
            rest = others;
            own.iter().sum::<f64>() as f32
        });
        let heads: Vec<f32> = heads.collect();
        let softmax = self.heads.iter().all(|h| h.activation == Activation::Softmax);
        let none = none.as_ref().map(|none| none.evaluate(rule, &chosen(&self.none), logits, &widths) as f32);
        Ok(Scores {
            probabilities: probabilities.into_iter().map(|p| p as f32).collect(),
            logits: logits.clone(),
            features: Vec::new(),
            head_probabilities: softmax.then_some(heads),
            none_probability: none,
        })
    }
}
