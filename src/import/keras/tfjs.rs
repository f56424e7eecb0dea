//! Imports the `model.json` of a TensorFlow.js layers model with the files of its weights.

use super::manifest::Manifest;
use super::topology::Layer;
use super::{model, Place};
use crate::error::{ErrorKind, Result};
use crate::import::file_tree::is_plain_path;
use crate::import::importer::{Decoded, Format, Importer, ModelFile};
use crate::limits;
use crate::onnx::Graph;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A parsed `model.json`.
#[derive(Debug)]
pub struct LayersModel {
    name: String,
    /// The exporter, such as `tfjs-layers 1.1.2`.
    pub producer: String,
    root: Layer,
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
            root: Layer::parse_model(name, root)?,
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
        model::convert(&self.name, &self.root, &weights, model::HardSigmoid::Keras2)
    }
}

fn producer(value: &Value, topology: &Value) -> String {
    let text = |v: Option<&Value>| v.and_then(Value::as_str).map(str::to_string);
    let versions = [text(value.get("generatedBy")), text(topology.get("keras_version"))];
    let found = versions.into_iter().flatten().find(|v| !v.is_empty());
    found.unwrap_or_else(|| "TensorFlow.js".into())
}

pub(in crate::import) struct LayersFormat;

impl Importer for LayersFormat {
    fn is_named(&self, file: &str) -> bool {
        file == "model.json"
    }

    fn sniff(&self, file: &ModelFile) -> bool {
        file.bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{')
    }

    fn read(&self, file: &ModelFile) -> Result<Decoded> {
        let name = file.name;
        let model = LayersModel::parse(name, file.bytes)?;
        let mut digest = Sha256::new_with_prefix(file.bytes);
        let weights = weights(&model, file)?;
        weights.iter().for_each(|weights| digest.update(weights));
        let bytes: u64 = weights.iter().map(|f| f.len() as u64).sum();
        let graph = model.to_graph(&weights)?;
        let bytes = file.bytes.len() as u64 + bytes;
        Ok(Decoded::of_layers(name, graph, (Format::TfjsLayers, model.producer, bytes), digest))
    }
}

/// Reads the weight files in the manifest's order.
fn weights(model: &LayersModel, file: &ModelFile) -> Result<Vec<Vec<u8>>> {
    let name = file.name;
    let mut files = Vec::new();
    for location in model.manifest.files() {
        let bad = |expected: &str, found: String| ErrorKind::ExternalData {
            model: name.to_string(),
            tensor: "weightsManifest".into(),
            expected: expected.into(),
            found,
        };
        if !is_plain_path(location) {
            return Err(bad("a path inside the model's folder", format!("'{}'", location.escape_debug())).into());
        }
        let missing = || bad(&format!("the file '{location}' beside {}", file.file), "none".into());
        files.push(file.beside.data(location)?.ok_or_else(missing)?);
        let (bytes, subject) = (files.iter().map(|f| f.len() as u64).sum(), || format!("model '{name}', weights"));
        limits::ensure_at_most(subject, "bytes", limits::MODEL_BYTES, bytes, "give a smaller model")?;
    }
    Ok(files)
}
