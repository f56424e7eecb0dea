//! Converts half-precision and double-precision graphs to 32-bit floats.

use crate::onnx::{Attribute, DataType, Graph, Tensor, ValueKind};
use std::sync::Arc;

/// Converts every half float, bfloat16 and double of a graph (weights, constants in attributes, casts, inputs) to a
/// 32-bit float: halves keep their value, doubles are rounded to the nearest float.
///
/// A merged graph computes in one precision, so the verification of a merge also runs the source as this 32-bit
/// graph. It differs from a runtime in the stored precision by rounding to the narrower of the two.
pub(super) fn widen(graph: &mut Graph) {
    for value in &mut graph.values {
        if let ValueKind::Initializer(tensor) = &mut value.source {
            widen_tensor(tensor);
        }
        if value.fact.dtype.is_some_and(is_other) {
            value.fact.dtype = Some(DataType::Float);
        }
    }
    for node in &mut graph.nodes {
        for (name, attribute) in &mut node.attributes {
            match attribute {
                Attribute::Tensor(tensor) => widen_tensor(tensor),
                // Nodes that state the type of their output: Cast, EyeLike, QuantizeLinear's scale.
                Attribute::Int(code) if (name == "to" || name.ends_with("dtype")) && states_other(*code) => {
                    *code = DataType::Float as i64;
                }
                _ => {}
            }
        }
    }
}

/// Whether the type is a float of another width than 32 bits.
fn is_other(dtype: DataType) -> bool {
    matches!(dtype, DataType::Float16 | DataType::Bfloat16 | DataType::Double)
}

fn states_other(code: i64) -> bool {
    i32::try_from(code).ok().and_then(|c| DataType::try_from(c).ok()).is_some_and(is_other)
}

fn widen_tensor(tensor: &mut Arc<Tensor>) {
    if !is_other(tensor.dtype) {
        return;
    }
    if let Some(values) = tensor.f32s() {
        *tensor = Arc::new(Tensor::from_f32(&tensor.dims, &values));
    }
}
