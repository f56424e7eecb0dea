//! Folds padding, batch normalisation, scale and bias into convolutions.

use super::activation::constant_operand;
use super::Index;
use crate::onnx::{Attribute, Graph, Node, Tensor, ValueId};

/// Per output channel: y = scale · conv(x) + shift, in double precision until stored.
pub(crate) struct Affine {
    pub scale: Vec<f64>,
    pub shift: Vec<f64>,
}

impl Affine {
    /// Inference-mode batch normalisation: γ (x − μ) / √(σ² + ε) + β (Ioffe and Szegedy 2015).
    pub(crate) fn of_batch_normalization(graph: &Graph, node: &Node, channels: usize) -> Option<Affine> {
        if !node.is("BatchNormalization") || node.int("training_mode", 0) != 0 {
            return None;
        }
        let parameter = |index| {
            let values = graph.input_tensor(node, index)?.f32s()?;
            (values.len() == channels).then_some(values)
        };
        let (gamma, beta, mean, variance) = (parameter(1)?, parameter(2)?, parameter(3)?, parameter(4)?);
        let epsilon = f64::from(node.float("epsilon", 1e-5));
        let scale: Vec<f64> =
            gamma.iter().zip(&variance).map(|(&g, &v)| f64::from(g) / (f64::from(v) + epsilon).sqrt()).collect();
        let shift = beta.iter().zip(&mean).zip(&scale).map(|((&b, &m), s)| f64::from(b) - f64::from(m) * s).collect();
        Some(Affine { scale, shift })
    }

    /// Multiplication with or addition of a constant with one number, or one per channel on `axis` of `rank`.
    pub(crate) fn of_operand(
        graph: &Graph,
        node: &Node,
        axis: usize,
        rank: usize,
        channels: usize,
    ) -> Option<(ValueId, Affine)> {
        let (input, constant) = match node.op.as_str() {
            "Mul" | "Add" => constant_operand(graph, node)?,
            // Only x − c and x / c are affine in x with these constants; c − x and c / x are not covered.
            "Sub" | "Div" => (node.input(0)?, node.input(1)?),
            _ => return None,
        };
        let tensor = graph.tensor(constant)?;
        // Broadcasting aligns dimensions at the end.
        let missing = rank.checked_sub(tensor.dims.len())?;
        let fits = tensor.dims.iter().enumerate().all(|(i, &d)| d == 1 || i + missing == axis && d == channels);
        if !node.domain.is_empty() || !fits || graph.tensor(input).is_some() {
            return None;
        }
        let values: Vec<f64> = tensor.f32s()?.into_iter().map(f64::from).collect();
        let values = if values.len() == 1 { vec![values[0]; channels] } else { values };
        if values.len() != channels {
            return None;
        }
        let (ones, zeros) = (vec![1.0; channels], vec![0.0; channels]);
        let affine = match node.op.as_str() {
            "Mul" => Affine { scale: values, shift: zeros },
            "Div" => Affine { scale: values.iter().map(|v| 1.0 / v).collect(), shift: zeros },
            "Add" => Affine { scale: ones, shift: values },
            _ => Affine { scale: ones, shift: values.iter().map(|v| -v).collect() },
        };
        affine.scale.iter().all(|s| s.is_finite()).then_some((input, affine))
    }

    /// The weights, whose first axis is the output channel, and their bias, with the map applied.
    pub(super) fn apply(&self, weights: &Tensor, bias: Option<&Tensor>) -> Option<(Tensor, Tensor)> {
        let channels = self.scale.len();
        let mut values = weights.f32s()?;
        if weights.dims.first() != Some(&channels) || channels == 0 {
            return None;
        }
        let filter = values.len() / channels;
        for (row, scale) in values.chunks_exact_mut(filter.max(1)).zip(&self.scale) {
            row.iter_mut().for_each(|v| *v = (f64::from(*v) * scale) as f32);
        }
        let old = bias.map_or_else(|| Some(vec![0.0; channels]), Tensor::f32s)?;
        let shifted = old.iter().zip(&self.scale).zip(&self.shift).map(|((&b, s), t)| (f64::from(b) * s + t) as f32);
        let bias = Tensor::from_f32(&[channels], &shifted.collect::<Vec<_>>());
        Some((Tensor::from_f32(&weights.dims, &values), bias))
    }
}

/// Replaces the node at `at` by the convolution `conv` with a map applied to its outputs.
fn absorb(graph: &mut Graph, conv: usize, at: usize, affine: &Affine) -> Option<()> {
    let node = &graph.nodes[conv];
    let bias = graph.optional_tensor(node, 2)?;
    let (weights, bias) = affine.apply(graph.input_tensor(node, 1)?, bias.map(|bias| bias.as_ref()))?;
    let (input, name) = (node.input(0)?, graph.values[node.input(1)?].name.clone());
    let (title, attributes) = (node.name.clone(), node.attributes.clone());
    let weights = graph.add_initializer(name.clone(), weights);
    let bias = graph.add_initializer(format!("{name}.bias"), bias);
    graph.nodes[at].name = title;
    graph.nodes[at].set("Conv", attributes, &[input, weights, bias]);
    Some(())
}

/// The convolution with constant weights that computes a value with a single reader, and its output channels.
fn convolution(graph: &Graph, index: &Index, value: ValueId) -> Option<(usize, usize)> {
    let conv = index.sole_producer(value)?;
    let node = &graph.nodes[conv];
    let channels = *graph.input_tensor(node, 1)?.dims.first()?;
    node.is("Conv").then_some((conv, channels))
}

pub(super) fn fold_batch_normalization(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    // Further outputs are the running statistics of training.
    if !node.is("BatchNormalization") || node.outputs.iter().skip(1).any(|&v| index.uses[v] > 0) {
        return None;
    }
    let (conv, channels) = convolution(graph, index, node.input(0)?)?;
    let affine = Affine::of_batch_normalization(graph, node, channels)?;
    graph.nodes[at].outputs.truncate(1);
    absorb(graph, conv, at, &affine)
}

/// A factor or a summand, one for all channels or one per channel.
pub(super) fn fold_operand(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let (conv, channels) = node.inputs.iter().flatten().find_map(|&v| convolution(graph, index, v))?;
    let rank = graph.input_tensor(&graph.nodes[conv], 1)?.dims.len();
    let (_, affine) = Affine::of_operand(graph, node, 1, rank, channels)?;
    absorb(graph, conv, at, &affine)
}

/// Folds zero padding before a convolution into the convolution.
pub(super) fn fold_pad(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    if !node.is("Conv") || node.text("auto_pad", "NOTSET") != "NOTSET" {
        return None;
    }
    let pad = &graph.nodes[*index.producers.get(&node.input(0)?)?];
    if !pad.is("Pad") || pad.text("mode", "constant") != "constant" || pad.input(3).is_some() {
        return None;
    }
    if pad.input(2).is_some_and(|v| graph.tensor(v).and_then(|t| t.scalar()) != Some(0.0)) {
        return None;
    }
    let widths = graph.input_tensor(pad, 1)?.i64s()?;
    let rank = widths.len() / 2;
    if rank < 2 || widths.len() != 2 * rank {
        return None;
    }
    let outer = [widths.first()?, widths.get(1)?, widths.get(rank)?, widths.get(rank + 1)?];
    if outer.iter().any(|&&w| w != 0) || widths.iter().any(|&w| w < 0) {
        return None;
    }
    let spatial = widths[2..rank].iter().chain(&widths[rank + 2..]);
    let own = node.ints("pads").filter(|own| own.len() == 2 * rank - 4)?;
    let joined = own.iter().zip(spatial).map(|(a, b)| a.checked_add(*b)).collect::<Option<Vec<i64>>>()?;
    let input = pad.inputs[0];
    graph.nodes[at].attributes.insert("pads".into(), Attribute::Ints(joined));
    graph.nodes[at].inputs[0] = input;
    Some(())
}

/// Writes SAME and VALID padding as numbers by the formula of the ONNX standard; needs the input's size.
pub(super) fn explicit_padding(graph: &mut Graph, _: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    if !node.domain.is_empty() || !["Conv", "MaxPool", "AveragePool"].contains(&node.op.as_str()) {
        return None;
    }
    let mode = node.text("auto_pad", "NOTSET");
    let kernel = node.ints("kernel_shape")?;
    let ones = vec![1; kernel.len()];
    let strides = node.ints("strides").unwrap_or(&ones);
    let dilations = node.ints("dilations").unwrap_or(&ones);
    let mut pads = vec![0; 2 * kernel.len()];
    match mode.as_str() {
        "VALID" => {}
        "SAME_UPPER" | "SAME_LOWER" => {
            let size = graph.shape(node.input(0)?)?.get(2..)?;
            for axis in 0..kernel.len() {
                let (size, stride) = (i64::try_from((*size.get(axis)?)?).ok()?, *strides.get(axis)?);
                if size < 1 || stride < 1 {
                    return None;
                }
                // ⌈size / stride⌉ outputs; the last one starts at this offset.
                let last = (size - 1) / stride * stride;
                let reach = dilations.get(axis)?.checked_mul(kernel[axis].checked_sub(1)?)?.checked_add(1)?;
                let total = last.checked_add(reach)?.checked_sub(size)?.max(0);
                let (less, more) = (total / 2, total - total / 2);
                let upper = mode == "SAME_UPPER";
                pads[axis] = if upper { less } else { more };
                pads[kernel.len() + axis] = if upper { more } else { less };
            }
        }
        _ => return None,
    }
    let node = &mut graph.nodes[at];
    node.attributes.insert("pads".into(), Attribute::Ints(pads));
    node.attributes.insert("auto_pad".into(), Attribute::String(b"NOTSET".to_vec()));
    Some(())
}
