//! Folds constant expressions and infers the shapes of all other values.

use crate::engine::facts;
use crate::error::Result;
use crate::onnx::{to_proto, Graph, ValueId, ValueKind};
use std::collections::HashSet;
use std::sync::Arc;

/// Turns constant nodes and sub-graphs of constants into initializers, and fills in element types and shapes.
///
/// # Errors
/// `engine` if the graph contradicts itself.
pub fn fold_constants(graph: &mut Graph) -> Result<()> {
    // Shape inference identifies values by name, and names may be missing or repeated after edits: `to_proto` makes
    // them unique.
    let facts = facts(&graph.name, &to_proto(without_weights(graph)))?;
    for node in &graph.nodes {
        for &output in &node.outputs {
            let value = &mut graph.values[output];
            if let Some(fact) = facts.facts.get(&value.name) {
                value.fact = fact.clone();
            }
            if let Some(tensor) = facts.constants.get(&value.name) {
                value.source = ValueKind::Initializer(Arc::new(tensor.clone()));
            }
        }
    }
    let values = &graph.values;
    let constant = |v: &usize| !matches!(values[*v].source, ValueKind::Node);
    graph.nodes.retain(|node| !node.outputs.iter().all(constant));
    Ok(())
}

/// Constants with fewer numbers are cheap to copy.
const FEW: usize = 1024;

/// The graph with its large weights as inputs of the same type and shape: shape inference does not depend on their
/// numbers, and this saves copying them.
fn without_weights(graph: &Graph) -> Graph {
    let mut copy = graph.clone();
    let weights: HashSet<ValueId> = graph.nodes.iter().filter_map(|n| n.input(1).filter(|_| n.is("Conv"))).collect();
    let others = graph.nodes.iter().flat_map(|n| n.inputs.iter().enumerate().map(move |(place, v)| (n, place, v)));
    let others = others.filter(|(n, place, _)| !(n.is("Conv") && *place == 1));
    let elsewhere: HashSet<ValueId> = others.filter_map(|(_, _, v)| *v).chain(graph.outputs.iter().copied()).collect();
    for &value in weights.difference(&elsewhere) {
        if graph.tensor(value).is_some_and(|t| t.is_float() && t.len() >= FEW) {
            copy.values[value].source = ValueKind::Input;
            copy.inputs.push(value);
        }
    }
    copy
}
