//! Rewrites global average pooling and the Flatten after it to one form.

use super::Index;
use crate::onnx::{Attribute, Attributes, Graph, Node, TypeAndShape};

/// A mean over all spatial axes becomes GlobalAveragePool, then Flatten where the axes are dropped.
pub(super) fn global_average(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let mut input = node.input(0)?;
    let flat = match (node.domain.as_str(), node.op.as_str()) {
        ("", "ReduceMean") => {
            let (axes, flat) = (node.ints("axes")?, node.int("keepdims", 1) == 0);
            // Keras averages NHWC maps: the transpose to NHWC before the mean is removed.
            let before = index.producers.get(&input).map(|&p| &graph.nodes[p]);
            match before {
                Some(t) if t.is("Transpose") && t.ints("perm") == Some(&[0, 2, 3, 1]) && flat && axes == [1, 2] => {
                    input = t.input(0)?;
                }
                // Or the map was reshaped to one row of pixels.
                Some(r) if r.is("Reshape") && flat && axes == [2] => {
                    let (before, row) = (r.input(0)?, graph.shape(input)?);
                    let shape = graph.shape(before)?;
                    let pixels = product(shape.get(2..)?);
                    let ranks = shape.len() == 4 && row.len() == 3;
                    if !ranks || shape[1].is_none() || shape[..2] != row[..2] || pixels.is_none() || pixels != row[2] {
                        return None;
                    }
                    input = before;
                }
                _ if axes == [2, 3] => {}
                _ => return None,
            }
            flat
        }
        ("", "AveragePool") if is_global(graph, node) => false,
        _ => return None,
    };
    let shape = graph.shape(input)?;
    if shape.len() != 4 {
        return None;
    }
    let pooled =
        TypeAndShape { dtype: graph.values[input].fact.dtype, shape: Some(vec![shape[0], shape[1], Some(1), Some(1)]) };
    if flat {
        let name = format!("{}.pooled", graph.values[node.outputs[0]].name);
        let value = graph.add_node(name, "GlobalAveragePool", Attributes::new(), &[input], pooled);
        set_flatten(&mut graph.nodes[at], value);
    } else {
        graph.nodes[at].set("GlobalAveragePool", Attributes::new(), &[input]);
    }
    Some(())
}

fn is_global(graph: &Graph, node: &Node) -> bool {
    let whole = node.input(0).and_then(|v| graph.shape(v)).and_then(|s| s.get(2..)).is_some_and(|size| {
        let kernel = node.ints("kernel_shape").unwrap_or_default();
        kernel.len() == size.len() && kernel.iter().zip(size).all(|(&k, &s)| s == usize::try_from(k).ok())
    });
    let ones = |name| node.ints(name).is_none_or(|v| v.iter().all(|&d| d == 1));
    whole && ones("dilations") && node.ints("pads").is_some_and(|p| p.iter().all(|&v| v == 0))
}

/// A reshape of [N, …] to [N, K] becomes Flatten.
pub(super) fn flatten(graph: &mut Graph, _: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    if !node.is("Reshape") && !node.is("Squeeze") {
        return None;
    }
    let (input, output) = (graph.shape(node.input(0)?)?, graph.shape(*node.outputs.first()?)?);
    let rest = product(input.get(1..)?)?;
    // If all other dimensions are known and equal, so is the first one.
    if output.len() != 2 || output[1] != Some(rest) || input[0] != output[0] || rest == 0 {
        return None;
    }
    let input = node.input(0)?;
    set_flatten(&mut graph.nodes[at], input);
    Some(())
}

fn set_flatten(node: &mut Node, input: crate::onnx::ValueId) {
    node.set("Flatten", Attributes::from([("axis".to_string(), Attribute::Int(1))]), &[input]);
}

/// The product of these axes' sizes, if they are known and it does not overflow.
fn product(dims: &[Option<usize>]) -> Option<usize> {
    dims.iter().try_fold(1usize, |n, d| n.checked_mul((*d)?))
}
