//! The warnings of a merge.

use super::input_scaling::ChannelRange;
use crate::backbone::Difference;
use crate::error::Remedy;
use crate::rule::RuleKind;
use serde::Serialize;
use std::fmt;

/// A warning for the caller about a merge.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum MergeWarning {
    /// The model takes the input of `first`, whose scaling nodes replace its own; `levels` is the range of the first
    /// layer's input.
    InputReplaced { model: String, first: String, nodes: Vec<String>, own: Vec<String>, levels: ChannelRange },
    /// The model's guessed preprocessing was replaced by that of another model with the same first layer.
    GuessReplaced { model: String, other: String, levels: ChannelRange },
    /// The share of the model's multiply-adds that is shared, 0 to 1, is small.
    FewShared { model: String, first: String, shared: f64 },
    /// The model keeps its own backbone beside that of `first`, which it nearly has.
    SeparateBackbone { model: String, first: String, relation: String },
    /// Weights stored as half floats differ, first at this node by this relative difference.
    HalfFloats { model: String, first: String, shared: f64, node: String, op: String, tensor: String, relative: f64 },
    /// The rule was fitted to other labels and is dropped.
    RuleOfOtherLabels { rule: RuleKind, model: String },
    /// The rule's parameters cannot be read, and it is dropped.
    RuleUnreadable { rule: RuleKind, model: String, error: String },
}

impl fmt::Display for MergeWarning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            MergeWarning::InputReplaced { model, first, nodes, own, levels } => write!(
                f,
                "model '{model}': it takes the input of '{first}' ({}) in place of its own ({}); in both the levels 0 to 255 \
                 reach the first layer as {levels}",
                inside(nodes),
                inside(own)
            ),
            MergeWarning::GuessReplaced { model, other, levels } => write!(
                f,
                "model '{model}': its guessed preprocessing gives way to that of '{other}', whose first layer is the same: the \
                 levels 0 to 255 reach it as {levels}"
            ),
            MergeWarning::FewShared { model, first, shared } => write!(
                f,
                "'{model}' shares only {:.1} % of its multiply-adds with '{first}': the merged model does most of its work twice",
                100.0 * shared
            ),
            MergeWarning::SeparateBackbone { model, first, relation } => write!(
                f,
                "'{model}' keeps its own backbone beside that of '{first}', and the merged model does the work of both: {relation}"
            ),
            MergeWarning::HalfFloats { model, first, shared, node, op, tensor, relative } => {
                let (node, op, tensor, relative) = (node.clone(), op.clone(), tensor.clone(), Some(*relative));
                let difference = Difference::Weights { node, op, tensor, relative };
                let percent = 100.0 * shared;
                let remedy = Remedy::TolerateHalves;
                write!(f, "'{model}' shares {percent:.1} % with '{first}' and first differs at {difference}; {remedy}")
            }
            MergeWarning::RuleOfOtherLabels { rule, model } => write!(
                f,
                "the rule {rule} of '{model}' was fitted to other labels and is dropped: fit the merged model again"
            ),
            MergeWarning::RuleUnreadable { rule, model, error } => write!(
                f,
                "the rule {rule} of '{model}' is dropped, its parameters cannot be read: fit the merged model again ({error})"
            ),
        }
    }
}

/// The nodes that scale an input.
pub(super) fn inside(nodes: &[String]) -> String {
    if nodes.is_empty() {
        return "nothing inside the graph".into();
    }
    let names: Vec<String> = nodes.iter().map(|name| format!("'{name}'")).collect();
    format!("{} inside the graph", names.join(", "))
}
