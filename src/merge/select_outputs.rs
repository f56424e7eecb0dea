//! Selects heads and labels of a graph.

use super::edit::Part;
use crate::onnx::{Attribute, Attributes, Graph, Node, Tensor, TypeAndShape, ValueId};

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
    let producer = graph.nodes.iter().find(|n| n.outputs.first() == Some(&value)).cloned();
    let batch = graph.shape(value).and_then(|s| s.first().copied()).flatten();
    let fact = TypeAndShape { dtype: graph.values[value].fact.dtype, shape: Some(vec![batch, Some(columns.len())]) };
    if let Some(less) = producer.and_then(|node| rows(graph, &node, columns, fact.clone())) {
        return less;
    }
    let places: Vec<i64> = columns.iter().map(|&c| c as i64).collect();
    let name = format!("{}.kept", graph.values[value].name);
    let places = graph.add_initializer(format!("{name}.columns"), Tensor::from_i64(&places));
    let axis = Attributes::from([("axis".to_string(), Attribute::Int(1))]);
    graph.add_node(name, "Gather", axis, &[value, places], fact)
}

/// A linear layer in canonical form with some of its rows.
fn rows(graph: &mut Graph, node: &Node, rows: &[usize], fact: TypeAndShape) -> Option<ValueId> {
    let (weights, bias) = (graph.input_tensor(node, 1)?, graph.input_tensor(node, 2)?);
    let [outputs, inputs] = *weights.dims else { return None };
    if !node.is("Gemm") || node.int("transB", 0) != 1 || bias.dims != [outputs] {
        return None;
    }
    let (matrix, offsets) = (weights.f32s()?, bias.f32s()?);
    let row = |&r: &usize| matrix.get(r * inputs..(r + 1) * inputs);
    let kept = rows.iter().map(row).collect::<Option<Vec<_>>>()?.concat();
    let offsets = rows.iter().map(|&r| offsets.get(r).copied()).collect::<Option<Vec<_>>>()?;
    let name = format!("{}.kept", node.display_name());
    let weights = graph.add_initializer(format!("{name}.weight"), Tensor::from_f32(&[rows.len(), inputs], &kept));
    let bias = graph.add_initializer(format!("{name}.bias"), Tensor::from_f32(&[rows.len()], &offsets));
    Some(graph.add_node(name, "Gemm", node.attributes.clone(), &[node.input(0)?, weights, bias], fact))
}
