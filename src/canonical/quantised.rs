//! Unpacks weights that are stored as integers and refuses graphs that compute in them.

use crate::error::{ErrorKind, Result};
use crate::onnx::{DataType, Fact, Graph, Node, Source, Tensor};
use std::sync::Arc;

/// Replaces every DequantizeLinear of constants by its result: (x − zero point) · scale, one scale for all or
/// one for each place on an axis.
///
/// # Errors
/// `unsupported-model` for convolutions and products of integers.
pub(super) fn unpack(graph: &mut Graph) -> Result<()> {
    for at in 0..graph.nodes.len() {
        let node = &graph.nodes[at];
        if !node.is("DequantizeLinear") {
            continue;
        }
        if let (Some(tensor), Some(&output)) = (unpacked(graph, node), node.outputs.first()) {
            let shape = tensor.dims.iter().map(|&d| Some(d)).collect();
            let value = &mut graph.values[output];
            value.fact = Fact { dtype: Some(DataType::Float), shape: Some(shape) };
            value.source = Source::Initializer(Arc::new(tensor));
        }
    }
    let folded = |graph: &Graph, node: &Node| {
        node.is("DequantizeLinear") && node.outputs.iter().all(|&v| graph.tensor(v).is_some())
    };
    let kept = std::mem::take(&mut graph.nodes).into_iter().filter(|n| !folded(graph, n)).collect();
    graph.nodes = kept;
    match graph.nodes.iter().find(|n| n.op != "QuantizeLinear" && in_integers(graph, n)) {
        None => Ok(()),
        Some(node) => Err(refusal(graph, node)),
    }
}

/// Whether all values of a graph with folded constants are floating-point numbers on their way to the logits.
///
/// # Errors
/// `unsupported-model` with the first node that rounds a value to integers: the engine was seen 5e-2 away from
/// onnxruntime there.
pub fn check_floats(graph: &Graph) -> Result<()> {
    match graph.nodes.iter().find(|n| in_integers(graph, n)) {
        None => Ok(()),
        Some(node) => Err(refusal(graph, node)),
    }
}

fn refusal(graph: &Graph, node: &Node) -> crate::Error {
    let remedy = "give the float model it was quantised from".into();
    let (model, place) = (graph.name.clone(), format!("node '{}' ({})", node.title(), node.op));
    let (expected, found) = ("a model that computes in floating point".into(), "one quantised to integers".into());
    ErrorKind::Unsupported { model, place, expected, found, remedy }.into()
}

/// Whether a node computes with quantised values.
fn in_integers(graph: &Graph, node: &Node) -> bool {
    match node.op.as_str() {
        "QuantizeLinear" => node.input(0).is_some_and(|v| graph.tensor(v).is_none()),
        "ConvInteger"
        | "MatMulInteger"
        | "DynamicQuantizeLinear"
        | "DynamicQuantizeMatMul"
        | "MatMulIntegerToFloat" => true,
        op => op.starts_with("QLinear"),
    }
}

fn unpacked(graph: &Graph, node: &Node) -> Option<Tensor> {
    let (quantised, scale) = (graph.input_tensor(node, 0)?, graph.input_tensor(node, 1)?);
    if node.int("block_size", 0) != 0 {
        return None;
    }
    let values = integers(quantised)?;
    let scales = scale.f32s()?;
    let zeros = match node.input(2) {
        None => vec![0; scales.len()],
        Some(value) => integers(graph.tensor(value)?)?,
    };
    if scales.len() != zeros.len() || scales.is_empty() {
        return None;
    }
    let rank = quantised.dims.len() as i64;
    let axis = node.int("axis", 1);
    let axis = usize::try_from(if axis < 0 { axis + rank } else { axis }).ok()?;
    // How many neighbours share a place on the axis, and how many places there are.
    let (inner, places) = match scales.len() {
        1 => (1, 1),
        count => {
            let behind = quantised.dims.get(axis.checked_add(1)?..)?;
            (behind.iter().try_fold(1, |product: usize, &d| product.checked_mul(d))?, count)
        }
    };
    if places > 1 && quantised.dims.get(axis) != Some(&places) {
        return None;
    }
    let unpack = |(at, value): (usize, i64)| {
        let place = at / usize::max(inner, 1) % places;
        (value - zeros[place]) as f32 * scales[place]
    };
    let values: Vec<f32> = values.into_iter().enumerate().map(unpack).collect();
    Some(Tensor::from_f32(&quantised.dims, &values))
}

/// The numbers of a tensor of integers of at most 32 bits, whose differences fit 64.
fn integers(tensor: &Tensor) -> Option<Vec<i64>> {
    match tensor.dtype {
        DataType::Int8 => Some(tensor.bytes.iter().map(|&b| i64::from(b as i8)).collect()),
        DataType::Uint8 => Some(tensor.bytes.iter().map(|&b| i64::from(b)).collect()),
        DataType::Int16 => {
            Some(tensor.bytes.chunks_exact(2).map(|c| i64::from(i16::from_le_bytes([c[0], c[1]]))).collect())
        }
        DataType::Uint16 => {
            Some(tensor.bytes.chunks_exact(2).map(|c| i64::from(u16::from_le_bytes([c[0], c[1]]))).collect())
        }
        DataType::Int32 => tensor.i64s(),
        _ => None,
    }
}
