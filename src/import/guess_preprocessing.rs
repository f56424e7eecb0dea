//! Guesses the preprocessing from the graph.

use super::partial_preprocessing::IMAGENET;
use super::sidecars::Convention;
use super::{input, GuessReason, Provenance, WithProvenance, DEFAULT_SIZE};
use crate::image::preprocess::{Preprocessing, TensorLayout};
use crate::onnx::{Graph, Node, ValueId};

/// A guess, with its reason. Layout and size come from the input's shape. The range depends on whether the graph
/// normalises the image, and by which constants: Keras applications do so from 0..255, torch models expect normalised
/// input. The form of the label file can identify the exporter. `open` is whether the file left width and height open.
pub(super) fn preprocessing(
    graph: &Graph,
    convention: Option<Convention>,
    open: bool,
) -> WithProvenance<Preprocessing> {
    let shape = graph.inputs.first().and_then(|&v| graph.shape(v)).unwrap_or_default();
    let layout = input::layout(shape).unwrap_or_default();
    let side = |axis: usize| shape.get(axis).copied().flatten().map_or(DEFAULT_SIZE, |v| v as u32);
    let (height, width) = match layout {
        TensorLayout::Nchw => (side(2), side(3)),
        TensorLayout::Nhwc => (side(1), side(2)),
    };
    let mut value = Preprocessing { layout, ..Preprocessing::new(width, height) };
    let normalises = normalises(graph);
    if let Some(guess) = convention.and_then(|guess| guess(&value, normalises.as_ref().map(|n| n.range), open)) {
        return guess;
    }
    let reason = match (normalises, layout) {
        (Some(Inside { node, range, mean, factor }), _) => {
            value.range = range;
            GuessReason::Normalises { node, range, mean, factor }
        }
        (None, TensorLayout::Nhwc) => {
            value.range = [-1.0, 1.0];
            GuessReason::Nhwc
        }
        (None, TensorLayout::Nchw) => {
            (value.mean, value.std) = IMAGENET;
            GuessReason::Nchw
        }
    };
    WithProvenance { value, from: Provenance::guess(reason) }
}

/// The normalisation inside the graph, before the first layer.
struct Inside {
    /// The first node of the normalisation.
    node: String,
    /// The input range.
    range: [f32; 2],
    mean: f32,
    /// The scale factor, if the mean alone does not determine the range.
    factor: Option<f32>,
}

/// A generous bound on the absolute value of a normalised image: ImageNet's normalisation reaches 2.7.
const REACH: f32 = 20.0;

/// The affine map at the start of the graph, if any, and the input range it is made for.
///
/// An image's mean is inside its range: a mean above 2 implies 0..255, a mean below 0 implies −1..1. Otherwise the
/// factor decides: it must bring 0..255 near 0.
fn normalises(graph: &Graph) -> Option<Inside> {
    let mut value = *graph.inputs.first()?;
    let (mut node, mut factor, mut offset) = (None, 1.0, 0.0);
    loop {
        let mut readers = graph.nodes.iter().filter(|n| n.inputs.contains(&Some(value)));
        let (Some(next), None) = (readers.next(), readers.next()) else { break };
        if !matches!(next.op.as_str(), "Transpose" | "Identity" | "Cast") {
            let Some((a, b)) = affine(graph, next, value) else { break };
            (factor, offset) = (a * factor, a * offset + b);
            node = node.or_else(|| Some(next.display_name()));
        }
        let Some(&output) = next.outputs.first() else { break };
        value = output;
    }
    let node = node.filter(|_| factor != 0.0 && factor.is_finite() && offset.is_finite())?;
    let mean = Some((0.0 - offset) / factor).filter(|mean| mean.is_finite())?;
    let reach = offset.abs().max((255.0 * factor + offset).abs());
    let (range, factor) = match mean {
        m if m > 2.0 => ([0.0, 255.0], None),
        _ if reach <= REACH => ([0.0, 255.0], Some(factor)),
        m if m < -0.25 => ([-1.0, 1.0], None),
        // Nothing is scaled.
        m if m.abs() < 1e-3 && (factor - 1.0).abs() < 1e-2 => return None,
        // 0..255 would be scaled beyond any normalised range.
        _ => ([0.0, 1.0], Some(factor)),
    };
    Some(Inside { node, range, mean, factor })
}

/// The factor and offset of one node, averaged over the channels.
fn affine(graph: &Graph, node: &Node, value: ValueId) -> Option<(f32, f32)> {
    if node.is("BatchNormalization") {
        let constant = |index| graph.input_tensor(node, index)?.f32s();
        let (scale, bias, mean, variance) = (constant(1)?, constant(2)?, constant(3)?, constant(4)?);
        let epsilon = node.float("epsilon", 1e-5);
        let factors: Vec<f32> = scale.iter().zip(&variance).map(|(s, v)| s / (v + epsilon).sqrt()).collect();
        let offsets: Vec<f32> = bias.iter().zip(&mean).zip(&factors).map(|((b, m), f)| b - m * f).collect();
        return Some((average(&factors)?, average(&offsets)?));
    }
    let first = node.input(0) == Some(value);
    let constant = average(&graph.input_tensor(node, usize::from(first))?.f32s()?)?;
    match (node.op.as_str(), first) {
        ("Mul", _) => Some((constant, 0.0)),
        ("Add", _) => Some((1.0, constant)),
        ("Div", true) => Some((1.0 / constant, 0.0)),
        ("Sub", true) => Some((1.0, -constant)),
        ("Sub", false) => Some((-1.0, constant)),
        _ => None,
    }
}

fn average(values: &[f32]) -> Option<f32> {
    (!values.is_empty()).then(|| values.iter().sum::<f32>() / values.len() as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::onnx::{Attributes, DataType, Tensor, TypeAndShape, ValueKind};

    /// Operators, each with its constant.
    type Steps<'a> = &'a [(&'a str, &'a [f32])];

    /// An NCHW image through nodes with one constant each.
    fn guessed(steps: Steps) -> ([f32; 2], String) {
        let mut graph = Graph::default();
        let shape = [None, Some(3), Some(8), Some(8)].to_vec();
        let fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(shape) };
        let mut value = graph.add_value("image", ValueKind::Input, fact);
        graph.inputs.push(value);
        for (op, constant) in steps {
            let tensor = Tensor::from_f32(&[constant.len(), 1, 1], constant);
            let constant = graph.add_initializer("c", tensor);
            let inputs = [value, constant];
            value = graph.add_node(op.to_lowercase(), op, Attributes::new(), &inputs, TypeAndShape::default());
        }
        let found = preprocessing(&graph, None, false);
        (found.value.range, found.from.to_string())
    }

    #[test]
    fn constants_tell_the_range() {
        let (mean, std) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
        let raw: [(Steps, f32); 8] = [
            (&[("Sub", &mean), ("Div", &std)], 1.0),
            (&[("Sub", &[0.5]), ("Mul", &[2.0])], 1.0),
            (&[("Sub", &[0.5])], 1.0),
            (&[("Sub", &[127.5]), ("Div", &[127.5])], 255.0),
            (&[("Mul", &[1.0 / 255.0]), ("Sub", &mean), ("Div", &std)], 255.0),
            (&[("Mul", &[1.0 / 255.0]), ("Add", &[0.0]), ("Mul", &[1.0])], 255.0),
            (&[("Mul", &[1.0 / 127.5]), ("Add", &[-1.0])], 255.0),
            (&[("Sub", &[103.9, 116.8, 123.7])], 255.0),
        ];
        for (steps, most) in raw {
            let (range, from) = guessed(steps);
            assert_eq!(range, [0.0, most], "{steps:?}: {from}");
            assert!(from.contains("the graph normalises") && from.contains("mean is"), "{from}");
        }
        assert_eq!(guessed(&[("Add", &[1.0]), ("Mul", &[127.5])]).0, [-1.0, 1.0]);
        assert!(guessed(&[("Mul", &[1.0]), ("Add", &[0.0])]).1.contains("without normalisation"));
        assert!(guessed(&[("Conv", &[0.5])]).1.contains("without normalisation"));
    }
}
