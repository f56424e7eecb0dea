//! Finds the model file of an export.

use super::file_tree::{base_name, FileTree};
use super::importer::{Importer, IMPORTERS};
use crate::error::{ErrorKind, Result};
use crate::onnx::sniff;

/// The path of the one model in a folder or archive: an ONNX file, the `model.json` of a TensorFlow.js model, a Keras file, or a
/// TensorFlow Lite file.
/// Exports of the same model in other formats are ignored.
///
/// # Errors
/// `several-models` with their paths; `not-onnx` without a model, with the files found and how to convert them.
pub(super) fn find(export: &str, place: &dyn FileTree) -> Result<String> {
    let names = place.names()?;
    // Of the exports of one model in several formats, those of the last format of the list are taken.
    let of_format = |importer: &&dyn Importer| -> Vec<&String> {
        names.iter().filter(|name| importer.is_named(base_name(name))).collect()
    };
    let models = IMPORTERS.iter().rev().map(of_format).find(|models| !models.is_empty()).unwrap_or_default();
    match models.as_slice() {
        [only] => Ok(only.to_string()),
        [] => {
            let other = sniff::other_package(export, &names).or_else(|| sniff::other_files(export, &names));
            let (found, remedy) = other.unwrap_or_else(|| nothing(&names));
            Err(ErrorKind::NotOnnx { model: export.to_string(), found, remedy }.into())
        }
        several => {
            let found = several.iter().map(|n| n.to_string()).collect();
            Err(ErrorKind::SeveralModels { export: export.to_string(), found }.into())
        }
    }
}

fn nothing(names: &[String]) -> (String, String) {
    let found = match names {
        [] => "no files in it".to_string(),
        [first, ..] => format!("{} files in it, none of them a model ('{first}' …)", names.len()),
    };
    (found, "give an ONNX file, or a folder or zip with model.onnx or model.json".into())
}

/// Whether two model files are one model in two formats: their names differ only by words for formats.
pub fn is_same_export(a: &str, b: &str) -> bool {
    let format = |path: &str| IMPORTERS.iter().position(|importer| importer.is_named(base_name(path)));
    let words = |path: &str| -> Vec<String> {
        let stem = base_name(path).rsplit_once('.').map_or(path, |(stem, _)| stem).to_lowercase();
        let words = stem.split(|c: char| !c.is_alphanumeric());
        words.filter(|word| !["", "model", "keras", "onnx", "tf", "tfjs"].contains(word)).map(String::from).collect()
    };
    format(a) != format(b) && words(a) == words(b)
}

/// Whether a path has the file name of a model, in any format.
pub fn is_model(path: &str) -> bool {
    let file = base_name(path);
    IMPORTERS.iter().any(|importer| importer.is_named(file))
}
