//! Imports exported classifiers with their labels and preprocessing.
//!
#![doc = include_str!("README.md")]

mod choose_labels;
mod describe;
mod external_data;
mod file_tree;
mod find_model;
mod graph_builder;
mod guess_preprocessing;
mod guess_reason;
mod imported_model;
mod importer;
mod input;
pub mod keras;
mod note;
mod onnx;
mod overrides;
mod partial_preprocessing;
mod provenance;
mod resize;
mod sidecars;
mod tensorflow;
mod tflite;
mod zip_archive;

pub use describe::{Description, HeadDescription};
pub use file_tree::{is_plain_path, FileTree, Nothing, MAX_DEPTH};
pub use find_model::{is_model, is_same_export};
pub use guess_reason::GuessReason;
pub use imported_model::{ImportedModel, OriginalGraph};
pub use importer::{FileInfo, Format};
pub use note::{ModelNote, Note};
pub use overrides::Overrides;
pub use provenance::{Provenance, Tool, WithProvenance};
pub use sidecars::labels_from_text;
pub use zip_archive::{is_zip, Archive};

use crate::error::{ErrorKind, Result};
use importer::ModelFile;

/// The width and height of a model with open dimensions, unless overridden.
pub const DEFAULT_SIZE: u32 = 224;

impl ImportedModel {
    /// Reads a model: an ONNX file, a Keras file (`.h5`, `.keras`), a TensorFlow Lite file, the `model.json` of a TensorFlow.js layers model, or a zip
    /// archive of an export that contains one of them. `file` is its name without the folder, `beside` its folder's files.
    ///
    /// # Errors
    /// Those of [`Archive::open`] and [`read_folder`](Self::read_folder) for an archive; those of [`onnx::decode`],
    /// [`onnx::to_graph`] and [`keras`]; `external-data` for weights in other files; `unsupported-model` if it is not an
    /// image classifier; `labels` if there are none or too few; `preprocessing` if the override does not fit the input.
    ///
    /// [`onnx::decode`]: crate::onnx::decode
    /// [`onnx::to_graph`]: crate::onnx::to_graph
    /// [`keras`]: crate::import::keras
    pub fn read(file: &str, bytes: &[u8], stated: &Overrides, beside: &dyn FileTree) -> Result<ImportedModel> {
        if is_zip(bytes) && !keras::is_keras(bytes) {
            return ImportedModel::read_folder(file, &Archive::open(file, bytes)?, stated);
        }
        let name = stated.name.clone().unwrap_or_else(|| head_name(file, beside));
        let decoded = importer::open(&ModelFile { name: &name, file, bytes, beside })?;
        ImportedModel::build(name, decoded, stated)
    }

    /// Reads an export as its folder or archive; the head is named after `export` unless stated.
    ///
    /// # Errors
    /// `several-models` or `not-onnx` unless it contains exactly one model; those of [`read`](Self::read).
    pub fn read_folder(export: &str, folder: &dyn FileTree, stated: &Overrides) -> Result<ImportedModel> {
        let path = find_model::find(export, folder)?;
        let unread = || ErrorKind::SeveralModels { export: export.to_string(), found: Vec::new() };
        let bytes = folder.read(&path)?.ok_or_else(unread)?;
        let name = stated.name.clone().unwrap_or_else(|| stem(export).to_string());
        let inside = file_tree::Subfolder::of(folder, &path);
        let file = ModelFile { name: &name, file: file_tree::base_name(&path), bytes: &bytes, beside: &inside };
        let decoded = importer::open(&file)?;
        ImportedModel::build(name, decoded, stated)
    }
}

/// The file's stem; the folder's name if the stem is generic.
fn head_name(file: &str, beside: &dyn FileTree) -> String {
    match (stem(file), beside.folder()) {
        ("model" | "keras_model" | "model_keras" | "model_unquant", Some(folder)) => folder,
        (stem, _) => stem.to_string(),
    }
}

/// A file's name without a model's extension; a folder's name unchanged.
fn stem(file: &str) -> &str {
    [".onnx", ".json", ".zip", ".h5", ".hdf5", ".keras", ".tflite"]
        .iter()
        .find_map(|ending| file.strip_suffix(ending))
        .unwrap_or(file)
}
