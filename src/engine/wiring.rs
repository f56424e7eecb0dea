//! Refuses graphs with undefined or twice defined values.

use crate::error::Result;
use crate::onnx::malformed;
use crate::onnx::pb::GraphProto;
use std::collections::HashSet;

/// Checks that every value is defined, and only once.
///
/// # Errors
/// `malformed-model` with the value's name.
pub(super) fn check(model: &str, graph: &GraphProto) -> Result<()> {
    let given = graph.initializer.iter().map(|t| t.name.as_str()).chain(graph.input.iter().map(|i| i.name.as_str()));
    let mut defined: HashSet<&str> = given.collect();
    let mut outputs = graph.node.iter().flat_map(|n| &n.output).filter(|name| !name.is_empty());
    if let Some(output) = outputs.find(|output| !defined.insert(output)) {
        return Err(malformed(model, value(output), "one definition", "several"));
    }
    let read = graph.node.iter().flat_map(|n| &n.input).filter(|name| !name.is_empty());
    match read.chain(graph.output.iter().map(|o| &o.name)).find(|name| !defined.contains(name.as_str())) {
        None => Ok(()),
        Some(name) => Err(malformed(model, value(name), "a definition", "none in the file")),
    }
}

fn value(name: &str) -> String {
    format!("value '{name}'")
}
