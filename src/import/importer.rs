//! Imports one model file of any supported format.

use super::file_tree::{is_plain_path, FileTree};
use super::sidecar::{self, Candidates};
use super::{external_data, FileInfo};
use crate::error::{ErrorKind, Result};
use crate::limits;
use crate::metadata::{self, Metadata, SourceFile};
use crate::onnx::{self, sniff, Bytes, Graph, Weights, OPSET};
use crate::rule::{self, Parameters};
use crate::tfjs::LayersModel;
use sha2::{Digest, Sha256};

/// A model file, decoded.
pub(super) struct File {
    pub graph: Graph,
    /// What a merge wrote into it.
    pub merged: Option<Metadata>,
    /// The constants of the rule that a merge wrote into it.
    pub parameters: Parameters,
    pub found: Candidates,
    pub foreign: Vec<(String, String)>,
    pub origin: SourceFile,
    pub facts: FileInfo,
}

impl File {
    /// Decodes a file under the model's name; the files beside it give weights, labels and preprocessing.
    pub(super) fn open(name: &str, file: &str, bytes: &[u8], beside: &dyn FileTree) -> Result<File> {
        let json = bytes.iter().find(|b| !b.is_ascii_whitespace()) == Some(&b'{');
        let mut opened =
            if json { File::of_tfjs(name, file, bytes, beside)? } else { File::of_onnx(name, file, bytes, beside)? };
        if opened.merged.is_none() {
            sidecar::beside(super::stem(file), beside, &mut opened.found)?;
        }
        Ok(opened)
    }

    fn of_onnx(name: &str, file: &str, bytes: &[u8], beside: &dyn FileTree) -> Result<File> {
        if let Some((found, remedy)) = sniff::other(file, bytes) {
            return Err(ErrorKind::NotOnnx { model: name.to_string(), found, remedy }.into());
        }
        let mut proto = onnx::decode(name, Bytes::copy_from_slice(bytes))?;
        let mut digest = Sha256::new_with_prefix(bytes);
        let weights = external_data::resolve(name, &mut proto, beside, &mut digest)?;
        let merged = Metadata::read(name, &proto)?;
        let get = |key: &str| proto.metadata_props.iter().find(|p| p.key == key).map(|p| p.value.clone());
        let found = sidecar::in_metadata(&get);
        let foreign = metadata::other_metadata(&proto);
        let producer = proto.producer_name.clone();
        let graph = onnx::to_graph(name, proto)?;
        let opset = graph.opsets.get("").copied().unwrap_or(0);
        let mut facts = facts("onnx", producer, opset, bytes.len() as u64 + weights);
        facts.weights = Weights::of(&graph);
        let parameters = if merged.is_some() { rule::parameters(&graph) } else { Parameters::new() };
        Ok(File { graph, merged, parameters, found, foreign, origin: origin(name, digest), facts })
    }

    fn of_tfjs(name: &str, file: &str, bytes: &[u8], beside: &dyn FileTree) -> Result<File> {
        let model = LayersModel::parse(name, bytes)?;
        let mut digest = Sha256::new_with_prefix(bytes);
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
            let missing = || bad(&format!("the file '{location}' beside {file}"), "none".into());
            let weights = beside.data(location)?.ok_or_else(missing)?;
            digest.update(&weights);
            files.push(weights);
            let (bytes, subject) = (files.iter().map(|f| f.len() as u64).sum(), || format!("model '{name}', weights"));
            limits::ensure_at_most(subject, "bytes", limits::MODEL_BYTES, bytes, "give a smaller model")?;
        }
        let weights: u64 = files.iter().map(|f| f.len() as u64).sum();
        let graph = model.to_graph(&files)?;
        let facts = facts("tfjs-layers", model.producer.clone(), OPSET, bytes.len() as u64 + weights);
        let (found, foreign, parameters) = (Candidates::default(), Vec::new(), Parameters::new());
        Ok(File { graph, merged: None, parameters, found, foreign, origin: origin(name, digest), facts })
    }
}

/// The digest covers the model's file and those of its weights.
fn origin(name: &str, digest: Sha256) -> SourceFile {
    let sha256 = digest.finalize().iter().map(|b| format!("{b:02x}")).collect();
    SourceFile { name: name.to_string(), sha256 }
}

fn facts(format: &'static str, producer: String, opset: i64, bytes: u64) -> FileInfo {
    FileInfo {
        format,
        producer,
        opset,
        bytes,
        input: String::new(),
        input_shape: Vec::new(),
        ends_with_activation: false,
        weights: Weights::F32,
    }
}
