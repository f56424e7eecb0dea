//! Dequantises weights stored as integers and refuses graphs that compute in integers.

use crate::error::Result;
use crate::onnx::{self, unsupported, DataType, Graph, Node, TypeAndShape, ValueKind};
use std::sync::Arc;

/// Replaces every DequantizeLinear of constants by its result: (x − zero point) · scale, one scale per tensor or per
/// index of an axis.
///
/// # Errors
/// `unsupported-model` for integer convolutions and matrix products.
pub(super) fn unpack(graph: &mut Graph) -> Result<()> {
    for at in 0..graph.nodes.len() {
        let node = &graph.nodes[at];
        if let (Some(tensor), Some(&output)) = (onnx::dequantized(graph, node), node.outputs.first()) {
            let shape = tensor.dims.iter().map(|&d| Some(d)).collect();
            let value = &mut graph.values[output];
            value.fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(shape) };
            value.source = ValueKind::Initializer(Arc::new(tensor));
        }
    }
    let folded = |graph: &Graph, node: &Node| {
        node.is("DequantizeLinear") && node.outputs.iter().all(|&v| graph.tensor(v).is_some())
    };
    let kept = std::mem::take(&mut graph.nodes).into_iter().filter(|n| !folded(graph, n)).collect();
    graph.nodes = kept;
    none_of(graph, |n| n.op != "QuantizeLinear" && in_integers(graph, n))
}

/// Checks that all values of a graph with folded constants stay floating-point up to the logits.
///
/// # Errors
/// `unsupported-model` with the first node that rounds a value to integers: there the engine differed from
/// onnxruntime by 5e-2.
pub fn check_floats(graph: &Graph) -> Result<()> {
    none_of(graph, |n| in_integers(graph, n))
}

fn none_of(graph: &Graph, quantised: impl Fn(&Node) -> bool) -> Result<()> {
    let Some(node) = graph.nodes.iter().find(|n| quantised(n)) else { return Ok(()) };
    let (expected, found) = ("a model that computes in floating point", "one quantised to integers");
    Err(unsupported(&graph.name, node.place(), expected, found, "give the float model it was quantised from"))
}

/// Whether a node computes with quantised values.
fn in_integers(graph: &Graph, node: &Node) -> bool {
    match node.op.as_str() {
        "QuantizeLinear" => node.input(0).is_some_and(|v| graph.tensor(v).is_none()),
        "ConvInteger" | "MatMulInteger" => true,
        op => {
            let fused = ["DynamicQuantizeLinear", "DynamicQuantizeMatMul", "MatMulIntegerToFloat"];
            op.starts_with("QLinear") || fused.contains(&op)
        }
    }
}
