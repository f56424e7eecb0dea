//! Converts the layers of a model in topological order.

use super::layer;
use super::topology::{show, Layer, NestedModel, OutputRef};
use super::weights::Weights;
use super::Place;
use crate::error::Result;
use crate::limits;
use crate::onnx::{Attribute, Attributes, DataType, Graph, Tensor, TypeAndShape, ValueId, ValueKind, OPSET};
use serde_json::Value;
use std::collections::{HashMap, HashSet};

/// What a layer gives to the next.
#[derive(Clone, Copy)]
pub(super) struct LayerOutput {
    pub value: ValueId,
    /// An image or feature map [N, C, H, W], where Keras has [N, H, W, C]; else a vector [N, C].
    pub map: bool,
}

/// A graph under construction.
pub(super) struct Builder<'a> {
    pub model: &'a str,
    pub weights: &'a Weights,
    graph: Graph,
    names: HashSet<String>,
    /// How often a name was wanted, so that the next free one is found at once.
    wanted: HashMap<String, usize>,
    /// How many layers were applied, models included.
    applied: usize,
}

/// Turns a model into a graph of operator set [`OPSET`].
pub(super) fn convert(model: &str, root: &Layer, weights: &Weights) -> Result<Graph> {
    let at = Place { model, layer: "" };
    let Some(inner) = &root.inner else { return Err(at.malformed("a Sequential or functional model", &root.class)) };
    let mut graph = Graph { name: model.to_string(), ..Graph::default() };
    graph.opsets.insert(String::new(), OPSET);
    let mut builder = Builder { model, weights, graph, names: HashSet::new(), wanted: HashMap::new(), applied: 0 };
    let image = builder.input(at, first_shape(inner).ok_or_else(|| at.malformed("the shape of the input", "none"))?)?;
    let end = builder.run(root, inner, image)?;
    let output = match end.map {
        true => builder.transpose("output", end.value, NHWC)?,
        false => end.value,
    };
    builder.graph.outputs = vec![output];
    Ok(builder.graph)
}

pub(super) const NCHW: [i64; 4] = [0, 3, 1, 2];
pub(super) const NHWC: [i64; 4] = [0, 2, 3, 1];

/// The shape that the first layer states, batch first.
fn first_shape(inner: &NestedModel) -> Option<&Value> {
    let first = match &inner.ends {
        Some((input, _)) => inner.layers.iter().find(|l| l.name == input.layer),
        None => inner.layers.first(),
    }?;
    let own = first.config.get("batch_input_shape").or_else(|| first.config.get("batch_shape"));
    own.or_else(|| first.inner.as_ref().and_then(first_shape))
}

impl Builder<'_> {
    fn input(&mut self, at: Place, shape: &Value) -> Result<LayerOutput> {
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

    /// The layers of a model, from its input to its output.
    fn run(&mut self, model: &Layer, inner: &NestedModel, input: LayerOutput) -> Result<LayerOutput> {
        let at = Place { model: self.model, layer: &model.name };
        // Calls may come in any order, so that each layer is looked at several times.
        self.within("layers", limits::LAYERS, inner.layers.len())?;
        let Some((start, end)) = &inner.ends else {
            return inner.layers.iter().try_fold(input, |flow, layer| self.apply(layer, &[flow]));
        };
        let mut known = HashMap::from([(start.clone(), input)]);
        loop {
            let before = known.len();
            for layer in &inner.layers {
                for (call, taps) in layer.calls.iter().enumerate() {
                    let own = OutputRef { layer: layer.name.clone(), call };
                    let inputs = taps.iter().map(|t| known.get(t).copied()).collect::<Option<Vec<_>>>();
                    if let (false, Some(inputs)) = (known.contains_key(&own), inputs) {
                        let flow = self.apply(layer, &inputs)?;
                        known.insert(own, flow);
                    }
                }
            }
            if let Some(&flow) = known.get(end) {
                return Ok(flow);
            }
            if known.len() == before {
                let found = "it nowhere, or in a circle";
                return Err(at.malformed(format!("the layer '{}' behind the input", end.layer), found));
            }
        }
    }

    fn apply(&mut self, layer: &Layer, inputs: &[LayerOutput]) -> Result<LayerOutput> {
        let at = Place { model: self.model, layer: &layer.name };
        // A model that is applied twice, inside one that is, and so on: the work doubles with each, nodes or not.
        self.applied += 1;
        self.within("applications of layers", limits::NODES, self.applied)?;
        match (&layer.inner, inputs) {
            (Some(inner), [input]) => self.run(layer, inner, *input),
            (Some(_), _) => Err(at.not_covered("a model with one input", inputs.len())),
            (None, _) => layer::apply(self, layer, inputs),
        }
    }

    fn within(&self, unit: &'static str, limit: u64, found: usize) -> Result<()> {
        limits::ensure_at_most(|| format!("model '{}'", self.model), unit, limit, found as u64, "give a smaller model")
    }

    /// Adds a node of one output.
    pub(super) fn node<const N: usize>(
        &mut self,
        name: &str,
        op: &str,
        attributes: [(&str, Attribute); N],
        inputs: &[ValueId],
    ) -> Result<ValueId> {
        self.within("nodes", limits::NODES, self.graph.nodes.len() + 1)?;
        let name = self.unique(name);
        let attributes: Attributes = attributes.into_iter().map(|(k, v)| (k.to_string(), v)).collect();
        Ok(self.graph.add_node(name, op, attributes, inputs, TypeAndShape::default()))
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
