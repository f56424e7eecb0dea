//! Structural fingerprints of nodes: operator, attributes and inputs, without weights.

use crate::onnx::{Graph, Node, ValueId};

/// The structure of one computation: operator, attributes, and per input either the value it reads or the type and
/// dimensions of a constant. Equal fingerprints with equal constants compute the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Fingerprint {
    op: String,
    domain: String,
    attributes: String,
    operands: Vec<Operand>,
    outputs: usize,
}

/// One input of a computation.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Operand {
    Absent,
    /// A computed value of the aligned graph.
    Value(ValueId),
    Constant(i32, Vec<usize>),
}

/// Commutative operators.
const COMMUTATIVE: [&str; 6] = ["Add", "Max", "Mean", "Min", "Mul", "Sum"];

/// The fingerprint of a node and its constant inputs in the fingerprint's order. `place` maps a computed value to
/// the aligned graph; `None` if a value is not mapped yet.
pub fn fingerprint(
    graph: &Graph,
    node: &Node,
    place: impl Fn(ValueId) -> Option<ValueId>,
) -> Option<(Fingerprint, Vec<ValueId>)> {
    let mut operands = Vec::with_capacity(node.inputs.len());
    for input in &node.inputs {
        operands.push(match input {
            None => (Operand::Absent, None),
            Some(value) => match graph.tensor(*value) {
                Some(tensor) => (Operand::Constant(tensor.dtype as i32, tensor.dims.clone()), Some(*value)),
                None => (Operand::Value(place(*value)?), None),
            },
        });
    }
    if node.domain.is_empty() && COMMUTATIVE.contains(&node.op.as_str()) {
        operands.sort_by(|a, b| a.0.cmp(&b.0));
    }
    let constants = operands.iter().filter_map(|(_, value)| *value).collect();
    let fingerprint = Fingerprint {
        op: node.op.clone(),
        domain: node.domain.clone(),
        attributes: format!("{:?}", node.attributes),
        operands: operands.into_iter().map(|(operand, _)| operand).collect(),
        outputs: node.outputs.len(),
    };
    Some((fingerprint, constants))
}
