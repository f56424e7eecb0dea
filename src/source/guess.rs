//! The preprocessing that a graph itself suggests, where nobody states one.

use super::tool::{self, Hint};
use super::{input, Found, DEFAULT_SIZE};
use crate::onnx::Graph;
use crate::preprocess::{Layout, Preprocessing};

/// A guess, with its reason: layout and size from the input's shape; the range from whether the graph
/// normalises the picture itself, which Keras applications do from 0..255 and torch models leave to the caller. The form of
/// the labels' file may tell the tool; `open` says whether the file left width and height open.
pub(super) fn preprocessing(graph: &Graph, hint: Option<Hint>, open: bool) -> Found<Preprocessing> {
    let shape = graph.inputs.first().and_then(|&v| graph.shape(v)).unwrap_or_default();
    let layout = input::layout(shape).unwrap_or_default();
    let side = |axis: usize| shape.get(axis).copied().flatten().map_or(DEFAULT_SIZE, |v| v as u32);
    let (height, width) = match layout {
        Layout::Nchw => (side(2), side(3)),
        Layout::Nhwc => (side(1), side(2)),
    };
    let mut value = Preprocessing { layout, ..Preprocessing::new(width, height) };
    let normalises = normalises(graph);
    if let Some(guess) = hint.and_then(|hint| tool::guess(hint, &value, normalises.is_some(), open)) {
        return guess;
    }
    let reason = match (normalises, layout) {
        (Some(node), _) => {
            value.range = [0.0, 255.0];
            format!("the graph normalises 0..255 itself ({node})")
        }
        (None, Layout::Nhwc) => {
            value.range = [-1.0, 1.0];
            "NHWC without normalisation inside, as Keras MobileNets take it".to_string()
        }
        (None, Layout::Nchw) => {
            value.mean = [0.485, 0.456, 0.406];
            value.std = [0.229, 0.224, 0.225];
            "NCHW without normalisation inside, as torchvision's ImageNet models take it".to_string()
        }
    };
    Found { value, from: format!("guess: {reason}") }
}

/// The node by which the graph scales the raw picture, if it does.
fn normalises(graph: &Graph) -> Option<String> {
    let mut value = *graph.inputs.first()?;
    loop {
        let mut readers = graph.nodes.iter().filter(|n| n.inputs.contains(&Some(value)));
        let (node, further) = (readers.next()?, readers.next());
        if further.is_some() {
            return None;
        }
        let constant = node.inputs.iter().flatten().any(|&v| graph.tensor(v).is_some());
        match node.op.as_str() {
            "Transpose" | "Identity" | "Cast" => value = *node.outputs.first()?,
            "Mul" | "Div" | "Sub" | "Add" | "BatchNormalization" if constant => return Some(node.title()),
            _ => return None,
        }
    }
}
