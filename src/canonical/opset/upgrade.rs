//! Upgrades operators of older operator sets to the supported one.

use super::{front, only, scalar, split_sizes, to_input};
use crate::onnx::{Attribute, Graph};

/// Rewrites a node of an older operator set; `Err` states the supported form.
pub(super) fn raise(graph: &mut Graph, at: usize, version: i64) -> Result<(), String> {
    let op = graph.nodes[at].op.clone();
    match op.as_str() {
        "Softmax" | "LogSoftmax" | "Hardmax" if version < 13 => coerced_axis(graph, at),
        "Clip" if version < 11 => {
            let min = graph.nodes[at].float("min", f32::NEG_INFINITY);
            let max = graph.nodes[at].float("max", f32::INFINITY);
            graph.nodes[at].attributes.clear();
            for bound in [min, max] {
                let bound = bound.is_finite().then(|| scalar(graph, at, bound));
                graph.nodes[at].inputs.push(bound);
            }
            Ok(())
        }
        "Dropout" if version < 12 => {
            graph.nodes[at].attributes.clear();
            Ok(())
        }
        "Squeeze" | "Unsqueeze" | "ReduceSum" if version < 13 => {
            to_input(graph, at, "axes");
            Ok(())
        }
        "Split" if version < 13 => {
            to_input(graph, at, "split");
            split_sizes(graph, at)
        }
        "Pad" if version < 11 => {
            let value = graph.nodes[at].float("value", 0.0);
            graph.nodes[at].attributes.remove("value");
            to_input(graph, at, "pads");
            let value = scalar(graph, at, value);
            graph.nodes[at].inputs.push(Some(value));
            Ok(())
        }
        "Slice" if version < 10 => {
            let rank = graph.nodes[at].ints("starts").map_or(0, |s| s.len() as i64);
            let axes = graph.nodes[at].attributes.entry("axes".to_string());
            axes.or_insert_with(|| Attribute::Ints((0..rank).collect()));
            ["starts", "ends", "axes"].iter().for_each(|name| to_input(graph, at, name));
            Ok(())
        }
        "BatchNormalization" if version < 9 && graph.nodes[at].int("spatial", 1) != 1 => {
            Err("spatial batch normalisation".to_string())
        }
        "BatchNormalization" => {
            graph.nodes[at].attributes.remove("spatial");
            Ok(())
        }
        "Upsample" => Err("Resize instead of Upsample".to_string()),
        "Resize" if version < 11 => Err("Resize of operator set 11 or newer".to_string()),
        "Resize" if version < 13 => {
            let mode = graph.nodes[at].text("coordinate_transformation_mode", "half_pixel");
            only(mode != "tf_half_pixel_for_nn", "Resize by another mode than tf_half_pixel_for_nn")
        }
        "RoiAlign" if version < 16 => Err("RoiAlign of operator set 16 or newer".to_string()),
        "TopK" if version < 11 => Err("TopK of operator set 11 or newer".to_string()),
        "Split" => split_sizes(graph, at),
        _ => Ok(()),
    }
}

/// Before operator set 13 softmax flattened the input at the axis; that equals today's softmax along the axis if all
/// later axes have one element.
fn coerced_axis(graph: &mut Graph, at: usize) -> Result<(), String> {
    let axis = graph.nodes[at].int("axis", 1);
    let shape = graph.nodes[at].input(0).and_then(|v| graph.shape(v)).ok_or("an input of known shape")?;
    let axis = front(axis, shape.len()).ok_or("an axis of the input")?;
    let behind = shape.get(axis + 1..).ok_or("an axis of the input")?;
    only(behind.iter().all(|&d| d == Some(1)), "a softmax along one axis")?;
    graph.nodes[at].attributes.insert("axis".into(), Attribute::Int(axis as i64));
    Ok(())
}
