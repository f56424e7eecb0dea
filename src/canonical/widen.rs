//! Turns half-precision graphs into 32-bit ones.

use crate::onnx::{Attribute, DataType, Fact, Graph, Source, Tensor};
use std::sync::Arc;

/// Makes every half float and bfloat16 of a graph (weights, constants in attributes, casts, inputs) a 32-bit
/// float of the same value.
///
/// The engine cannot run such files as they are, so this widened graph also stands for the source in the proof
/// of a merge. It differs from what a half-precision runtime computes by that runtime's rounding.
pub(super) fn widen(graph: &mut Graph) {
    for value in &mut graph.values {
        if let Source::Initializer(tensor) = &mut value.source {
            widen_tensor(tensor);
        }
        widen_fact(&mut value.fact);
    }
    for node in &mut graph.nodes {
        for (name, attribute) in &mut node.attributes {
            match attribute {
                Attribute::Tensor(tensor) => widen_tensor(tensor),
                // Where a node states the type of its output: Cast, EyeLike, QuantizeLinear's scale.
                Attribute::Int(code) if (name == "to" || name.ends_with("dtype")) && states_half(*code) => {
                    *code = DataType::Float as i64;
                }
                _ => {}
            }
        }
    }
}

fn is_half(dtype: DataType) -> bool {
    matches!(dtype, DataType::Float16 | DataType::Bfloat16)
}

fn states_half(code: i64) -> bool {
    i32::try_from(code).ok().and_then(|c| DataType::try_from(c).ok()).is_some_and(is_half)
}

fn widen_fact(fact: &mut Fact) {
    if fact.dtype.is_some_and(is_half) {
        fact.dtype = Some(DataType::Float);
    }
}

fn widen_tensor(tensor: &mut Arc<Tensor>) {
    if !is_half(tensor.dtype) {
        return;
    }
    if let Some(values) = tensor.f32s() {
        *tensor = Arc::new(Tensor::from_f32(&tensor.dims, &values));
    }
}
