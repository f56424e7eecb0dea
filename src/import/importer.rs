//! The registry of model file formats, with their detection and decoding.

use super::file_tree::FileTree;
use super::sidecars::{self, Candidates};
use super::{keras, onnx, tflite};
use crate::error::{ErrorKind, Result};
use crate::metadata::{Metadata, SourceFile};
use crate::onnx::{sniff, Graph, Weights, OPSET};
use crate::rule::Parameters;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A file to be read as a model.
pub(super) struct ModelFile<'a> {
    /// The model's name in messages.
    pub name: &'a str,
    /// The file's name without its folder.
    pub file: &'a str,
    pub bytes: &'a [u8],
    pub beside: &'a dyn FileTree,
}

/// A model file format.
pub(super) trait Importer: Sync {
    /// Whether a file of an export has this format, by its name without the folder.
    fn is_named(&self, file: &str) -> bool;

    /// Whether the bytes have this format.
    fn sniff(&self, file: &ModelFile) -> bool;

    /// Decodes the file; weights in separate files are read from its folder.
    ///
    /// # Errors
    /// Those of the format.
    fn read(&self, file: &ModelFile) -> Result<Decoded>;
}

/// All formats; the first that matches the bytes is used, and of several exports of a model the one that comes last here.
pub(super) const IMPORTERS: [&dyn Importer; 5] =
    [&tflite::TfliteFormat, &keras::KerasFormat, &keras::H5Format, &keras::LayersFormat, &onnx::OnnxFormat];

/// The format of an imported model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    Onnx,
    TfjsLayers,
    /// `.h5`
    KerasH5,
    /// `.keras`
    Keras,
    /// TensorFlow Lite
    Tflite,
}

/// The file's properties, for reports.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct FileInfo {
    pub format: Format,
    pub producer: String,
    pub opset: i64,
    /// The size of the model file and its weight files.
    pub bytes: u64,
    pub input: String,
    /// Batch first; `None` for a symbolic dimension.
    pub input_shape: Vec<Option<usize>>,
    /// Whether the model itself converts logits to probabilities.
    pub ends_with_activation: bool,
    /// The storage format of most of its weights.
    pub weights: Weights,
}

impl FileInfo {
    /// The properties known before the graph is analysed.
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

/// A decoded model file.
pub(super) struct Decoded {
    pub graph: Graph,
    /// The metadata that a merge wrote.
    pub merged: Option<Metadata>,
    /// The rule's constants that a merge wrote.
    pub parameters: Parameters,
    pub found: Candidates,
    pub other_metadata: Vec<(String, String)>,
    pub origin: SourceFile,
    pub facts: FileInfo,
}

impl Decoded {
    /// A model of Keras layers; `facts` are its format, its producer and the bytes of its files, `digest` is theirs.
    pub(super) fn of_layers(name: &str, graph: Graph, facts: (Format, String, u64), digest: Sha256) -> Decoded {
        let (format, producer, bytes) = facts;
        Decoded {
            graph,
            merged: None,
            parameters: Parameters::new(),
            found: Candidates::default(),
            other_metadata: Vec::new(),
            origin: origin(name, digest),
            facts: FileInfo::new(format, producer, OPSET, bytes),
        }
    }
}

/// Decodes a file in its detected format, and reads the sidecar files in its folder.
///
/// # Errors
/// `not-onnx` for another format, with how to convert it; those of the format and of the sidecars.
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

/// The digest covers the model file and its weight files.
pub(super) fn origin(name: &str, digest: Sha256) -> SourceFile {
    SourceFile { name: name.to_string(), sha256: format!("{:x}", digest.finalize()) }
}
