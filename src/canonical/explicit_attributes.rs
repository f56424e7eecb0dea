//! Writes default attributes explicitly.

use super::Index;
use crate::onnx::{Attribute, Attributes, Graph, Node};

/// Writes the default attributes of common operators explicitly and makes axes non-negative.
pub(super) fn explicit(graph: &mut Graph, _: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    if !node.domain.is_empty() {
        return None;
    }
    let mut attributes = node.attributes.clone();
    let rank = node.input(0).and_then(|v| graph.shape(v)).map(|s| s.len());
    fill(graph, node, rank, &mut attributes);
    if let Some(rank) = rank {
        non_negative(&node.op, rank as i64, &mut attributes);
    }
    if attributes == graph.nodes[at].attributes {
        return None;
    }
    graph.nodes[at].attributes = attributes;
    Some(())
}

fn fill(graph: &Graph, node: &Node, rank: Option<usize>, attributes: &mut Attributes) {
    let mut default = |name: &str, value: Attribute| {
        attributes.entry(name.to_string()).or_insert(value);
    };
    let (int, float, text) = (Attribute::Int, Attribute::Float, |text: &str| Attribute::String(text.into()));
    let ints = |value: i64, count: usize| Attribute::Ints(vec![value; count]);
    let unpadded = node.text("auto_pad", "NOTSET") == "NOTSET";
    match node.op.as_str() {
        "Conv" | "ConvTranspose" => {
            let kernel = node.input(1).and_then(|v| graph.shape(v)).and_then(|s| s.get(2..));
            let kernel = kernel.and_then(|k| k.iter().map(|d| d.map(|d| d as i64)).collect::<Option<Vec<_>>>());
            if let Some(kernel) = kernel {
                default("dilations", ints(1, kernel.len()));
                default("strides", ints(1, kernel.len()));
                if unpadded {
                    default("pads", ints(0, 2 * kernel.len()));
                }
                default("kernel_shape", Attribute::Ints(kernel));
            }
            default("group", int(1));
            default("auto_pad", text("NOTSET"));
        }
        "MaxPool" | "AveragePool" | "LpPool" => {
            if let Some(kernel) = node.ints("kernel_shape").map(<[i64]>::len) {
                default("strides", ints(1, kernel));
                if unpadded {
                    default("pads", ints(0, 2 * kernel));
                }
                if node.op == "MaxPool" {
                    default("dilations", ints(1, kernel));
                }
            }
            default("auto_pad", text("NOTSET"));
            default("ceil_mode", int(0));
            match node.op.as_str() {
                "MaxPool" => default("storage_order", int(0)),
                "AveragePool" => default("count_include_pad", int(0)),
                _ => default("p", int(2)),
            }
        }
        "BatchNormalization" => {
            default("epsilon", float(1e-5));
            default("training_mode", int(0));
            attributes.remove("momentum");
        }
        "InstanceNormalization" => default("epsilon", float(1e-5)),
        "LayerNormalization" => {
            default("axis", int(-1));
            default("epsilon", float(1e-5));
        }
        "Softmax" | "LogSoftmax" | "Hardmax" => default("axis", int(-1)),
        "Flatten" => default("axis", int(1)),
        "Gather" => default("axis", int(0)),
        "LeakyRelu" => default("alpha", float(0.01)),
        "Elu" => default("alpha", float(1.0)),
        "HardSigmoid" => {
            default("alpha", float(0.2));
            default("beta", float(0.5));
        }
        "Selu" => {
            default("alpha", float(1.673_263_2));
            default("gamma", float(1.050_701));
        }
        "Gemm" => {
            default("alpha", float(1.0));
            default("beta", float(1.0));
            default("transA", int(0));
            default("transB", int(0));
        }
        "Reshape" => default("allowzero", int(0)),
        "Pad" => default("mode", text("constant")),
        "Transpose" => {
            if let Some(rank) = rank {
                default("perm", Attribute::Ints((0..rank as i64).rev().collect()));
            }
        }
        op if op.starts_with("Reduce") => {
            default("keepdims", int(1));
            if node.op != "ReduceSum" {
                if let Some(rank) = rank {
                    default("axes", Attribute::Ints((0..rank as i64).collect()));
                }
            }
        }
        _ => {}
    }
}

/// Counts axes from the front, in ascending order.
fn non_negative(op: &str, rank: i64, attributes: &mut Attributes) {
    let front = |axis: &mut i64| *axis += if *axis < 0 { rank } else { 0 };
    match op {
        // The `axis` of other operators refers to the output or to another input.
        "ArgMax" | "ArgMin" | "Compress" | "Concat" | "DequantizeLinear" | "Flatten" | "Gather" | "GatherElements"
        | "Hardmax" | "LayerNormalization" | "LogSoftmax" | "LpNormalization" | "QuantizeLinear" | "Scatter"
        | "ScatterElements" | "Softmax" | "Split" | "SplitToSequence" | "TopK" | "Unique" => {
            if let Some(Attribute::Int(axis)) = attributes.get_mut("axis") {
                front(axis);
            }
        }
        op if op.starts_with("Reduce") => {
            if let Some(Attribute::Ints(axes)) = attributes.get_mut("axes") {
                axes.iter_mut().for_each(front);
                axes.sort_unstable();
            }
        }
        _ => {}
    }
}
