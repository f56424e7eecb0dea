//! Refuses graphs in training mode.

use crate::error::Result;
use crate::onnx::{unsupported, Graph, Node};

/// Checks that no node draws random numbers or computes statistics of its batch.
///
/// # Errors
/// `unsupported-model` with the node.
pub(super) fn check(graph: &Graph) -> Result<()> {
    let version = graph.opsets.get("").copied().unwrap_or(crate::onnx::OPSET);
    let training = |n: &&Node| match n.op.as_str() {
        // Before operator set 14, further outputs distinguished training from inference.
        "BatchNormalization" => n.int("training_mode", 0) != 0 || version < 14 && n.outputs.len() > 1,
        "Dropout" => n.input(2).and_then(|v| graph.tensor(v)).is_some_and(|t| t.bytes.iter().any(|&b| b != 0)),
        _ => false,
    };
    match graph.nodes.iter().filter(|n| n.domain.is_empty()).find(training) {
        None => Ok(()),
        Some(node) => {
            let (expected, found) = ("a model for inference", "a node in training mode");
            let remedy = "export the model in evaluation mode (torch: model.eval())";
            Err(unsupported(&graph.name, node.place(), expected, found, remedy))
        }
    }
}
