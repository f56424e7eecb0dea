//! Rewrites equivalent forms of activation functions to one form.

use super::Index;
use crate::onnx::{Attribute, Attributes, Graph, Node, Tensor, ValueId};

/// The bounds of a Clip node: constants or absent; `None` if they are computed.
fn bounds(graph: &Graph, node: &Node) -> Option<(f32, f32)> {
    let bound = |index, none| match node.input(index) {
        None => Some(none),
        Some(value) => graph.tensor(value)?.scalar(),
    };
    Some((bound(1, f32::NEG_INFINITY)?, bound(2, f32::INFINITY)?))
}

/// Makes the node a Clip between two constants, or a Relu if the bounds are 0 and infinity.
fn set_clip(graph: &mut Graph, at: usize, input: ValueId, low: f32, high: f32) -> Option<()> {
    let mut inputs = vec![Some(input)];
    let relu = low == 0.0 && high == f32::INFINITY;
    if !relu {
        for (name, bound) in [("min", low), ("max", high)] {
            let name = format!("{}.{name}", graph.values[graph.nodes[at].outputs[0]].name);
            inputs.push(bound.is_finite().then(|| graph.add_initializer(name, Tensor::from_f32(&[], &[bound]))));
        }
        while inputs.last() == Some(&None) {
            inputs.pop();
        }
    }
    graph.nodes[at].set(if relu { "Relu" } else { "Clip" }, Attributes::new(), &[]);
    graph.nodes[at].inputs = inputs;
    Some(())
}

/// Writes Clip bounds as separate scalar floats, Relu6 as Clip, and Clip from 0 upwards as Relu.
pub(super) fn clip(graph: &mut Graph, _: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    if !node.is("Clip") {
        return None;
    }
    let (low, high) = bounds(graph, node)?;
    let plain = |index: usize| graph.input_tensor(node, index).is_none_or(|t| t.dims.is_empty());
    if plain(1) && plain(2) && !(low == 0.0 && high == f32::INFINITY) {
        return None;
    }
    let input = node.input(0)?;
    set_clip(graph, at, input, low, high)
}

/// Min or Max with one constant becomes a one-sided Clip; Clip after Clip or Relu becomes one Clip.
pub(super) fn from_min_max(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let range = |node: &Node| -> Option<(ValueId, f32, f32)> {
        match (node.domain.as_str(), node.op.as_str()) {
            ("", "Relu") => Some((node.input(0)?, 0.0, f32::INFINITY)),
            ("", "Clip") => bounds(graph, node).and_then(|(l, h)| Some((node.input(0)?, l, h))),
            ("", "Min" | "Max") if node.inputs.len() == 2 => {
                let (value, constant) = constant_operand(graph, node)?;
                let bound = single(graph, value, constant)?;
                Some(if node.op == "Min" { (value, f32::NEG_INFINITY, bound) } else { (value, bound, f32::INFINITY) })
            }
            _ => None,
        }
    };
    let (input, low, high) = range(node)?;
    let before = index.sole_producer(input).and_then(|p| range(&graph.nodes[p]));
    match before {
        // Clamping to [l0, h0] and then to [l, h] is one clamp if the ranges overlap.
        Some((inner, low0, high0)) if low0.max(low) <= high0.min(high) => {
            set_clip(graph, at, inner, low0.max(low), high0.min(high))
        }
        _ if node.is("Min") || node.is("Max") => set_clip(graph, at, input, low, high),
        _ => None,
    }
}

/// The operands of a two-input node with one constant: (value, constant).
pub(super) fn constant_operand(graph: &Graph, node: &Node) -> Option<(ValueId, ValueId)> {
    let (a, b) = (node.input(0)?, node.input(1)?);
    match (graph.tensor(a), graph.tensor(b)) {
        (None, Some(_)) => Some((a, b)),
        (Some(_), None) => Some((b, a)),
        _ => None,
    }
}

/// The number of a constant that meets `value` in an elementwise operator, if it is one number and has no more
/// dimensions than `value`: further ones would add dimensions to the result.
fn single(graph: &Graph, value: ValueId, constant: ValueId) -> Option<f32> {
    let tensor = graph.tensor(constant)?;
    let fits = tensor.dims.is_empty() || graph.shape(value)?.len() >= tensor.dims.len();
    fits.then(|| tensor.scalar()).flatten()
}

/// The value and the factor of a product with, or a quotient by, one number.
fn scaled(graph: &Graph, node: &Node) -> Option<(ValueId, f32)> {
    let (value, constant) = match (node.domain.as_str(), node.op.as_str()) {
        ("", "Mul") => constant_operand(graph, node)?,
        ("", "Div") => (node.input(0)?, node.input(1)?),
        _ => return None,
    };
    let number = single(graph, value, constant)?;
    Some((value, if node.op == "Mul" { number } else { 1.0 / number }))
}

/// Writes x · σ(x) as Mul(x, Sigmoid(x)), in this order: our operator set has no operator for it.
pub(super) fn silu(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let (a, b) = (node.input(0)?, node.input(1)?);
    let sigmoid_of = |value, of| index.producer(graph, value, "Sigmoid").is_some_and(|n| n.input(0) == Some(of));
    if node.is("Mul") && sigmoid_of(a, b) && !sigmoid_of(b, a) {
        graph.nodes[at].inputs.swap(0, 1);
        return Some(());
    }
    None
}

/// Clip(x + 3, 0, 6) / 6 is HardSigmoid with alpha 1/6.
pub(super) fn hard_sigmoid(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let (clipped, factor) = scaled(graph, &graph.nodes[at])?;
    let input = clipped_sum(graph, index, clipped).filter(|_| (factor - 1.0 / 6.0).abs() <= 1e-7)?;
    let sixth = [("alpha".to_string(), Attribute::Float(1.0 / 6.0)), ("beta".to_string(), Attribute::Float(0.5))];
    graph.nodes[at].set("HardSigmoid", Attributes::from(sixth), &[input]);
    Some(())
}

/// x · HardSigmoid(x) is HardSwish, also where exporters write x · Clip(x + 3, 0, 6) / 6.
pub(super) fn hard_swish(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let input = product_over_six(graph, index, node).or_else(|| hard_sigmoid_product(graph, index, node))?;
    graph.nodes[at].set("HardSwish", Attributes::new(), &[input]);
    Some(())
}

/// The operand x of a product for which `gate_of` finds that the other operand is a gate of x.
fn gated(product: &Node, gate_of: impl Fn(ValueId, ValueId) -> Option<bool>) -> Option<ValueId> {
    let (a, b) = (product.input(0)?, product.input(1)?);
    let gates = |gate, of| gate_of(gate, of) == Some(true);
    product.is("Mul").then(|| if gates(b, a) { Some(a) } else { gates(a, b).then_some(b) }).flatten()
}

/// The x of x · HardSigmoid(x).
fn hard_sigmoid_product(graph: &Graph, index: &Index, node: &Node) -> Option<ValueId> {
    gated(node, |gate, of| {
        let node = index.producer(graph, gate, "HardSigmoid")?;
        let sixth = (node.float("alpha", 0.2) - 1.0 / 6.0).abs() < 1e-7;
        Some(node.input(0) == Some(of) && sixth && node.float("beta", 0.5) == 0.5)
    })
}

/// The x of (x · Clip(x + 3, 0, 6)) / 6.
fn product_over_six(graph: &Graph, index: &Index, node: &Node) -> Option<ValueId> {
    let (product, factor) = scaled(graph, node)?;
    let mul = &graph.nodes[index.sole_producer(product)?];
    gated(mul, |clipped, of| Some(clipped_sum(graph, index, clipped)? == of))
        .filter(|_| (factor - 1.0 / 6.0).abs() <= 1e-7)
}

/// The x of Clip(x + 3, 0, 6), if it has no other reader.
fn clipped_sum(graph: &Graph, index: &Index, value: ValueId) -> Option<ValueId> {
    let clip = &graph.nodes[index.sole_producer(value)?];
    let add = &graph.nodes[index.sole_producer(clip.input(0)?)?];
    let (input, three) = constant_operand(graph, add)?;
    let fits = clip.is("Clip") && bounds(graph, clip)? == (0.0, 6.0) && add.is("Add");
    (fits && single(graph, input, three)? == 3.0).then_some(input)
}
