//! The rules that turn the logits of all heads into one set of probabilities, written as ONNX nodes.

mod gated;
mod none;
mod posterior;
mod record;
mod scaled;

pub use gated::Gated;
pub use none::{Distance, NoneOfThese};
pub use posterior::Posterior;
pub use record::{Figures, FittedOn, Name, Record};
pub use scaled::Scaled;

use crate::label::{Activation, Head, JointLabels};
use crate::onnx::{Attribute, Attributes, DataType, Fact, Graph, Tensor, ValueId};

/// A combination rule with its parameters.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Rule {
    /// p = softmax(z₁ … z_H) over the concatenated logits; with sigmoid heads p = σ(z₁ … z_H).
    #[default]
    Concat,
    /// p = softmax([a_h·z_h + b_h]).
    Scaled(Scaled),
    /// The choice of the head apart from the choice within it.
    Gated(Gated),
    /// p = softmax of a posterior's scores: one joint head.
    Retrained(Posterior),
}

/// A rule, and what goes with it into a merged file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Combination {
    pub rule: Rule,
    pub none: Option<NoneOfThese>,
    pub record: Record,
}

/// The values that a rule adds to a graph.
#[derive(Clone, Copy, Debug)]
pub struct Combined {
    /// [N, L], one number a joint label.
    pub probabilities: ValueId,
    /// [N, H], the sum of each head's labels; none with sigmoid heads, whose scores do not add to one.
    pub head_probabilities: Option<ValueId>,
}

impl Rule {
    /// Adds the rule's nodes behind `logits` [N, ΣC].
    pub fn write(&self, graph: &mut Graph, logits: ValueId, heads: &[Head], labels: &JointLabels) -> Combined {
        match self {
            Rule::Concat => concat(graph, logits, heads, labels),
            _ => concat(graph, logits, heads, labels),
        }
    }
}

fn concat(graph: &mut Graph, logits: ValueId, heads: &[Head], labels: &JointLabels) -> Combined {
    if heads.iter().any(|h| h.activation == Activation::Sigmoid) {
        let sigmoid = scores(graph, "probabilities", "Sigmoid", logits, Attributes::new());
        return Combined { probabilities: by_label(graph, sigmoid, labels), head_probabilities: None };
    }
    let axis = Attributes::from([("axis".to_string(), Attribute::Int(1))]);
    let softmax = scores(graph, "probabilities", "Softmax", logits, axis);
    let owners: Vec<usize> = heads.iter().enumerate().flat_map(|(h, head)| vec![h; head.labels.len()]).collect();
    let head_probabilities = sums(graph, "head_probabilities", softmax, &owners, heads.len());
    Combined { probabilities: by_label(graph, softmax, labels), head_probabilities: Some(head_probabilities) }
}

/// One number a label, in the labels' order, out of one a logit.
fn by_label(graph: &mut Graph, scores: ValueId, labels: &JointLabels) -> ValueId {
    if labels.is_plain() {
        return scores;
    }
    graph.values[scores].name = "probabilities.apart".to_string();
    sums(graph, "probabilities", scores, &labels.members, labels.labels.len())
}

/// A node that keeps the shape of the logits.
fn scores(graph: &mut Graph, name: &str, op: &str, logits: ValueId, attributes: Attributes) -> ValueId {
    let fact = graph.values[logits].fact.clone();
    graph.add_node(name, op, attributes, &[logits], fact)
}

/// Adds up columns: column `c` goes to group `groups[c]`, by a product with a matrix of zeros and ones.
fn sums(graph: &mut Graph, name: &str, value: ValueId, groups: &[usize], count: usize) -> ValueId {
    let mut matrix = vec![0.0; groups.len() * count];
    for (column, &group) in groups.iter().enumerate() {
        matrix[column * count + group] = 1.0;
    }
    let matrix = Tensor::from_f32(&[groups.len(), count], &matrix);
    let matrix = graph.add_initializer(format!("{name}.members"), matrix);
    let batch = graph.shape(value).and_then(|s| s.first().copied()).flatten();
    let fact = Fact { dtype: Some(DataType::Float), shape: Some(vec![batch, Some(count)]) };
    graph.add_node(name, "MatMul", Attributes::new(), &[value, matrix], fact)
}
