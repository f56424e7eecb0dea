//! Finds the nodes after a layer that can be fused into its pass.

use super::Lowering;
use crate::kernels::Activation;
use crate::onnx::{Node, ValueId};

impl Lowering<'_> {
    /// The activation function that alone reads `value`, and its result; its nodes are then done. Otherwise the
    /// identity and `value`.
    pub(super) fn take_activation(&mut self, value: ValueId) -> (Activation, ValueId) {
        let found = match self.reader(value) {
            Some(index) => self.take_alone(value, index),
            None => self.take_gated(value),
        };
        found.unwrap_or((Activation::Identity, value))
    }

    fn take_alone(&mut self, value: ValueId, index: usize) -> Option<(Activation, ValueId)> {
        let node = &self.graph.nodes[index];
        let activation = self.activation_of(node).filter(|_| node.input(0) == Some(value))?;
        self.done.insert(index);
        Some((activation, *node.outputs.first()?))
    }

    /// x · sigmoid(x) and similar: two nodes read the value, and the second one also reads the first one's result.
    fn take_gated(&mut self, value: ValueId) -> Option<(Activation, ValueId)> {
        let &[a, b] = self.readers.get(&value)?.as_slice() else { return None };
        if self.uses[value] != 2 {
            return None;
        }
        let (gate, product) = (a.min(b), a.max(b));
        let (gate_node, product_node) = (&self.graph.nodes[gate], &self.graph.nodes[product]);
        let between = *gate_node.outputs.first()?;
        let operands = [product_node.input(0)?, product_node.input(1)?];
        let fits = product_node.is("Mul") && self.reader(between) == Some(product);
        if !fits || (operands != [value, between] && operands != [between, value]) {
            return None;
        }
        let activation = match self.activation_of(gate_node)? {
            Activation::Sigmoid => Activation::Silu,
            Activation::HardSigmoid { alpha, beta } if (alpha * 6.0 - 1.0).abs() < 1e-6 && beta == 0.5 => {
                Activation::HardSwish
            }
            _ => return None,
        };
        self.done.extend([gate, product]);
        Some((activation, *product_node.outputs.first()?))
    }

    /// The elementwise activation function of a node.
    pub(super) fn activation_of(&self, node: &Node) -> Option<Activation> {
        let bound = |index, none| node.input(index).map_or(Some(none), |value| self.constant(value)?.scalar());
        if !node.domain.is_empty() {
            return None;
        }
        Some(match node.op.as_str() {
            "Relu" => Activation::Clamp { low: 0.0, high: f32::INFINITY },
            "Clip" => Activation::Clamp { low: bound(1, f32::NEG_INFINITY)?, high: bound(2, f32::INFINITY)? },
            "Sigmoid" => Activation::Sigmoid,
            "HardSigmoid" => Activation::HardSigmoid { alpha: node.float("alpha", 0.2), beta: node.float("beta", 0.5) },
            "HardSwish" => Activation::HardSwish,
            _ => return None,
        })
    }

    /// The map that is added to `value`, and the sum, if nothing else reads `value` and the map is already computed.
    pub(super) fn take_sum(&mut self, value: ValueId, shape: &[usize]) -> Option<(ValueId, ValueId)> {
        let index = self.reader(value)?;
        let node = &self.graph.nodes[index];
        if !node.is("Add") {
            return None;
        }
        let other = node.inputs.iter().flatten().copied().find(|&v| v != value)?;
        let there = self.wire(other)?;
        (there.shape == shape).then(|| {
            self.done.insert(index);
            (other, node.outputs[0])
        })
    }

    /// The result of the node that averages each channel of `value`.
    pub(super) fn take_average(&mut self, value: ValueId) -> Option<ValueId> {
        let readers = self.readers.get(&value)?;
        let index = readers.iter().copied().find(|&r| self.graph.nodes[r].is("GlobalAveragePool"))?;
        self.done.insert(index);
        self.graph.nodes[index].outputs.first().copied()
    }

    /// The result of the nodes that compute the standard deviation of each channel of `map` with averages
    /// `averages`, in the form that block features use: Sqrt(GlobalAveragePool(d · d)) with d = map − averages.
    pub(super) fn take_deviation(&mut self, map: ValueId, averages: ValueId) -> Option<ValueId> {
        let readers = self.readers.get(&averages)?;
        let centred_by = readers.iter().copied().find(|&r| {
            let node = &self.graph.nodes[r];
            node.is("Sub") && node.input(0) == Some(map) && node.input(1) == Some(averages)
        })?;
        let centred = *self.graph.nodes[centred_by].outputs.first()?;
        let &[squared_by, again] = self.readers.get(&centred)?.as_slice() else { return None };
        let squared = *self.graph.nodes[squared_by].outputs.first()?;
        if squared_by != again || self.uses[centred] != 2 || !self.graph.nodes[squared_by].is("Mul") {
            return None;
        }
        let averaged_by = self.reader(squared).filter(|&r| self.graph.nodes[r].is("GlobalAveragePool"))?;
        let root_by = self.reader(*self.graph.nodes[averaged_by].outputs.first()?)?;
        if !self.graph.nodes[root_by].is("Sqrt") {
            return None;
        }
        self.done.extend([centred_by, squared_by, averaged_by, root_by]);
        self.graph.nodes[root_by].outputs.first().copied()
    }
}
