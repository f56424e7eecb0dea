//! Loads a classifier from any supported file, for all interfaces.

use crate::classifier::Classifier;
use crate::embed::embedded;
use crate::error::{ErrorKind, Result, Setting};
use crate::import::{ImportedModel, ModelNote};
use crate::merge::{merge, MergeOptions};
use crate::metadata::Metadata;
use crate::onnx::{self, Bytes};
use std::borrow::Cow;

/// A classifier, and the notes on the file that it comes from.
pub struct LoadedClassifier {
    pub classifier: Classifier,
    pub notes: Vec<ModelNote>,
}

/// Loads a merged file, a wasm module with an embedded model, or a single exported classifier, which becomes a merged
/// model with one head. `bytes` is the file's content, empty for a folder; `stated` is the first override that the
/// caller set; `read` imports an export.
///
/// # Errors
/// `not-onnx` for a wasm module without a model, `settled` for an override of one with a model; those of `read` and
/// [`Classifier::from_bytes`].
pub fn load_classifier(
    name: &str,
    bytes: Bytes,
    stated: Option<Setting>,
    read: impl FnOnce() -> Result<ImportedModel>,
) -> Result<LoadedClassifier> {
    let without_notes = |classifier| LoadedClassifier { classifier, notes: Vec::new() };
    if bytes.starts_with(b"\0asm") {
        let model = embedded(&bytes)?.ok_or_else(|| ErrorKind::NotOnnx {
            model: name.to_string(),
            found: "a wasm module without a model".into(),
            remedy: "put one in with polyhead embed".into(),
        })?;
        if let Some(setting) = stated {
            return Err(ErrorKind::Settled { model: name.to_string(), setting, found: "it".into() }.into());
        }
        return Classifier::from_bytes(name, bytes.slice_ref(model)).map(without_notes);
    }
    // A merged file needs no other file.
    let merged = stated.is_none().then(|| onnx::decode(name, bytes).ok()).flatten();
    if let Some(merged) = merged.filter(|proto| Metadata::read(name, proto).is_ok_and(|found| found.is_some())) {
        return Classifier::of(name, Cow::Owned(merged)).map(without_notes);
    }
    let model = read()?;
    let notes = model.notes();
    let merged = merge(vec![model], &MergeOptions::default())?;
    Ok(LoadedClassifier { classifier: Classifier::of(name, Cow::Owned(merged.proto))?, notes })
}
