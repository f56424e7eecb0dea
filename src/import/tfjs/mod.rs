//! Converts TensorFlow.js layers models to graphs.
//!
//! `model.json` contains the layers and the manifest of the weights; the weights are in files in the same folder.

mod activation;
mod builder;
mod format;
mod layer;
mod model;
mod pooling;
mod topology;
mod weights;
mod window;

pub(super) use format::LayersFormat;
pub use weights::Manifest;

use crate::error::{ErrorKind, Result};
use crate::limits;
use crate::onnx::{malformed, unsupported, Graph};
use serde_json::Value;

/// A parsed `model.json`.
#[derive(Debug)]
pub struct LayersModel {
    name: String,
    /// The exporter, such as `tfjs-layers 1.1.2`.
    pub producer: String,
    root: topology::Layer,
    pub manifest: Manifest,
}

impl LayersModel {
    /// Parses a `model.json`; `name` is the model's name in messages.
    ///
    /// # Errors
    /// `not-onnx` for other JSON, `unsupported-model` for a graph model, `malformed-model` for inconsistent content,
    /// `limit` for too many layers or weights.
    pub fn parse(name: &str, json: &[u8]) -> Result<LayersModel> {
        let other = |found: String| ErrorKind::NotOnnx {
            model: name.to_string(),
            found,
            remedy: "give an ONNX file, or the model.json of a TensorFlow.js layers model".into(),
        };
        limits::text(|| format!("model '{name}'"), json)?;
        let value: Value = serde_json::from_slice(json).map_err(|e| other(format!("text that is no JSON ({e})")))?;
        let topology = value.get("modelTopology").filter(|t| t.is_object());
        let topology = topology.ok_or_else(|| other("JSON that holds no model".into()))?;
        if value.get("format").and_then(Value::as_str) == Some("graph-model") || topology.get("node").is_some() {
            let at = Place { model: name, layer: "" };
            let remedy = "convert it: python -m tf2onnx.convert --tfjs model.json --output model.onnx --opset 17";
            return Err(at.unsupported("a TensorFlow.js layers model", "a TensorFlow.js graph model", remedy));
        }
        let root = topology.get("model_config").unwrap_or(topology);
        Ok(LayersModel {
            name: name.to_string(),
            producer: producer(&value, topology),
            root: topology::Layer::parse(name, root)?,
            manifest: Manifest::parse(name, value.get("weightsManifest"))?,
        })
    }

    /// Converts the model to a graph: an NHWC input as in the layers, one transposition, then NCHW.
    ///
    /// `files` are the contents of [`Manifest::files`], in their order.
    ///
    /// # Errors
    /// `unsupported-model` with the name of the first unsupported layer, `malformed-model` if layers and weights
    /// contradict each other.
    pub fn to_graph(&self, files: &[Vec<u8>]) -> Result<Graph> {
        let weights = self.manifest.load(&self.name, files)?;
        model::convert(&self.name, &self.root, &weights)
    }
}

fn producer(value: &Value, topology: &Value) -> String {
    let text = |v: Option<&Value>| v.and_then(Value::as_str).map(str::to_string);
    let versions = [text(value.get("generatedBy")), text(topology.get("keras_version"))];
    let found = versions.into_iter().flatten().find(|v| !v.is_empty());
    found.unwrap_or_else(|| "TensorFlow.js".into())
}

/// The location of an error in a model.
#[derive(Clone, Copy)]
struct Place<'a> {
    model: &'a str,
    /// Empty for the model as a whole.
    layer: &'a str,
}

impl Place<'_> {
    fn text(&self) -> String {
        match self.layer {
            "" => "model.json".to_string(),
            layer => format!("layer '{layer}'"),
        }
    }

    fn malformed(&self, expected: impl ToString, found: impl ToString) -> crate::Error {
        malformed(self.model, self.text(), expected, found)
    }

    fn unsupported(&self, expected: impl ToString, found: impl ToString, remedy: &str) -> crate::Error {
        unsupported(self.model, self.text(), expected, found, remedy)
    }

    /// The error for a model that must be converted from its Keras original.
    fn not_covered(&self, expected: impl ToString, found: impl ToString) -> crate::Error {
        let remedy =
            "convert the Keras model: python -m tf2onnx.convert --keras model.h5 --output model.onnx --opset 17";
        self.unsupported(expected, found, remedy)
    }
}
