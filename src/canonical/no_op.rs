//! Removes identity nodes and merges pairs that cancel or repeat each other.

use super::Index;
use crate::onnx::{Attribute, Graph, Node, ValueId, ValueKind};
use std::collections::{HashMap, HashSet};

/// Reads through every node whose first output is its first input; whether there is any. All in one pass over the
/// nodes, which stand in an order in which they can run.
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
        // One value has one name: two outputs of the graph stay two.
        if returned && outputs.contains(&input) {
            continue;
        }
        if returned {
            outputs.insert(input);
            // The name that callers know stays with the value they get.
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
        // Expand repeats: the output may hold more numbers, so every dimension must be known.
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

/// Whether a Dropout is told to drop.
fn training(graph: &Graph, node: &Node) -> bool {
    node.input(2).is_some_and(|value| graph.tensor(value).is_none_or(|t| t.bytes.iter().any(|&b| b != 0)))
}

/// Whether two values have the same dimensions; one unknown dimension at the same place is the same, since
/// both hold equally many numbers.
fn same_shape(graph: &Graph, a: ValueId, b: ValueId) -> bool {
    match (graph.shape(a), graph.shape(b)) {
        (Some(a), Some(b)) => a == b && a.iter().filter(|d| d.is_none()).count() <= 1,
        _ => false,
    }
}

/// Transpose after Transpose becomes one.
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

/// Of two nodes that only change the shape, the second alone decides it, if it states the shape whole.
pub(super) fn merge_reshapes(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let before = &graph.nodes[*index.producers.get(&node.input(0)?)?];
    let shapes = ["Reshape", "Flatten", "Squeeze", "Unsqueeze"];
    if !node.is("Reshape") || !before.domain.is_empty() || !shapes.contains(&before.op.as_str()) {
        return None;
    }
    // 0 copies a dimension of the input, which is another one once the first reshape is gone.
    if graph.input_tensor(node, 1)?.i64s()?.contains(&0) {
        return None;
    }
    let input = before.input(0)?;
    graph.nodes[at].inputs[0] = Some(input);
    Some(())
}
