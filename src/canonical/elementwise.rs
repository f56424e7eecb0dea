//! Rewrites elementwise arithmetic with constants to one form.

use super::activation::constant_operand;
use super::fold_into_convolution::Affine;
use super::Index;
use crate::onnx::{Attributes, Graph, Tensor};
use std::sync::Arc;

/// Rewrites x − c as x + (−c).
pub(super) fn subtraction(graph: &mut Graph, _: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let constant = node.input(1)?;
    let tensor = graph.tensor(constant).filter(|_| node.is("Sub"))?;
    let (dims, name) = (tensor.dims.clone(), graph.values[constant].name.clone());
    let negative: Vec<f32> = tensor.f32s()?.into_iter().map(|v| -v).collect();
    let value = graph.add_initializer(format!("{name}.negative"), Tensor::from_f32(&dims, &negative));
    graph.nodes[at].op = "Add".to_string();
    graph.nodes[at].inputs[1] = Some(value);
    Some(())
}

/// Removes leading dimensions of one element, which do not matter in a constant that broadcasts.
pub(super) fn leading_ones(graph: &mut Graph, _: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    if !node.domain.is_empty() || !["Add", "Div", "Mul", "Pow", "Sub"].contains(&node.op.as_str()) {
        return None;
    }
    let (value, constant) = constant_operand(graph, node)?;
    let tensor = graph.tensor(constant)?;
    let ones = tensor.dims.iter().take_while(|&&d| d == 1).count();
    // Unless they give the result its rank.
    if ones == 0 || graph.shape(value)?.len() < tensor.dims.len() {
        return None;
    }
    let short = Tensor { dims: tensor.dims[ones..].to_vec(), ..tensor.as_ref().clone() };
    let name = graph.values[constant].name.clone();
    let short = graph.add_initializer(name, Arc::new(short));
    let place = graph.nodes[at].inputs.iter().position(|&v| v == Some(constant))?;
    graph.nodes[at].inputs[place] = Some(short);
    Some(())
}

/// Batch normalisation that is not folded into a layer becomes a factor and a summand per channel.
pub(super) fn batch_normalization(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let (input, output) = (node.input(0)?, *node.outputs.first()?);
    let rank = graph.shape(input)?.len();
    let channels = *graph.input_tensor(node, 1)?.dims.first()?;
    let affine = Affine::of_batch_normalization(graph, node, channels)?;
    if rank < 2 || node.outputs[1..].iter().any(|&v| index.uses[v] > 0) {
        return None;
    }
    let mut dims = vec![1; rank - 1];
    dims[0] = channels;
    let narrow = |values: &[f64]| values.iter().map(|&v| v as f32).collect::<Vec<_>>();
    let (scale, shift) = (narrow(&affine.scale), narrow(&affine.shift));
    let name = graph.values[output].name.clone();
    let scale = graph.add_initializer(format!("{name}.scale"), Tensor::from_f32(&dims, &scale));
    let shift = graph.add_initializer(format!("{name}.shift"), Tensor::from_f32(&dims, &shift));
    let fact = graph.values[output].fact.clone();
    let scaled = graph.add_node(format!("{name}.scaled"), "Mul", Attributes::new(), &[input, scale], fact);
    graph.nodes[at].set("Add", Attributes::new(), &[scaled, shift]);
    graph.nodes[at].outputs.truncate(1);
    Some(())
}
