//! Builds a graph from the layers of a model.

use super::model::HardSigmoid;
use super::topology::show;
use super::weights::Weights;
use super::Place;
use crate::error::Result;
use crate::limits;
use crate::onnx::{self, Attribute, DataType, Graph, Tensor, TypeAndShape, ValueId, ValueKind, OPSET};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// The output of a layer.
#[derive(Clone, Copy)]
pub(super) struct LayerOutput {
    pub value: ValueId,
    /// Whether it is an image or feature map [N, C, H, W] ([N, H, W, C] in Keras), else a vector [N, C].
    pub map: bool,
}

/// A graph under construction.
pub(super) struct Builder<'a> {
    pub model: &'a str,
    pub weights: &'a Weights,
    pub graph: Graph,
    pub hard_sigmoid: HardSigmoid,
    names: HashSet<String>,
    /// The number of requests per name, so that the next free name is found at once.
    wanted: HashMap<String, usize>,
    /// The number of layers applied, including nested models.
    applied: usize,
}

pub(super) const NCHW: [i64; 4] = [0, 3, 1, 2];
pub(super) const NHWC: [i64; 4] = [0, 2, 3, 1];

impl<'a> Builder<'a> {
    pub(super) fn new(model: &'a str, weights: &'a Weights, hard_sigmoid: HardSigmoid) -> Builder<'a> {
        let mut graph = Graph { name: model.to_string(), ..Graph::default() };
        graph.opsets.insert(String::new(), OPSET);
        let (names, wanted) = (HashSet::new(), HashMap::new());
        Builder { model, weights, graph, hard_sigmoid, names, wanted, applied: 0 }
    }

    /// Counts an application of a layer. Models nested and applied twice at every level double the work per level.
    ///
    /// # Errors
    /// `limit` beyond the maximum number of nodes.
    pub(super) fn count_application(&mut self) -> Result<()> {
        self.applied += 1;
        self.within("applications of layers", limits::NODES, self.applied)
    }

    pub(super) fn input(&mut self, at: Place, shape: &Value) -> Result<LayerOutput> {
        let axis = |v: &Value| match v {
            Value::Null => Some(None),
            v => v.as_u64().filter(|&v| v > 0).map(|v| Some(v as usize)),
        };
        let dims = shape.as_array().and_then(|dims| dims.iter().map(axis).collect::<Option<Vec<_>>>());
        let Some(dims) = dims.filter(|d| d.len() == 4) else {
            let remedy = "give a classifier of images";
            return Err(at.unsupported("an input [N, height, width, channels]", show(Some(shape)), remedy));
        };
        let name = self.unique("input");
        let fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(dims) };
        let value = self.graph.add_value(name, ValueKind::Input, fact);
        self.graph.inputs.push(value);
        Ok(LayerOutput { value: self.transpose("to NCHW", value, NCHW)?, map: true })
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

    pub(super) fn transpose(&mut self, name: &str, value: ValueId, axes: [i64; 4]) -> Result<ValueId> {
        self.node(name, "Transpose", [("perm", Attribute::Ints(axes.to_vec()))], &[value])
    }

    fn unique(&mut self, wanted: &str) -> String {
        let number = self.wanted.entry(wanted.to_string()).or_default();
        let mut name = wanted.to_string();
        while !self.names.insert(name.clone()) {
            *number += 1;
            name = format!("{wanted}.{number}");
        }
        name
    }
}
