//! Selects heads and labels of a graph.

use super::edit::Part;
use crate::onnx::{attributes, Attribute, Graph, LinearLayer, Tensor, ValueId};

/// Reduces a canonical graph to these parts as outputs and their dependencies.
pub(super) fn take(graph: &mut Graph, parts: &[Part]) {
    let all = graph.outputs.clone();
    let outputs = parts.iter().filter_map(|part| {
        let value = *all.get(part.output)?;
        let whole = part.columns.iter().copied().eq(0..graph.dim(value, 1).unwrap_or(part.columns.len()));
        Some(if whole { value } else { columns(graph, value, &part.columns) })
    });
    graph.outputs = outputs.collect();
    graph.prune_and_sort();
}

/// Selects columns of a value [N, C]: rows of the linear layer that computes it, else by a Gather after it.
fn columns(graph: &mut Graph, value: ValueId, columns: &[usize]) -> ValueId {
    let fact = graph.of_width(value, columns.len());
    if let Some(layer) = LinearLayer::of(graph, value).filter(|layer| columns.iter().all(|&c| c < layer.rows())) {
        let name = format!("{}.kept", layer.name);
        return LinearLayer { name, ..layer.select(columns.iter().copied()) }.write(graph, fact);
    }
    let places: Vec<i64> = columns.iter().map(|&c| c as i64).collect();
    let name = format!("{}.kept", graph.values[value].name);
    let places = graph.add_initializer(format!("{name}.columns"), Tensor::from_i64(&places));
    graph.add_node(name, "Gather", attributes([("axis", Attribute::Int(1))]), &[value, places], fact)
}
