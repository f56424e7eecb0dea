//! Combination rules: from all heads' logits to one distribution, written as ONNX nodes.
//!
//! Each rule is one file: its parameters, their checks, their function in 64 bits and as ONNX nodes, and reading them
//! back. [`RULES`] lists the rules; a new one is a file, a line there, and its fit in `fit`. [`Posterior`] and
//! [`Rejection`] are shared by several rules.

mod caution;
mod concat;
mod gated;
mod graph_builder;
mod list;
mod parameters;
mod posterior;
mod rejection;
mod retrained;
mod rule_metadata;
mod scaled;
pub mod softmax;

pub use caution::Caution;
pub use concat::Concat;
pub use gated::Gated;
pub use list::{FitNeeds, Rule, RuleKind, RULES};
pub use parameters::{parameters, Parameters, PREFIX};
pub use posterior::Posterior;
pub(crate) use posterior::LEAST_LENGTH;
pub use rejection::{Distance, Rejection};
pub use retrained::Retrained;
pub use rule_metadata::{Figures, FittedOn, RuleRecord, Validation};
pub use scaled::Scaled;

use crate::error::{ErrorKind, Result};
use crate::features::{BlockFeatures, FeatureLayout, Pooling};
use crate::labels::{Activation, HeadLabels, MergedLabels};
use crate::onnx::{Attribute, Attributes, DataType, Graph, Tensor, TypeAndShape, ValueId};
use graph_builder::Nodes;
use parameters::RuleParameters;
use posterior::Features;
use rule_metadata::FeatureSpace;

/// A rule with its rejection and its record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FittedRule {
    pub rule: Rule,
    pub none: Option<Rejection>,
    pub record: RuleRecord,
}

/// The values that a rule adds to a graph.
#[derive(Clone, Copy, Debug)]
pub struct RuleOutputs {
    /// [N, L], one number per merged label.
    pub probabilities: ValueId,
    /// [N, H], the sum of each head's labels; `None` for sigmoid heads, whose scores do not sum to one.
    pub head_probabilities: Option<ValueId>,
    /// [N, 1], if the rule has a rejection.
    pub none_probability: Option<ValueId>,
    /// The pooled features and the other parts of φ that the rule reads, [N, D]; `None` if it reads logits alone.
    pub features: Option<ValueId>,
}

impl Rule {
    /// The scales and offsets of logits, if any.
    pub fn scaled(&self) -> Option<&Scaled> {
        self.parts().scaled()
    }

    /// The posterior from features, if any.
    pub fn posterior(&self) -> Option<&Posterior> {
        self.parts().posterior()
    }

    /// The probability of each logit, before those of one merged label are summed. `features` are the block features
    /// that the rule's posterior reads (see [`posterior`](Self::posterior)); `logits` are those of all heads in order.
    pub fn evaluate(&self, features: &[f32], logits: &[f32], heads: &[HeadLabels]) -> Vec<f64> {
        let scores = self.scores(features, logits, &widths(heads));
        match heads.iter().any(|h| h.activation == Activation::Sigmoid) {
            true => scores.into_iter().map(softmax::sigmoid).collect(),
            false => softmax::softmax(&scores),
        }
    }

    /// log p + const for each logit.
    pub fn scores(&self, features: &[f32], logits: &[f32], widths: &[usize]) -> Vec<f64> {
        let s = self.scaled_logits(logits, widths);
        let q = self.posterior().map_or_else(|| s.clone(), |posterior| posterior.scores(features));
        self.parts().scores(s, q, widths)
    }

    /// a·z + b if the rule scales, else the logits.
    fn scaled_logits(&self, logits: &[f32], widths: &[usize]) -> Vec<f64> {
        match self.scaled() {
            Some(scaled) => scaled.scale(logits, widths),
            None => logits.iter().map(|&z| f64::from(z)).collect(),
        }
    }
}

impl FittedRule {
    /// Reads the rule of a merged file: `parameters` from its graph, `record` and `heads` from its metadata.
    ///
    /// # Errors
    /// `metadata` for a missing parameter or one of the wrong form; `rule-parameters` for numbers that do not fit.
    pub fn read(model: &str, parameters: &Parameters, record: &RuleRecord, heads: &[HeadLabels]) -> Result<FittedRule> {
        let parameters = RuleParameters { model, parameters, record, widths: &widths(heads) };
        let rule = record.name.read(&parameters)?;
        let none = Rejection::read(&parameters, &rule)?;
        let combination = FittedRule { rule, none, record: record.clone() };
        combination.check(heads, None)?;
        Ok(combination)
    }

    /// Checks the rule against the heads of a model and, if given, the layout of its φ.
    ///
    /// # Errors
    /// `sigmoid-rule` for a head with independent scores; `rule-parameters` with the first parameter that does not fit.
    pub fn check(&self, heads: &[HeadLabels], layout: Option<&FeatureLayout>) -> Result<()> {
        let sigmoid = heads.iter().find(|h| h.activation == Activation::Sigmoid);
        if let Some(head) = sigmoid.filter(|_| self.rule != Rule::default() || self.none.is_some()) {
            return Err(ErrorKind::SigmoidRule { rule: self.rule.name().to_string(), head: head.name.clone() }.into());
        }
        self.rule.parts().check(heads, layout)?;
        self.none.as_ref().map_or(Ok(()), |none| none.check(layout))
    }

    /// The posterior of the rejection's distance, if it is based on evidence.
    pub fn nearest(&self) -> Option<&Posterior> {
        match self.none.as_ref().map(|n| &n.distance) {
            Some(Distance::Evidence(posterior)) => Some(posterior),
            _ => None,
        }
    }

    /// The kinds of block features that are read, in the order of φ; empty if logits are enough.
    pub fn pools(&self) -> Vec<Pooling> {
        let posteriors = [self.rule.posterior(), self.nearest()];
        let read = |pool: &Pooling| posteriors.iter().flatten().any(|p| p.pools.contains(pool));
        Pooling::ALL.into_iter().filter(read).collect()
    }

    /// The record for a file with this rule: its name and the features that its posteriors read.
    pub fn record(&self) -> RuleRecord {
        let mut record = RuleRecord { name: self.rule.name(), ..self.record.clone() };
        let space = |p: &Posterior| FeatureSpace { pools: p.pools.clone(), unit: p.unit };
        let posteriors = [("posterior", self.rule.posterior()), ("none", self.nearest())];
        record.set_spaces(&posteriors.into_iter().filter_map(|(of, p)| Some((of, space(p?)))).collect());
        record
    }

    /// Adds the nodes after `logits` [N, ΣC]. [`check`](Self::check) must have passed with the layout of `taps`.
    pub(crate) fn write(
        &self,
        graph: &mut Graph,
        logits: ValueId,
        taps: &BlockFeatures,
        heads: &[HeadLabels],
        labels: &MergedLabels,
    ) -> RuleOutputs {
        graph_builder::reserve_names(graph);
        if heads.iter().any(|h| h.activation == Activation::Sigmoid) {
            let sigmoid = scores(graph, "probabilities", "Sigmoid", logits, Attributes::new());
            let probabilities = by_label(graph, sigmoid, labels);
            return RuleOutputs { probabilities, head_probabilities: None, none_probability: None, features: None };
        }
        let read = self.pools();
        let features = (!read.is_empty()).then(|| {
            // The output `features` begins with the pooled value, for every rule.
            let pools: Vec<Pooling> =
                Pooling::ALL.into_iter().filter(|p| *p == Pooling::Features || read.contains(p)).collect();
            let layout = taps.layout(graph).only(&pools);
            Features { value: taps.write(graph, &pools), layout }
        });
        let (scores_of_logits, none_probability) = self.write_scores(graph, logits, features.as_ref(), heads);
        let axis = Attributes::from([("axis".to_string(), Attribute::Int(1))]);
        let softmax = scores(graph, "probabilities", "Softmax", scores_of_logits, axis);
        let owners: Vec<usize> = heads.iter().enumerate().flat_map(|(h, head)| vec![h; head.labels.len()]).collect();
        let head_probabilities = sums(graph, "head_probabilities", softmax, &owners, heads.len());
        RuleOutputs {
            probabilities: by_label(graph, softmax, labels),
            head_probabilities: Some(head_probabilities),
            none_probability,
            features: features.map(|f| f.value),
        }
    }

    /// log p + const [N, ΣC], and the probability of no label [N, 1].
    fn write_scores(
        &self,
        graph: &mut Graph,
        logits: ValueId,
        features: Option<&Features>,
        heads: &[HeadLabels],
    ) -> (ValueId, Option<ValueId>) {
        let (widths, mut nodes) = (widths(heads), Nodes::new(graph, logits));
        let nodes = &mut nodes;
        let scaled = self.rule.scaled().map_or(logits, |scaled| scaled.write_scale(nodes, logits, &widths));
        let posterior = self.rule.posterior().zip(features).map(|(posterior, features)| {
            let projected = posterior.write_projection(nodes, "rule.posterior", features);
            (posterior, projected, posterior.write_scores(nodes, "rule.posterior", projected))
        });
        let q = posterior.map_or(scaled, |(_, _, q)| q);
        let scores = self.rule.parts().write(nodes, scaled, q, &widths);
        let none = self.none.as_ref().map(|none| {
            let distance = match (&none.distance, features) {
                (Distance::Evidence(nearest), Some(features)) => {
                    let shared = posterior.filter(|(p, ..)| p.same_space(nearest)).map(|(_, projected, _)| projected);
                    let projected = shared.unwrap_or_else(|| nearest.write_projection(nodes, "rule.none", features));
                    rejection::write_evidence(nodes, nearest, projected)
                }
                _ => rejection::write_energy(nodes, scaled, widths.iter().sum()),
            };
            none.write(nodes, distance)
        });
        (scores, none)
    }
}

/// The number of logits per head.
pub fn widths(heads: &[HeadLabels]) -> Vec<usize> {
    heads.iter().map(|h| h.labels.len()).collect()
}

/// Sums one number per logit to one per label, in the labels' order.
fn by_label(graph: &mut Graph, scores: ValueId, labels: &MergedLabels) -> ValueId {
    if labels.is_plain() {
        return scores;
    }
    graph.values[scores].name = "probabilities.apart".to_string();
    sums(graph, "probabilities", scores, &labels.label_of_logit, labels.labels.len())
}

/// A node with the shape of the logits.
fn scores(graph: &mut Graph, name: &str, op: &str, logits: ValueId, attributes: Attributes) -> ValueId {
    let fact = graph.values[logits].fact.clone();
    graph.add_node(name, op, attributes, &[logits], fact)
}

/// Sums columns: column `c` is added to group `groups[c]`, as a product with a matrix of zeros and ones.
fn sums(graph: &mut Graph, name: &str, value: ValueId, groups: &[usize], count: usize) -> ValueId {
    let mut matrix = vec![0.0; groups.len() * count];
    for (column, &group) in groups.iter().enumerate() {
        matrix[column * count + group] = 1.0;
    }
    let matrix = Tensor::from_f32(&[groups.len(), count], &matrix);
    let matrix = graph.add_initializer(format!("{name}.members"), matrix);
    let batch = graph.shape(value).and_then(|s| s.first().copied()).flatten();
    let fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(vec![batch, Some(count)]) };
    graph.add_node(name, "MatMul", Attributes::new(), &[value, matrix], fact)
}
