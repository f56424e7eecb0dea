//! Evaluates a rule on extracted features, without running the model again.

use super::Scores;
use crate::error::{ErrorKind, Result};
use crate::features::{ExtractedFeatures, FeatureExtractor};
use crate::labels::{Activation, HeadLabels};
use crate::rule::{widths, FittedRule, Posterior};

/// A combination rule ready for the observations of one model.
///
/// It gives what the merged file with that rule gives for the same image, computed in 64 bits.
pub struct RuleEvaluator {
    combination: FittedRule,
    heads: Vec<HeadLabels>,
    labels: usize,
    members: Vec<usize>,
    /// How many numbers an observation has.
    features: usize,
    /// Where the rule's posterior finds its numbers in φ.
    rule: Vec<usize>,
    /// Where the distance of "none of these" finds its numbers in φ.
    none: Vec<usize>,
}

impl RuleEvaluator {
    /// Prepares a rule for what `extractor` extracts: [`ImportedModel::combination`](crate::import::ImportedModel::combination) of any
    /// file with the same heads and features, or one that was fitted just now.
    ///
    /// # Errors
    /// `sigmoid-rule`, `rule-parameters` where the rule does not fit the extractor's heads and features.
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

    /// Scores one image; the features of the result stay empty.
    ///
    /// # Errors
    /// `output` where the observation is one of another model.
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
