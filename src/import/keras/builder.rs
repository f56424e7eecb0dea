//! Builds a graph from the layers of a model.

use super::model::HardSigmoid;
use super::topology::show;
use super::weights::Weights;
use super::Place;
use crate::error::Result;
use crate::import::graph_builder::GraphBuilder;
pub(super) use crate::import::graph_builder::{NCHW, NHWC};
use crate::limits;
use crate::onnx::ValueId;
use serde_json::Value;
use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

/// The output of a layer.
#[derive(Clone, Copy)]
pub(super) struct LayerOutput {
    pub value: ValueId,
    /// Whether it is an image or feature map [N, C, H, W] ([N, H, W, C] in Keras), else a vector [N, C].
    pub map: bool,
}

/// A graph under construction, with the weights of its layers.
pub(super) struct Builder<'a> {
    pub weights: &'a Weights,
    pub hard_sigmoid: HardSigmoid,
    nodes: GraphBuilder<'a>,
    /// Height and width of images that are known.
    pub sides: HashMap<ValueId, [usize; 2]>,
    /// The number of layers applied, including nested models.
    applied: usize,
}

impl<'a> Deref for Builder<'a> {
    type Target = GraphBuilder<'a>;

    fn deref(&self) -> &GraphBuilder<'a> {
        &self.nodes
    }
}

impl DerefMut for Builder<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.nodes
    }
}

impl<'a> Builder<'a> {
    pub(super) fn new(model: &'a str, weights: &'a Weights, hard_sigmoid: HardSigmoid) -> Builder<'a> {
        Builder { weights, hard_sigmoid, nodes: GraphBuilder::new(model), sides: HashMap::new(), applied: 0 }
    }

    /// Counts an application of a layer. Models nested and applied twice at every level double the work per level.
    ///
    /// # Errors
    /// `limit` beyond the maximum number of nodes.
    pub(super) fn count_application(&mut self) -> Result<()> {
        self.applied += 1;
        self.within("applications of layers", limits::NODES, self.applied)
    }

    pub(super) fn image(&mut self, at: Place, shape: &Value) -> Result<LayerOutput> {
        let axis = |v: &Value| match v {
            Value::Null => Some(None),
            v => v.as_u64().filter(|&v| v > 0).map(|v| Some(v as usize)),
        };
        let dims = shape.as_array().and_then(|dims| dims.iter().map(axis).collect::<Option<Vec<_>>>());
        let Some(dims) = dims.filter(|d| d.len() == 4) else {
            let remedy = "give a classifier of images";
            return Err(at.unsupported("an input [N, height, width, channels]", show(Some(shape)), remedy));
        };
        let known = dims[1].zip(dims[2]).map(|(height, width)| [height, width]);
        let input = self.input("input", dims);
        let value = self.transpose("to NCHW", input, &NCHW)?;
        self.sides.extend(known.map(|sides| (value, sides)));
        Ok(LayerOutput { value, map: true })
    }
}
