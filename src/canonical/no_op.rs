//! Removes identity nodes and merges pairs of nodes that cancel or repeat each other.

use super::Index;
use crate::onnx::{Attribute, Graph, Node, ValueId, ValueKind};
use std::collections::{HashMap, HashSet};

/// Bypasses every node whose first output equals its first input; returns whether there was one. One pass over the
/// topologically sorted nodes.
pub(super) fn remove(graph: &mut Graph) -> bool {
    let uses = graph.uses();
    let mut outputs: HashSet<ValueId> = graph.outputs.iter().copied().collect();
    let mut instead: HashMap<ValueId, ValueId> = HashMap::new();
    for at in 0..graph.nodes.len() {
        for input in graph.nodes[at].inputs.iter_mut().flatten() {
            *input = *instead.get(input).unwrap_or(input);
        }
        let node = &graph.nodes[at];
        let (Some(&output), Some(input)) = (node.outputs.first(), node.input(0)) else { continue };
        if uses[output] == 0 || !changes_nothing(graph, node, input, output) {
            continue;
        }
        let returned = outputs.contains(&output);
        // Two outputs of the graph stay two values, because a value has one name.
        if returned && outputs.contains(&input) {
            continue;
        }
        if returned {
            outputs.insert(input);
            // The output keeps the name that callers know.
            if graph.values[input].source == ValueKind::Node {
                graph.values[input].name = graph.values[output].name.clone();
            }
        }
        instead.insert(output, input);
    }
    for output in &mut graph.outputs {
        *output = *instead.get(output).unwrap_or(output);
    }
    !instead.is_empty()
}

fn changes_nothing(graph: &Graph, node: &Node, input: ValueId, output: ValueId) -> bool {
    if !node.domain.is_empty() {
        return false;
    }
    match node.op.as_str() {
        "Identity" => true,
        "Dropout" => !training(graph, node),
        "Cast" => {
            let [from, to] = [input, output].map(|v| graph.values[v].fact.dtype);
            from.is_some() && from == to
        }
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => same_shape(graph, input, output),
        // Expand can enlarge an unknown dimension, so every dimension must be known.
        "Expand" => same_shape(graph, input, output) && graph.shape(input).is_some_and(|s| !s.contains(&None)),
        "Transpose" => node.ints("perm").is_some_and(|p| p.iter().enumerate().all(|(i, &v)| i as i64 == v)),
        "Concat" | "Sum" | "Max" | "Min" | "Mean" => node.inputs.len() == 1,
        "Pad" => {
            let widths = graph.input_tensor(node, 1).and_then(|t| t.i64s());
            widths.is_some_and(|w| w.iter().all(|&v| v == 0))
        }
        "GlobalAveragePool" | "GlobalMaxPool" => {
            graph.shape(input).and_then(|s| s.get(2..)).is_some_and(|size| size.iter().all(|&d| d == Some(1)))
        }
        "Clip" => node.input(1).is_none() && node.input(2).is_none(),
        _ => false,
    }
}

/// Whether a Dropout is in training mode.
fn training(graph: &Graph, node: &Node) -> bool {
    node.input(2).is_some_and(|value| graph.tensor(value).is_none_or(|t| t.bytes.iter().any(|&b| b != 0)))
}

/// Whether two values have the same dimensions. One unknown dimension at the same position is equal, since both
/// values have equally many elements.
fn same_shape(graph: &Graph, a: ValueId, b: ValueId) -> bool {
    match (graph.shape(a), graph.shape(b)) {
        (Some(a), Some(b)) => a == b && a.iter().filter(|d| d.is_none()).count() <= 1,
        _ => false,
    }
}

/// Merges two consecutive Transpose nodes.
pub(super) fn merge_transposes(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let before = &graph.nodes[*index.producers.get(&node.input(0)?)?];
    if !node.is("Transpose") || !before.is("Transpose") {
        return None;
    }
    let (first, second) = (before.ints("perm")?, node.ints("perm")?);
    let joined = second.iter().map(|&p| first.get(usize::try_from(p).ok()?).copied()).collect::<Option<Vec<_>>>()?;
    let input = before.inputs.clone();
    graph.nodes[at].attributes.insert("perm".into(), Attribute::Ints(joined));
    graph.nodes[at].inputs = input;
    Some(())
}

/// Of two consecutive reshapes, the second alone decides the result if it states the whole shape.
pub(super) fn merge_reshapes(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let before = &graph.nodes[*index.producers.get(&node.input(0)?)?];
    let shapes = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"];
    if !node.is("Reshape") || !before.domain.is_empty() || !shapes.contains(&before.op.as_str()) {
        return None;
    }
    // 0 copies a dimension of the input, which changes when the first reshape is removed.
    if graph.input_tensor(node, 1)?.i64s()?.contains(&0) {
        return None;
    }
    let input = before.input(0)?;
    graph.nodes[at].inputs[0] = Some(input);
    Some(())
}
