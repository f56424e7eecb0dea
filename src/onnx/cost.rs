//! Counts the multiply-adds and parameters of a graph.

use super::{Graph, Node};

/// Multiply-adds of one node per image; 0 for nodes other than convolutions and matrix products, and for unknown
/// shapes. A symbolic batch counts as one; a count saturates at 2⁴⁴ − 1, so that the counts of all nodes can be added.
pub fn multiply_adds(graph: &Graph, node: &Node) -> u64 {
    let size = |dims: &[Option<usize>]| dims.iter().fold(1, |n: u64, d| n.saturating_mul(d.unwrap_or(1) as u64));
    let output = node.outputs.first().and_then(|&v| graph.shape(v));
    let weights = node.input(1).and_then(|v| graph.shape(v));
    let (Some(output), Some(weights)) = (output, weights) else { return 0 };
    let count = match (node.domain.as_str(), node.op.as_str()) {
        // Each output element is a dot product with one filter: Cin/group × kernel.
        ("", "Conv") => size(output).saturating_mul(size(weights.get(1..).unwrap_or_default())),
        // Each input element is multiplied by Cout/group × kernel weights.
        ("", "ConvTranspose") => {
            let input = node.input(0).and_then(|v| graph.shape(v)).map_or(0, size);
            input.saturating_mul(size(weights.get(1..).unwrap_or_default()))
        }
        ("", "MatMul" | "Gemm") => {
            let transposed = node.op == "Gemm" && node.int("transB", 0) == 1;
            let depth = if transposed { weights.last() } else { weights.iter().rev().nth(1) };
            size(output).saturating_mul(depth.copied().flatten().unwrap_or(1) as u64)
        }
        _ => 0,
    };
    count.min(u64::MAX >> 20)
}

/// The number of elements in the constants that these nodes read, each constant once.
pub fn parameters<'a>(graph: &Graph, nodes: impl IntoIterator<Item = &'a Node>) -> u64 {
    let mut seen = std::collections::HashSet::new();
    let reads = nodes.into_iter().flat_map(|n| n.inputs.iter().flatten());
    reads
        .filter(|&&v| seen.insert(v))
        .filter_map(|&v| graph.tensor(v))
        // Scalars are bounds and factors, not weights.
        .filter(|t| t.is_float() && !t.dims.is_empty())
        .map(|t| t.len() as u64)
        .sum()
}
