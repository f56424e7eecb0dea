//! Folds everything that is computed from constants alone, and learns the shapes of the rest.

use crate::engine::facts;
use crate::error::Result;
use crate::onnx::{to_proto, Graph, Source};
use std::sync::Arc;

/// Turns constant nodes and constant-fed sub-graphs into initializers and fills in element types and shapes.
///
/// # Errors
/// `engine` where the graph contradicts itself.
pub fn fold(graph: &mut Graph) -> Result<()> {
    // Unnamed values cannot be asked about, and names may repeat after edits: `to_proto` sees to both.
    let facts = facts(&graph.name, &to_proto(graph.clone()))?;
    for node in &graph.nodes {
        for &output in &node.outputs {
            let value = &mut graph.values[output];
            if let Some(fact) = facts.facts.get(&value.name) {
                value.fact = fact.clone();
            }
            if let Some(tensor) = facts.constants.get(&value.name) {
                value.source = Source::Initializer(Arc::new(tensor.clone()));
            }
        }
    }
    let constant = |v: &usize| !matches!(graph.values[*v].source, Source::Node);
    let mut index = 0;
    let folded: Vec<bool> = graph.nodes.iter().map(|n| n.outputs.iter().all(constant)).collect();
    graph.nodes.retain(|_| {
        index += 1;
        !folded[index - 1]
    });
    Ok(())
}
