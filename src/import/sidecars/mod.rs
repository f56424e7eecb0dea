//! Reads labels and preprocessing from metadata and sidecar files.

use super::exporters::{self, ExporterHint};
use super::file_tree::{decode, small, FileTree};
use super::label_file::{bad, labels_from_json, labels_from_python, labels_key, lines};
use super::partial_preprocessing::Partial;
use super::{huggingface, WithProvenance};
use crate::error::Result;
use crate::preprocess::Preprocessing;
use serde_json::Value;

/// Everything found, the most trusted first.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    pub labels: Vec<WithProvenance<Vec<String>>>,
    pub preprocessing: Vec<WithProvenance<Partial>>,
    /// What the labels' form tells of the tool.
    pub hint: Option<ExporterHint>,
    /// What was found and cannot be followed.
    pub notes: Vec<String>,
}

impl Candidates {
    fn label(&mut self, from: &str, value: Vec<String>) {
        self.labels.push(WithProvenance { value, from: from.into() });
    }

    fn preprocessing(&mut self, from: &str, value: Partial) {
        if value != Partial::default() {
            self.preprocessing.push(WithProvenance { value, from: from.into() });
        }
    }
}

/// Looks into a model's metadata.
pub(super) fn in_metadata(get: &dyn Fn(&str) -> Option<String>) -> Candidates {
    let mut found = Candidates::default();
    if let Some(names) = get("names") {
        // Other tools may use the key in other ways: said, not refused.
        match labels_from_python("metadata 'names'", &names) {
            Ok(labels) => found.label("metadata 'names'", labels),
            Err(error) => found.notes.push(format!("{error}; it is passed over")),
        }
    }
    found.preprocessing.extend(exporters::of_ultralytics(get));
    found.preprocessing.extend(exporters::of_image_metadata(get));
    found
}

/// Looks for the files that people and tools put beside a model.
///
/// # Errors
/// `sidecar` for a file of labels or preprocessing that does not hold them; those of [`FileTree::read`].
pub(super) fn beside(stem: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    for name in [format!("{stem}.labels.txt"), "labels.txt".into()] {
        if let Some(text) = beside.text(&name, "one label a line")? {
            let (labels, numbered) = lines(&name, &text)?;
            found.label(&name, labels);
            found.hint = found.hint.or(numbered.then_some(ExporterHint::NumberedLines));
        }
    }
    if let Some(text) = beside.text("classes.json", "labels as JSON")? {
        found.label("classes.json", labels_from_json("classes.json", &text)?);
        let indices =
            text.trim_start().starts_with('{') && serde_json::from_str(&text).is_ok_and(|v: Value| is_index(&v));
        found.hint = found.hint.or(indices.then_some(ExporterHint::Indices));
    }
    for name in [format!("{stem}.preprocess.json"), "preprocess.json".into()] {
        if let Some(text) = beside.text(&name, "a preprocessing description")? {
            let value: Preprocessing =
                serde_json::from_str(&text).map_err(|e| bad(&name, "a preprocessing description", &e.to_string()))?;
            value.validate()?;
            found.preprocessing(&name, Partial::from(&value));
        }
    }
    of_tools(beside, found)
}

/// Files with names that many tools use: what says nothing of labels or preprocessing is passed over.
fn of_tools(beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    if let Some((text, value)) = json(beside, "metadata.json")? {
        if labels_key(&value, "/labels").is_some() {
            found.label("metadata.json", labels_from_json("metadata.json", &text)?);
        }
        exporters::of_teachable_machine(&value).into_iter().for_each(|p| found.preprocessing("metadata.json", p));
    }
    if let Some((text, value)) = json(beside, "signature.json")? {
        if labels_key(&value, "/classes/Label").is_some() {
            found.label("signature.json", labels_from_json("signature.json", &text)?);
        }
        exporters::of_lobe(&value).into_iter().for_each(|p| found.preprocessing("signature.json", p));
    }
    if let Some((_, value)) = json(beside, "preprocessor_config.json")? {
        let (partial, notes) = huggingface::of_preprocessor(&value);
        found.preprocessing("preprocessor_config.json", partial);
        found.notes.extend(notes.into_iter().map(|n| format!("preprocessor_config.json: {n}")));
    }
    if let Some((text, value)) = json(beside, "config.json")? {
        let timm = value.get("label_names").and_then(|v| labels_from_json("config.json", &v.to_string()).ok());
        match (labels_key(&value, "/id2label"), timm) {
            (Some(_), _) => found.label("config.json", labels_from_json("config.json", &text)?),
            (None, Some(labels)) => found.label("config.json", labels),
            (None, None) => {}
        }
        huggingface::of_timm(&value).into_iter().for_each(|p| found.preprocessing("config.json", p));
    }
    Ok(())
}

/// Whether it is `{"label": index}`.
fn is_index(value: &Value) -> bool {
    value.as_object().is_some_and(|o| !o.is_empty() && o.values().all(Value::is_u64))
}

/// A file that any tool may have written: what is no JSON is none of ours.
fn json(beside: &dyn FileTree, name: &str) -> Result<Option<(String, Value)>> {
    let text = small(beside, name)?.and_then(decode);
    Ok(text.and_then(|text| serde_json::from_str(&text).ok().map(|value| (text, value))))
}
