//! Finds the model file of an export.

use super::file_tree::{base_name, FileTree};
use super::importer::IMPORTERS;
use crate::error::{ErrorKind, Result};
use crate::onnx::sniff;

/// The path of the one model in a folder or archive: an ONNX file, or the `model.json` of a TensorFlow.js model.
/// Exports of the same model in other formats are ignored.
///
/// # Errors
/// `several-models` with their paths; `not-onnx` without a model, with the files found and how to convert them.
pub(super) fn find(export: &str, place: &dyn FileTree) -> Result<String> {
    let names = place.names()?;
    let models: Vec<&String> = names.iter().filter(|n| is_model(n)).collect();
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

/// Whether a path has the file name of a model, in any format.
pub fn is_model(path: &str) -> bool {
    let file = base_name(path);
    IMPORTERS.iter().any(|importer| importer.is_named(file))
}
