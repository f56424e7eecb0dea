//! Expresses functions that our operator set lacks in standard operators.

use crate::onnx::{Attributes, Graph, Tensor, TypeAndShape, ValueId};

/// The nodes that replace one node; the node itself is the last of them.
pub(super) struct Spelling<'g> {
    pub graph: &'g mut Graph,
    at: usize,
    name: String,
    fact: TypeAndShape,
}

impl Spelling<'_> {
    pub(super) fn of(graph: &mut Graph, at: usize) -> Spelling<'_> {
        let node = &graph.nodes[at];
        let fact = node.outputs.first().map(|&v| graph.values[v].fact.clone()).unwrap_or_default();
        Spelling { at, name: node.display_name(), fact, graph }
    }

    /// Adds a node whose output has the type and shape of the result.
    pub(super) fn step(&mut self, op: &str, inputs: &[ValueId]) -> ValueId {
        self.step_with(op, Attributes::new(), inputs)
    }

    pub(super) fn step_with(&mut self, op: &str, attributes: Attributes, inputs: &[ValueId]) -> ValueId {
        let name = format!("{}.{}{}", self.name, op.to_lowercase(), self.graph.nodes.len());
        self.graph.add_node(name, op, attributes, inputs, self.fact.clone())
    }

    pub(super) fn number(&mut self, number: f32) -> ValueId {
        self.graph.add_initializer(format!("{}.constant", self.name), Tensor::from_f32(&[], &[number]))
    }

    /// Makes the node the last step.
    pub(super) fn end(self, op: &str, inputs: &[ValueId]) {
        self.graph.nodes[self.at].set(op, Attributes::new(), inputs);
    }

    /// x · σ(αx).
    pub(super) fn swish(mut self, x: ValueId, alpha: f32) {
        let mut inner = x;
        if alpha != 1.0 {
            let alpha = self.number(alpha);
            inner = self.step("Mul", &[x, alpha]);
        }
        let gate = self.step("Sigmoid", &[inner]);
        self.end("Mul", &[x, gate]);
    }

    /// x · tanh(softplus(x)) (Misra 2019).
    pub(super) fn mish(mut self, x: ValueId) {
        let softplus = self.step("Softplus", &[x]);
        let gate = self.step("Tanh", &[softplus]);
        self.end("Mul", &[x, gate]);
    }

    /// (x · (erf(x / √2) + 1)) · ½, as torch's exporter writes it, or the tanh form (Hendrycks and Gimpel 2016).
    pub(super) fn gelu(mut self, x: ValueId, tanh: bool) {
        let inner = if tanh {
            let (a, b) = (self.number(0.044_715), self.number((2.0 / std::f32::consts::PI).sqrt()));
            let square = self.step("Mul", &[x, x]);
            let cube = self.step("Mul", &[square, x]);
            let scaled = self.step("Mul", &[cube, a]);
            let sum = self.step("Add", &[x, scaled]);
            let product = self.step("Mul", &[sum, b]);
            self.step("Tanh", &[product])
        } else {
            let root = self.number(std::f32::consts::SQRT_2);
            let quotient = self.step("Div", &[x, root]);
            self.step("Erf", &[quotient])
        };
        let (one, half) = (self.number(1.0), self.number(0.5));
        let sum = self.step("Add", &[inner, one]);
        let product = self.step("Mul", &[x, sum]);
        self.end("Mul", &[product, half]);
    }
}
