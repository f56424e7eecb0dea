//! Rewrites linear layers to Gemm(x, W, b) with W as [outputs, inputs] and an explicit b.

use super::fold_into_convolution::Affine;
use super::Index;
use crate::onnx::{attributes, Attribute, Attributes, Graph, Tensor, ValueId};

fn plain() -> Attributes {
    let (one, int) = (Attribute::Float(1.0), Attribute::Int);
    attributes([("alpha", one.clone()), ("beta", one), ("transA", int(0)), ("transB", int(1))])
}

/// The product of a matrix with a constant matrix becomes a Gemm.
pub(super) fn from_matmul(graph: &mut Graph, _: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let weights = graph.input_tensor(node, 1)?;
    if !node.is("MatMul") || graph.shape(node.input(0)?)?.len() != 2 || weights.dims.len() != 2 {
        return None;
    }
    let node = &mut graph.nodes[at];
    (node.op, node.attributes) = ("Gemm".to_string(), plain());
    node.attributes.insert("transB".into(), Attribute::Int(0));
    Some(())
}

/// Rewrites a Gemm with constant weights as x Wᵀ + b: multiplies the factors in, and adds zeros as a missing bias.
pub(super) fn normal_gemm(graph: &mut Graph, _: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    if !node.is("Gemm") || node.int("transA", 0) != 0 {
        return None;
    }
    let weights = graph.input_tensor(node, 1)?;
    let [rows, columns] = *weights.dims else { return None };
    let transposed = node.int("transB", 0) == 1;
    let outputs = if transposed { rows } else { columns };
    let (alpha, beta) = (node.float("alpha", 1.0), node.float("beta", 1.0));
    let bias = graph.optional_tensor(node, 2)?;
    if transposed && alpha == 1.0 && beta == 1.0 && bias.is_some_and(|b| b.dims == [outputs]) {
        return None;
    }
    let values = weights.f32s()?;
    let at_row = |row: usize, column: usize| if transposed { row * columns + column } else { column * columns + row };
    let inputs = if transposed { columns } else { rows };
    let matrix: Vec<f32> = (0..outputs)
        .flat_map(|r| (0..inputs).map(move |c| (r, c)))
        .map(|(r, c)| values[at_row(r, c)] * alpha)
        .collect();
    let bias = match bias.map(|b| (b.f32s(), b.dims.clone())) {
        None => vec![0.0; outputs],
        // [C], [1, C] and a scalar are added to every image alike; [N, C] is not a bias.
        Some((Some(b), dims)) if b.len() == outputs && dims.last() == Some(&outputs) => b,
        Some((Some(b), _)) if b.len() == 1 => vec![b[0]; outputs],
        _ => return None,
    };
    let bias: Vec<f32> = bias.iter().map(|b| b * beta).collect();
    let (name, input) = (graph.values[node.input(1)?].name.clone(), node.input(0)?);
    let (matrix, bias) = (Tensor::from_f32(&[outputs, inputs], &matrix), Tensor::from_f32(&[outputs], &bias));
    set(graph, at, input, &name, matrix, bias)
}

/// Folds a constant added to or multiplied with a linear layer's outputs, or their batch normalisation, into the
/// layer.
pub(super) fn fold_bias(graph: &mut Graph, index: &Index, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let linear = |&v: &ValueId| index.sole_producer(v).filter(|&p| graph.nodes[p].is("Gemm"));
    // Further outputs are the running statistics of training.
    if node.outputs.iter().skip(1).any(|&v| index.uses[v] > 0) {
        return None;
    }
    let gemm = node.inputs.iter().flatten().find_map(linear)?;
    let weights = graph.input_tensor(&graph.nodes[gemm], 1)?;
    let outputs = *weights.dims.first()?;
    let bias = graph.input_tensor(&graph.nodes[gemm], 2)?;
    if graph.nodes[gemm].attributes != plain() || bias.dims != [outputs] {
        return None;
    }
    let affine = match Affine::of_batch_normalization(graph, node, outputs) {
        Some(affine) => affine,
        None => Affine::of_operand(graph, node, 1, 2, outputs)?.1,
    };
    let (weights, bias) = affine.apply(weights, Some(bias))?;
    let (input, name) = (graph.nodes[gemm].inputs[0], graph.values[graph.nodes[gemm].input(1)?].name.clone());
    graph.nodes[at].outputs.truncate(1);
    set(graph, at, input?, &name, weights, bias)
}

fn set(graph: &mut Graph, at: usize, input: ValueId, name: &str, weights: Tensor, bias: Tensor) -> Option<()> {
    let weights = graph.add_initializer(name, weights);
    let bias = graph.add_initializer(format!("{name}.bias"), bias);
    graph.nodes[at].set("Gemm", plain(), &[input, weights, bias]);
    Some(())
}
