//! Builds a graph from the parts of another format.

use crate::error::Result;
use crate::limits;
use crate::onnx::{self, Attribute, DataType, Graph, Tensor, TypeAndShape, ValueId, ValueKind, OPSET};
use std::collections::{HashMap, HashSet};
use std::f32::consts::{FRAC_1_SQRT_2, PI};

/// A graph of operator set [`OPSET`] under construction, with unique names.
pub(super) struct GraphBuilder<'a> {
    pub model: &'a str,
    pub graph: Graph,
    names: HashSet<String>,
    /// The number of requests per name, so that the next free name is found at once.
    wanted: HashMap<String, usize>,
}

/// The axes of a map [N, H, W, C] in the order [N, C, H, W].
pub(super) const NCHW: [usize; 4] = [0, 3, 1, 2];
/// The axes of a map [N, C, H, W] in the order [N, H, W, C].
pub(super) const NHWC: [usize; 4] = [0, 2, 3, 1];

/// The longest side of a window or stride.
pub(super) const MAX_WINDOW: i64 = 4096;

impl<'a> GraphBuilder<'a> {
    pub(super) fn new(model: &'a str) -> GraphBuilder<'a> {
        let mut graph = Graph { name: model.to_string(), ..Graph::default() };
        graph.opsets.insert(String::new(), OPSET);
        GraphBuilder { model, graph, names: HashSet::new(), wanted: HashMap::new() }
    }

    /// Adds the input, an image of 32-bit floats.
    pub(super) fn input(&mut self, name: &str, dims: Vec<Option<usize>>) -> ValueId {
        let fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(dims) };
        let name = self.unique(name);
        let value = self.graph.add_value(name, ValueKind::Input, fact);
        self.graph.inputs.push(value);
        value
    }

    pub(super) fn within(&self, unit: &'static str, limit: u64, found: usize) -> Result<()> {
        limits::ensure_at_most(|| format!("model '{}'", self.model), unit, limit, found as u64, "give a smaller model")
    }

    /// Adds a node with one output.
    pub(super) fn node<const N: usize>(
        &mut self,
        name: &str,
        op: &str,
        attributes: [(&str, Attribute); N],
        inputs: &[ValueId],
    ) -> Result<ValueId> {
        self.within("nodes", limits::NODES, self.graph.nodes.len() + 1)?;
        let name = self.unique(name);
        Ok(self.graph.add_node(name, op, onnx::attributes(attributes), inputs, TypeAndShape::default()))
    }

    pub(super) fn constant(&mut self, name: &str, tensor: Tensor) -> ValueId {
        let name = self.unique(name);
        self.graph.add_initializer(name, tensor)
    }

    pub(super) fn scalar(&mut self, name: &str, value: f32) -> ValueId {
        self.constant(name, Tensor::from_f32(&[], &[value]))
    }

    /// Reorders the axes: axis i of the result is axis `axes[i]` of the value.
    pub(super) fn transpose(&mut self, name: &str, value: ValueId, axes: &[usize]) -> Result<ValueId> {
        let axes = axes.iter().map(|&axis| axis as i64).collect();
        self.node(name, "Transpose", [("perm", Attribute::Ints(axes))], &[value])
    }

    /// 0.5 x (1 + erf(x / √2)), or 0.5 x (1 + tanh(√(2 / π) (x + 0.044715 x³))) (Hendrycks, Gimpel 2016).
    pub(super) fn gelu(&mut self, name: &str, approximate: bool, x: ValueId) -> Result<ValueId> {
        let [one, half, cubic] = [1.0, 0.5, 0.044_715].map(|number| self.scalar(name, number));
        let inner = match approximate {
            false => {
                let factor = self.scalar(name, FRAC_1_SQRT_2);
                let scaled = self.node(name, "Mul", [], &[x, factor])?;
                self.node(name, "Erf", [], &[scaled])?
            }
            true => {
                let factor = self.scalar(name, (2.0 / PI).sqrt());
                let square = self.node(name, "Mul", [], &[x, x])?;
                let cube = self.node(name, "Mul", [], &[square, x])?;
                let cube = self.node(name, "Mul", [], &[cube, cubic])?;
                let sum = self.node(name, "Add", [], &[x, cube])?;
                let scaled = self.node(name, "Mul", [], &[sum, factor])?;
                self.node(name, "Tanh", [], &[scaled])?
            }
        };
        let weight = self.node(name, "Add", [], &[inner, one])?;
        let product = self.node(name, "Mul", [], &[x, weight])?;
        self.node(name, "Mul", [], &[product, half])
    }

    /// The name, or one with a number; tract adds dots and numbers to names itself.
    pub(super) fn unique(&mut self, wanted: &str) -> String {
        let number = self.wanted.entry(wanted.to_string()).or_default();
        let mut name = wanted.to_string();
        while !self.names.insert(name.clone()) {
            *number += 1;
            name = format!("{wanted}_{number}");
        }
        name
    }
}
