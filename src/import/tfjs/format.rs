//! Imports the `model.json` of a TensorFlow.js layers model with the files of its weights.

use super::LayersModel;
use crate::error::{ErrorKind, Result};
use crate::import::file_tree::is_plain_path;
use crate::import::importer::{origin, Decoded, FileInfo, Format, Importer, ModelFile};
use crate::import::sidecars::Candidates;
use crate::limits;
use crate::onnx::OPSET;
use crate::rule::Parameters;
use sha2::{Digest, Sha256};

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
        let facts = FileInfo::new(Format::TfjsLayers, model.producer.clone(), OPSET, file.bytes.len() as u64 + bytes);
        Ok(Decoded {
            graph,
            merged: None,
            parameters: Parameters::new(),
            found: Candidates::default(),
            other_metadata: Vec::new(),
            origin: origin(name, digest),
            facts,
        })
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
