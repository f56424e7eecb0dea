//! Labels and preprocessing in the files and the metadata that tools write: one file a tool, and the lists of them.

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

/// What reads the files of one tool: `stem` is the name of the model's file without its ending.
type Reader = fn(stem: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()>;

/// The readers of files beside a model, the most trusted first.
const FILES: [Reader; 7] = [
    labels_txt::read,
    liner::read,
    preprocess_json::read,
    teachable_machine::read,
    lobe::read,
    hugging_face::read,
    timm::read,
];

/// A model's metadata by key.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The readers of metadata, the most trusted first.
const METADATA: [fn(Lookup, &mut Candidates); 2] = [ultralytics::read, onnx_metadata::read];

/// What the form of a tool's labels tells of its preprocessing, if the model fits it: size and layout as in the first; the range from
/// which the graph normalises itself; whether the file left width and height open.
pub(super) type Convention = fn(&Preprocessing, Option<[f32; 2]>, bool) -> Option<WithProvenance<Preprocessing>>;

/// Everything found, the most trusted first.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub labels: Vec<WithProvenance<Vec<String>>>,
    pub preprocessing: Vec<WithProvenance<Partial>>,
    /// Of the tool that wrote the labels, where their form tells it.
    pub convention: Option<Convention>,
    /// What was found and cannot be followed.
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

/// Looks into a model's metadata.
pub(super) fn in_metadata(get: Lookup) -> Candidates {
    let mut found = Candidates::default();
    METADATA.iter().for_each(|read| read(get, &mut found));
    found
}

/// Looks for the files that people and tools put beside a model.
///
/// # Errors
/// `sidecar` for a file of labels or preprocessing that does not hold them; those of [`FileTree::read`].
pub(super) fn beside(stem: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    FILES.iter().try_for_each(|read| read(stem, beside, found))
}

/// A file that any tool may have written: what is no JSON, or says nothing of labels or preprocessing, is passed over.
fn json(beside: &dyn FileTree, name: &str) -> Result<Option<(String, Value)>> {
    let text = small(beside, name)?.and_then(decode);
    Ok(text.and_then(|text| serde_json::from_str(&text).ok().map(|value| (text, value))))
}

/// A side in pixels.
fn pixels(value: Option<&Value>) -> Option<u32> {
    value?.as_u64().filter(|&v| v > 0).and_then(|v| u32::try_from(v).ok())
}

/// A number for each channel, or one for all.
fn triple(value: Option<&Value>) -> Option<[f32; 3]> {
    match value? {
        Value::Array(list) => {
            let numbers = list.iter().map(|v| v.as_f64().map(|v| v as f32)).collect::<Option<Vec<_>>>()?;
            numbers.try_into().ok()
        }
        one => one.as_f64().map(|v| [v as f32; 3]),
    }
}
