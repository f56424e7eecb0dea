//! Reads labels and preprocessing from sidecar files and metadata: one module per tool.

mod hugging_face;
mod label_file;
mod labels_txt;
mod liner;
mod lobe;
mod onnx_metadata;
mod preprocess_json;
mod teachable_machine;
mod timm;
mod ultralytics;

pub use label_file::labels_from_text;

use super::file_tree::{decode, small, FileTree};
use super::partial_preprocessing::Partial;
use super::provenance::{Provenance, Tool, WithProvenance};
use crate::error::Result;
use crate::image::preprocess::Preprocessing;
use crate::import::Note;
use serde_json::Value;

/// Reads the files of one tool; `stem` is the model's file name without its extension.
type Reader = fn(stem: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()>;

/// The readers of sidecar files, the most trusted first.
const FILES: [Reader; 7] = [
    labels_txt::read,
    liner::read,
    preprocess_json::read,
    teachable_machine::read,
    lobe::read,
    hugging_face::read,
    timm::read,
];

/// Looks up a model's metadata by key.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The readers of metadata, the most trusted first.
const METADATA: [fn(Lookup, &mut Candidates); 2] = [ultralytics::read, onnx_metadata::read];

/// The preprocessing implied by the form of a tool's labels, if it fits the model: size and layout of the given one;
/// the range from which the graph normalises; whether the file left width and height open.
pub(super) type Convention = fn(&Preprocessing, Option<[f32; 2]>, bool) -> Option<WithProvenance<Preprocessing>>;

/// All values found, the most trusted first.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub labels: Vec<WithProvenance<Vec<String>>>,
    pub preprocessing: Vec<WithProvenance<Partial>>,
    /// The convention of the tool that wrote the labels, if their form identifies it.
    pub convention: Option<Convention>,
    /// Values that were found and are not supported.
    pub notes: Vec<Note>,
}

impl Candidates {
    fn labels(&mut self, file: &str, tool: Option<Tool>, value: Vec<String>) {
        self.labels.push(WithProvenance { value, from: Provenance::Sidecar { file: file.into(), tool } });
    }

    fn preprocessing(&mut self, file: &str, tool: Option<Tool>, value: Partial) {
        if value != Partial::default() {
            self.preprocessing.push(WithProvenance { value, from: Provenance::Sidecar { file: file.into(), tool } });
        }
    }
}

/// Reads a model's metadata.
pub(super) fn in_metadata(get: Lookup) -> Candidates {
    let mut found = Candidates::default();
    METADATA.iter().for_each(|read| read(get, &mut found));
    found
}

/// Reads the sidecar files in the model's folder.
///
/// # Errors
/// `sidecar` for a label or preprocessing file with other content; those of [`FileTree::read`].
pub(super) fn beside(stem: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    FILES.iter().try_for_each(|read| read(stem, beside, found))
}

/// Reads a JSON file that any tool may have written. Files that are not JSON, or have no labels or preprocessing, are
/// ignored.
fn json(beside: &dyn FileTree, name: &str) -> Result<Option<(String, Value)>> {
    let text = small(beside, name)?.and_then(decode);
    Ok(text.and_then(|text| serde_json::from_str(&text).ok().map(|value| (text, value))))
}

/// A side length in pixels.
fn pixels(value: Option<&Value>) -> Option<u32> {
    value?.as_u64().filter(|&v| v > 0).and_then(|v| u32::try_from(v).ok())
}

/// One number per channel, or one for all.
fn triple(value: Option<&Value>) -> Option<[f32; 3]> {
    match value? {
        Value::Array(list) => {
            let numbers = list.iter().map(|v| v.as_f64().map(|v| v as f32)).collect::<Option<Vec<_>>>()?;
            numbers.try_into().ok()
        }
        one => one.as_f64().map(|v| [v as f32; 3]),
    }
}
