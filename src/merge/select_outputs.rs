//! Selects heads and labels of a graph.

use super::edit::Part;
use crate::onnx::{Attribute, Attributes, Graph, LinearLayer, Tensor, TypeAndShape, ValueId};

/// Leaves a canonical graph with these parts as its outputs and what they depend on.
pub(super) fn take(graph: &mut Graph, parts: &[Part]) {
    let all = graph.outputs.clone();
    let outputs = parts.iter().filter_map(|part| {
        let value = *all.get(part.output)?;
        let width = graph.shape(value).and_then(|s| s.last().copied()).flatten();
        let whole = part.columns.iter().copied().eq(0..width.unwrap_or(part.columns.len()));
        Some(if whole { value } else { columns(graph, value, &part.columns) })
    });
    graph.outputs = outputs.collect();
    graph.prune_and_sort();
}

/// Some columns of a value [N, C]: fewer rows of the linear layer that computes it, else a Gather behind it.
fn columns(graph: &mut Graph, value: ValueId, columns: &[usize]) -> ValueId {
    let batch = graph.shape(value).and_then(|s| s.first().copied()).flatten();
    let fact = TypeAndShape { dtype: graph.values[value].fact.dtype, shape: Some(vec![batch, Some(columns.len())]) };
    if let Some(layer) = LinearLayer::of(graph, value).filter(|layer| columns.iter().all(|&c| c < layer.rows())) {
        let name = format!("{}.kept", layer.name);
        return LinearLayer { name, ..layer.select(columns.iter().copied()) }.write(graph, fact);
    }
    let places: Vec<i64> = columns.iter().map(|&c| c as i64).collect();
    let name = format!("{}.kept", graph.values[value].name);
    let places = graph.add_initializer(format!("{name}.columns"), Tensor::from_i64(&places));
    let axis = Attributes::from([("axis".to_string(), Attribute::Int(1))]);
    graph.add_node(name, "Gather", axis, &[value, places], fact)
}
