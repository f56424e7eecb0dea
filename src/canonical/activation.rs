//! Rewrites every spelling of an activation function to one form.

use super::Index;
use crate::onnx::{Attribute, Attributes, Graph, Node, Tensor, ValueId};

/// The bounds of a Clip node: constants or nothing; `None` if they are computed.
fn bounds(graph: &Graph, node: &Node) -> Option<(f32, f32)> {
    let bound = |index, none| match node.input(index) {
        None => Some(none),
        Some(value) => graph.tensor(value)?.scalar(),
    };
    Some((bound(1, f32::NEG_INFINITY)?, bound(2, f32::INFINITY)?))
}

/// Makes the node a Clip between two constants, or a Relu where the bounds are 0 and infinity.
fn set_clip(graph: &mut Graph, at: usize, input: ValueId, low: f32, high: f32) {
    let mut inputs = vec![Some(input)];
    let relu = low == 0.0 && high == f32::INFINITY;
    if !relu {
        for (name, bound) in [("min", low), ("max", high)] {
            let name = format!("{}.{name}", graph.values[graph.nodes[at].outputs[0]].name);
            let value = bound.is_finite().then(|| graph.add_initializer(name, Tensor::from_f32(&[], &[bound])));
            inputs.push(value);
        }
        while inputs.last() == Some(&None) {
            inputs.pop();
        }
    }
    let node = &mut graph.nodes[at];
    node.op = if relu { "Relu" } else { "Clip" }.to_string();
    node.domain.clear();
    node.attributes = Attributes::new();
    node.inputs = inputs;
}

/// Clip bounds as scalar floats of their own; Relu6 and Clip from 0 upwards by their usual name.
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
    set_clip(graph, at, input, low, high);
    Some(())
}

/// Min or Max with one constant is half a Clip; Clip after Clip or Relu is one.
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
        // Clamping into [l, h] after [l0, h0] is one clamp while the ranges overlap.
        Some((inner, low0, high0)) if low0.max(low) <= high0.min(high) => {
            set_clip(graph, at, inner, low0.max(low), high0.min(high));
            Some(())
        }
        _ if node.is("Min") || node.is("Max") => {
            set_clip(graph, at, input, low, high);
            Some(())
        }
        _ => None,
    }
}

/// The operands of a two-input node of which one is a constant: (value, constant).
pub(super) fn constant_operand(graph: &Graph, node: &Node) -> Option<(ValueId, ValueId)> {
    let (a, b) = (node.input(0)?, node.input(1)?);
    match (graph.tensor(a), graph.tensor(b)) {
        (None, Some(_)) => Some((a, b)),
        (Some(_), None) => Some((b, a)),
        _ => None,
    }
}

/// The number of a constant that meets `value` in an elementwise operator, if it is one number and has no more
/// dimensions than `value`: further ones would be dimensions of the result too.
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

/// x · σ(x) is written as Mul(x, Sigmoid(x)), in this order: no operator of our set has its name.
pub(super) fn silu(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let (a, b) = (node.input(0)?, node.input(1)?);
    let sigmoid_of = |value, of| {
        index
            .producers
            .get(&value)
            .is_some_and(|&p| graph.nodes[p].is("Sigmoid") && graph.nodes[p].input(0) == Some(of))
    };
    if node.is("Mul") && sigmoid_of(a, b) && !sigmoid_of(b, a) {
        graph.nodes[at].inputs.swap(0, 1);
        return Some(());
    }
    None
}

/// Clip(x + 3, 0, 6) / 6 is HardSigmoid with alpha 1/6.
pub(super) fn hard_sigmoid(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let (clipped, factor) = scaled(graph, &graph.nodes[at])?;
    let clip = &graph.nodes[index.sole_producer(clipped)?];
    if !clip.is("Clip") || bounds(graph, clip)? != (0.0, 6.0) || (factor - 1.0 / 6.0).abs() > 1e-7 {
        return None;
    }
    let add = &graph.nodes[index.sole_producer(clip.input(0)?)?];
    let (input, three) = constant_operand(graph, add)?;
    if !add.is("Add") || single(graph, input, three)? != 3.0 {
        return None;
    }
    set_hard_sigmoid(&mut graph.nodes[at], input);
    Some(())
}

fn set_hard_sigmoid(node: &mut Node, input: ValueId) {
    node.op = "HardSigmoid".to_string();
    node.inputs = vec![Some(input)];
    node.attributes = Attributes::from([
        ("alpha".to_string(), Attribute::Float(1.0 / 6.0)),
        ("beta".to_string(), Attribute::Float(0.5)),
    ]);
}

/// x · HardSigmoid(x) is HardSwish, also where exporters write x · Clip(x + 3, 0, 6) / 6.
pub(super) fn hard_swish(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    if let Some(input) = product_over_six(graph, index, node) {
        graph.nodes[at].op = "HardSwish".to_string();
        graph.nodes[at].inputs = vec![Some(input)];
        graph.nodes[at].attributes = Attributes::new();
        return Some(());
    }
    let (a, b) = (node.input(0)?, node.input(1)?);
    let hard_sigmoid_of = |value, of| {
        index.producers.get(&value).is_some_and(|&p| {
            let node = &graph.nodes[p];
            let sixth = (node.float("alpha", 0.2) - 1.0 / 6.0).abs() < 1e-7;
            node.is("HardSigmoid") && node.input(0) == Some(of) && sixth && node.float("beta", 0.5) == 0.5
        })
    };
    let input = if hard_sigmoid_of(a, b) {
        b
    } else if hard_sigmoid_of(b, a) {
        a
    } else {
        return None;
    };
    if !node.is("Mul") {
        return None;
    }
    graph.nodes[at].op = "HardSwish".to_string();
    graph.nodes[at].inputs = vec![Some(input)];
    Some(())
}

/// The x of (x · Clip(x + 3, 0, 6)) / 6.
fn product_over_six(graph: &Graph, index: &Index, node: &Node) -> Option<ValueId> {
    let (product, factor) = scaled(graph, node)?;
    let mul = &graph.nodes[index.sole_producer(product)?];
    if !mul.is("Mul") || (factor - 1.0 / 6.0).abs() > 1e-7 {
        return None;
    }
    let (a, b) = (mul.input(0)?, mul.input(1)?);
    let shifted_clip_of = |value: ValueId, of: ValueId| -> Option<()> {
        let clip = &graph.nodes[index.sole_producer(value)?];
        let add = &graph.nodes[index.sole_producer(clip.input(0)?)?];
        let (input, three) = constant_operand(graph, add)?;
        let fits = clip.is("Clip") && bounds(graph, clip)? == (0.0, 6.0) && add.is("Add");
        (fits && input == of && single(graph, input, three)? == 3.0).then_some(())
    };
    if shifted_clip_of(b, a).is_some() {
        Some(a)
    } else {
        shifted_clip_of(a, b).map(|()| b)
    }
}
