//! Stores weights as half floats that are widened when the model is loaded.

use crate::onnx::{attributes, Attribute, DataType, Graph, Tensor};
use crate::rule;

/// Tensors with fewer numbers stay unchanged: the gain is negligible.
pub(super) const LEAST: usize = 256;

/// Replaces every large float constant by a half-float one followed by a Cast to 32 bits. Constants beyond the range of
/// half floats stay, as do the rule's, whose sums over all features cancel, and which are small compared with a
/// backbone's (C labels × D features at most).
pub(super) fn store(graph: &mut Graph) {
    for value in 0..graph.values.len() {
        if graph.values[value].name.starts_with(rule::PREFIX) {
            continue;
        }
        let Some(half) = graph.tensor(value).and_then(|t| narrow(t)) else { continue };
        let name = graph.values[value].name.clone();
        let half = graph.add_initializer(format!("{name}.f16"), half);
        graph.compute(value, "Cast", attributes([("to", Attribute::Int(DataType::Float as i64))]), &[half]);
    }
    graph.prune_and_sort();
}

fn narrow(tensor: &Tensor) -> Option<Tensor> {
    if tensor.dtype != DataType::Float || tensor.len() < LEAST {
        return None;
    }
    let values = tensor.f32s()?;
    if values.iter().any(|v| v.abs() > half::f16::MAX.to_f32()) {
        return None;
    }
    let bytes = values.iter().flat_map(|&v| half::f16::from_f32(v).to_le_bytes()).collect();
    Some(Tensor { dims: tensor.dims.clone(), dtype: DataType::Float16, bytes })
}
