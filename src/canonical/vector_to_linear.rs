//! Rewrites 1 × 1 convolutions on maps of one pixel as linear layers on vectors.

use super::Index;
use crate::onnx::{attributes as named, Attribute, Graph, Node, Tensor, TypeAndShape, ValueId};

/// A Flatten of [N, …] to [N, K], and its input.
fn flatten(graph: &Graph, at: usize) -> Option<ValueId> {
    let node = &graph.nodes[at];
    (node.is("Flatten") && node.int("axis", 1) == 1).then(|| node.input(0)).flatten()
}

/// Whether a value is [N, C, 1, 1].
fn one_pixel(graph: &Graph, value: ValueId) -> bool {
    graph.shape(value).is_some_and(|s| s.len() == 4 && s[2..] == [Some(1), Some(1)])
}

fn flat_fact(graph: &Graph, value: ValueId) -> Option<TypeAndShape> {
    let shape = graph.shape(value)?;
    let shape = Some(vec![shape[0], shape[1]]);
    Some(TypeAndShape { dtype: graph.values[value].fact.dtype, shape })
}

/// Removes a reshape before a Flatten, and a transpose that moves only axes of one element.
pub(super) fn flatten_alone(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let value = flatten(graph, at)?;
    let before = &graph.nodes[*index.producers.get(&value)?];
    let input = before.input(0)?;
    let (old, new) = (graph.shape(input)?, graph.shape(value)?);
    let rest = |shape: &[Option<usize>]| shape.get(1..).and_then(|s| s.iter().copied().product::<Option<usize>>());
    if !before.domain.is_empty() || old.first() != new.first() || rest(old).is_none() || rest(old) != rest(new) {
        return None;
    }
    let harmless = match before.op.as_str() {
        "Reshape" | "Flatten" | "Squeeze" | "Unsqueeze" => true,
        "Transpose" => {
            let moved = before.ints("perm")?.iter().map(|&p| p as usize);
            // Axis 0 counts as an axis that must stay, whatever its size.
            let kept: Vec<usize> = moved.filter(|&p| p == 0 || old.get(p).copied().flatten() != Some(1)).collect();
            kept.is_sorted() && before.ints("perm")?.first() == Some(&0)
        }
        _ => false,
    };
    harmless.then(|| graph.nodes[at].inputs[0] = Some(input))
}

/// Activation of a one-pixel map, then Flatten: Flatten, then the activation of the vector.
pub(super) fn activation(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let value = flatten(graph, at).filter(|&v| one_pixel(graph, v))?;
    let before = &graph.nodes[index.sole_producer(value)?];
    let known = ["Clip", "HardSigmoid", "HardSwish", "LeakyRelu", "Relu", "Sigmoid", "Tanh"];
    let scalar = before.inputs.iter().skip(1).flatten().all(|&v| graph.tensor(v).is_some_and(|t| t.len() == 1));
    if !before.domain.is_empty() || !known.contains(&before.op.as_str()) || !scalar {
        return None;
    }
    let mut activation = before.clone();
    let input = before.input(0)?;
    let flat = add_flatten(graph, at, input)?;
    activation.inputs[0] = Some(flat);
    activation.outputs.clone_from(&graph.nodes[at].outputs);
    graph.nodes[at] = activation;
    Some(())
}

/// A 1 × 1 convolution of a one-pixel map, then Flatten: a linear layer.
pub(super) fn linear(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let value = flatten(graph, at).filter(|&v| one_pixel(graph, v))?;
    let conv = &graph.nodes[index.sole_producer(value)?];
    let input = conv.input(0).filter(|&v| one_pixel(graph, v))?;
    let weights = graph.input_tensor(conv, 1)?;
    let &[outputs, inputs, 1, 1] = weights.dims.as_slice() else { return None };
    let unpadded = conv.ints("pads").is_none_or(|p| p.iter().all(|&v| v == 0));
    if !conv.is("Conv") || conv.int("group", 1) != 1 || !unpadded || conv.text("auto_pad", "NOTSET") != "NOTSET" {
        return None;
    }
    let matrix = Tensor { dims: vec![outputs, inputs], ..weights.as_ref().clone() };
    let (name, title, bias) = (graph.values[conv.input(1)?].name.clone(), conv.name.clone(), conv.input(2));
    let flat = add_flatten(graph, at, input)?;
    let weights = graph.add_initializer(name, matrix);
    let outputs = std::mem::take(&mut graph.nodes[at].outputs);
    let attributes = named([("transB", Attribute::Int(1))]);
    let inputs = [Some(flat), Some(weights), bias].into_iter().filter(Option::is_some).collect();
    graph.nodes[at] = Node { name: title, op: "Gemm".into(), domain: String::new(), attributes, inputs, outputs };
    Some(())
}

fn add_flatten(graph: &mut Graph, at: usize, input: ValueId) -> Option<ValueId> {
    let name = format!("{}.flat", graph.values[input].name);
    let (attributes, fact) = (graph.nodes[at].attributes.clone(), flat_fact(graph, input)?);
    Some(graph.add_node(name, "Flatten", attributes, &[input], fact))
}
