//! A linear layer with constant weights, as one node.

use super::{attributes, Attribute, Graph, Tensor, TypeAndShape, ValueId};

/// y = W·x + b: a Gemm with constant weights and no scaling.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearLayer {
    /// The node's name, for messages and new names.
    pub name: String,
    pub input: ValueId,
    /// [rows, columns], row-major: one row per output.
    pub weights: Vec<f32>,
    /// \[rows\]
    pub bias: Vec<f32>,
    /// The number of inputs.
    pub columns: usize,
}

impl LinearLayer {
    /// The linear layer that computes a value, if any.
    pub fn of(graph: &Graph, value: ValueId) -> Option<LinearLayer> {
        let node = graph.nodes.iter().find(|n| n.outputs.first() == Some(&value)).filter(|n| n.is("Gemm"))?;
        let (weights, bias) = (graph.input_tensor(node, 1)?, graph.input_tensor(node, 2)?);
        let (&[rows, columns], &[biases]) = (weights.dims.as_slice(), bias.dims.as_slice()) else { return None };
        let plain = node.float("alpha", 1.0) == 1.0 && node.float("beta", 1.0) == 1.0 && node.int("transA", 0) == 0;
        (plain && node.int("transB", 0) == 1 && rows == biases).then_some(())?;
        let (weights, bias) = (weights.f32s()?, bias.f32s()?);
        (weights.len() == rows * columns && bias.len() == rows).then_some(())?;
        Some(LinearLayer { name: node.display_name(), input: node.input(0)?, weights, bias, columns })
    }

    /// The number of outputs.
    pub fn rows(&self) -> usize {
        self.bias.len()
    }

    /// The layer with these rows, in this order.
    pub fn select(&self, rows: impl Iterator<Item = usize> + Clone) -> LinearLayer {
        let weights = rows.clone().flat_map(|row| &self.weights[row * self.columns..(row + 1) * self.columns]);
        let bias = rows.clone().map(|row| self.bias[row]);
        LinearLayer { weights: weights.copied().collect(), bias: bias.collect(), ..self.clone() }
    }

    /// Adds the layer to a graph under its name; `fact` is the type and shape of its output.
    pub fn write(&self, graph: &mut Graph, fact: TypeAndShape) -> ValueId {
        let weights = Tensor::from_f32(&[self.rows(), self.columns], &self.weights);
        let weights = graph.add_initializer(format!("{}.weight", self.name), weights);
        let bias = graph.add_initializer(format!("{}.bias", self.name), Tensor::from_f32(&[self.rows()], &self.bias));
        let transposed = attributes([("transB", Attribute::Int(1))]);
        graph.add_node(self.name.clone(), "Gemm", transposed, &[self.input, weights, bias], fact)
    }
}
