//! Computes a rule's predictions for labelled images.

use super::{Prediction, Predictions};
use crate::classifier::RuleEvaluator;
use crate::error::Result;
use crate::features::{FeatureExtractor, LabelledExample, Pooling};

impl Predictions {
    /// The predictions of a rule for the features that `extractor` extracted.
    ///
    /// # Errors
    /// `output` for features of another model.
    pub fn of_rule(
        model: &str,
        evaluator: &RuleEvaluator,
        extractor: &FeatureExtractor,
        examples: Vec<LabelledExample>,
    ) -> Result<Predictions> {
        let pooled = extractor.layout().only(&[Pooling::Features]);
        let columns = pooled.columns(extractor.layout()).unwrap_or_default();
        let mut checked = Predictions {
            model: model.to_string(),
            rule: evaluator.combination().rule.name(),
            heads: extractor.heads().to_vec(),
            labels: extractor.labels().to_vec(),
            members: extractor.members().to_vec(),
            images: Vec::new(),
        };
        let answer = |example: LabelledExample| {
            let scores = evaluator.run(&example.observation)?;
            let features = columns.iter().map(|&c| example.observation.features[c]).collect();
            let heads = example.head.map_or_else(|| checked.owners(example.label), |head| vec![head]);
            Ok(Prediction {
                name: example.name,
                sha256: example.sha256,
                label: example.label,
                heads,
                features,
                logits: scores.logits,
                probabilities: scores.probabilities,
                head_probabilities: scores.head_probabilities,
                none: scores.none_probability,
                gate: None,
            })
        };
        let images = examples.into_iter().map(answer).collect::<Result<_>>()?;
        checked.images = images;
        Ok(checked)
    }
}
