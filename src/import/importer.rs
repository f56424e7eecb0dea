//! The formats of model files: what each can tell apart and read.

use super::file_tree::FileTree;
use super::sidecars::{self, Candidates};
use super::{onnx, tfjs};
use crate::error::{ErrorKind, Result};
use crate::metadata::{Metadata, SourceFile};
use crate::onnx::{sniff, Graph, Weights};
use crate::rule::Parameters;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A file that is to be read as a model.
pub(super) struct ModelFile<'a> {
    /// What the model is called in messages.
    pub name: &'a str,
    /// The file's name without its folder.
    pub file: &'a str,
    pub bytes: &'a [u8],
    pub beside: &'a dyn FileTree,
}

/// A format of model files.
pub(super) trait Importer: Sync {
    /// Whether a file of an export, by its name without the folder, is one of this format.
    fn is_named(&self, file: &str) -> bool;

    /// Whether the bytes are of this format.
    fn sniff(&self, file: &ModelFile) -> bool;

    /// Decodes the file; the files beside it give its weights.
    ///
    /// # Errors
    /// Those of the format.
    fn read(&self, file: &ModelFile) -> Result<Decoded>;
}

/// All formats; a file is of the first that its bytes fit.
pub(super) const IMPORTERS: [&dyn Importer; 2] = [&tfjs::LayersFormat, &onnx::OnnxFormat];

/// A format that a model was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Onnx,
    TfjsLayers,
}

/// What the file says, for reports.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FileInfo {
    pub format: Format,
    pub producer: String,
    pub opset: i64,
    /// Of the model file and the files that hold its weights.
    pub bytes: u64,
    pub input: String,
    /// Batch first; `None` for a symbolic dimension.
    pub input_shape: Vec<Option<usize>>,
    /// Whether the model itself turns logits into probabilities.
    pub ends_with_activation: bool,
    /// How most of its weights are stored.
    pub weights: Weights,
}

impl FileInfo {
    /// What is known before the graph is looked into.
    pub(super) fn new(format: Format, producer: String, opset: i64, bytes: u64) -> FileInfo {
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
}

/// A model file, decoded.
pub(super) struct Decoded {
    pub graph: Graph,
    /// What a merge wrote into it.
    pub merged: Option<Metadata>,
    /// The constants of the rule that a merge wrote into it.
    pub parameters: Parameters,
    pub found: Candidates,
    pub other_metadata: Vec<(String, String)>,
    pub origin: SourceFile,
    pub facts: FileInfo,
}

/// Decodes a file by what its bytes are, and reads the files that tools put beside it.
///
/// # Errors
/// `not-onnx` for another format, with how to convert it; those of its format and of its sidecars.
pub(super) fn open(file: &ModelFile) -> Result<Decoded> {
    let Some(importer) = IMPORTERS.iter().find(|importer| importer.sniff(file)) else {
        let (found, remedy) = sniff::other(file.file, file.bytes).unwrap_or_default();
        return Err(ErrorKind::NotOnnx { model: file.name.to_string(), found, remedy }.into());
    };
    let mut decoded = importer.read(file)?;
    if decoded.merged.is_none() {
        sidecars::beside(super::stem(file.file), file.beside, &mut decoded.found)?;
    }
    Ok(decoded)
}

/// The digest covers the model's file and those of its weights.
pub(super) fn origin(name: &str, digest: Sha256) -> SourceFile {
    SourceFile { name: name.to_string(), sha256: format!("{:x}", digest.finalize()) }
}
