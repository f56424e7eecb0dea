//! Reads and writes the `polyhead.*` metadata of a merged file.

use crate::error::{ErrorKind, Result};
use crate::image::preprocess::{ChannelOrder, Preprocessing};
use crate::labels::{self, HeadLabels, Label};
use crate::onnx::pb::StringStringEntryProto;
use crate::onnx::ModelProto;
use crate::rule::RuleRecord;
use crate::sanitize::is_active;
use crate::shared_backbone::SharedBackbone;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The name of the custom section of a wasm module that contains the model.
pub const SECTION: &str = "polyhead.model";

/// The version of the metadata format.
pub const VERSION: u32 = 1;

/// The content of a merged file besides its graph.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// The merged labels, in the order of `probabilities`.
    pub labels: Vec<Label>,
    /// The heads, in the order of `logits` and `head_probabilities`.
    pub heads: Vec<HeadLabels>,
    pub preprocessing: Preprocessing,
    /// The rule, its training data and its measured figures.
    pub rule: RuleRecord,
    /// The backbone that replaced the models' own, if the merge shared nearly equal ones.
    pub shared_backbone: Option<SharedBackbone>,
    /// The files that were merged, in order.
    pub sources: Vec<SourceFile>,
    /// Other metadata of the sources, under `KEY` or, if they disagree, `NAME/KEY`.
    pub other_metadata: Vec<(String, String)>,
}

/// A file that was merged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SourceFile {
    pub name: String,
    /// The file's digest, in hexadecimal.
    pub sha256: String,
}

impl Metadata {
    /// Writes everything to the model's `metadata_props`; the labels and the image's range also under the keys that
    /// other tools read: Ultralytics' `names` (a Python dict) and ONNX's image metadata.
    pub fn write(&self, proto: &mut ModelProto) {
        let mut put = |key: &str, value: String| {
            proto.metadata_props.push(StringStringEntryProto { key: key.to_string(), value });
        };
        put("polyhead.version", VERSION.to_string());
        put("polyhead.labels", json(&self.labels));
        put("polyhead.heads", json(&self.heads));
        put("polyhead.preprocessing", json(&self.preprocessing));
        put("polyhead.rule", json(&self.rule));
        put("polyhead.sources", json(&self.sources));
        if let Some(shared) = &self.shared_backbone {
            put("polyhead.shared_backbone", json(shared));
        }
        put("names", python_dict(&self.labels));
        let pixels = match self.preprocessing.channels {
            ChannelOrder::Rgb => "Rgb8",
            ChannelOrder::Bgr => "Bgr8",
        };
        put("Image.BitmapPixelFormat", pixels.to_string());
        if let Some(range) = nominal_range(&self.preprocessing) {
            put("Image.NominalPixelRange", range.to_string());
        }
        for (key, value) in &self.other_metadata {
            if !proto.metadata_props.iter().any(|p| p.key == *key) {
                proto.metadata_props.push(StringStringEntryProto { key: key.clone(), value: value.clone() });
            }
        }
    }

    /// Reads the values that [`write`](Self::write) writes; `None` if the model was not made by a merge.
    ///
    /// # Errors
    /// `metadata` if a value is missing, does not parse, or has a newer version.
    pub fn read(model: &str, proto: &ModelProto) -> Result<Option<Metadata>> {
        let get = |key: &str| proto.metadata_props.iter().find(|p| p.key == key).map(|p| p.value.as_str());
        let Some(version) = get("polyhead.version") else { return Ok(None) };
        if version.parse() != Ok(VERSION) {
            let expected = format!("version {VERSION}");
            return Err(bad(model, "polyhead.version", &expected, &format!("version {version}")));
        }
        let metadata = Metadata {
            labels: parse(model, "polyhead.labels", get("polyhead.labels"))?,
            heads: parse(model, "polyhead.heads", get("polyhead.heads"))?,
            preprocessing: parse(model, "polyhead.preprocessing", get("polyhead.preprocessing"))?,
            rule: parse(model, "polyhead.rule", get("polyhead.rule"))?,
            shared_backbone: get("polyhead.shared_backbone")
                .map(|value| parse(model, "polyhead.shared_backbone", Some(value)))
                .transpose()?,
            sources: parse(model, "polyhead.sources", get("polyhead.sources"))?,
            other_metadata: other_metadata(proto),
        };
        metadata.preprocessing.validate()?;
        metadata.check(model)?;
        Ok(Some(metadata))
    }

    /// The total number of logits of all heads.
    pub fn width(&self) -> usize {
        self.heads.iter().map(|h| h.labels.len()).sum()
    }

    fn check(&self, model: &str) -> Result<()> {
        if self.heads.is_empty() || self.labels.is_empty() {
            return Err(bad(model, "polyhead.heads", "at least one head and one label", "none"));
        }
        labels::check_size(model, self.labels.iter().map(|l| &l.label))?;
        labels::check_size(model, self.heads.iter().flat_map(|h| std::iter::once(&h.name).chain(&h.labels)))?;
        let mut names = HashSet::new();
        for head in &self.heads {
            if head.labels.is_empty() {
                let found = format!("head '{}' without any", head.name);
                return Err(bad(model, "polyhead.heads", "a label for every head", &found));
            }
            if !names.insert(head.name.as_str()) {
                let found = format!("head '{}' twice", head.name);
                return Err(bad(model, "polyhead.heads", "heads of different names", &found));
            }
        }
        match self
            .labels
            .iter()
            .find(|l| l.heads.is_empty() || !l.heads.iter().all(|name| names.contains(name.as_str())))
        {
            None => Ok(()),
            Some(label) => {
                let found = format!("label '{}' of {:?}", label.label, label.heads);
                Err(bad(model, "polyhead.labels", "labels that name their heads", &found))
            }
        }
    }
}

/// The metadata of a model, without Polyhead's own keys and those derived from them.
pub fn other_metadata(proto: &ModelProto) -> Vec<(String, String)> {
    let ours = |key: &str| key.starts_with("polyhead.") || key == "names" || key.starts_with("Image.");
    proto.metadata_props.iter().filter(|p| !ours(&p.key)).map(|p| (p.key.clone(), p.value.clone())).collect()
}

fn json<T: Serialize>(value: &T) -> String {
    // These types have only texts and finite numbers, which always serialise.
    serde_json::to_string(value).unwrap_or_default()
}

fn parse<T: DeserializeOwned>(model: &str, key: &str, value: Option<&str>) -> Result<T> {
    let value = value.ok_or_else(|| bad(model, key, "a value", "none"))?;
    serde_json::from_str(value).map_err(|e| bad(model, key, "the JSON that polyhead writes", &e.to_string()))
}

fn bad(model: &str, key: &str, expected: &str, found: &str) -> crate::Error {
    let (model, key) = (model.to_string(), key.to_string());
    ErrorKind::Metadata { model, key, expected: expected.into(), found: found.into() }.into()
}

/// Writes `{0: 'a', 1: 'b'}`, as Ultralytics does.
fn python_dict(labels: &[Label]) -> String {
    let entries = labels
        .iter()
        .enumerate()
        .map(|(i, l)| format!("{i}: '{}'", l.label.chars().map(python_character).collect::<String>()));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
}

/// A character inside a Python string; characters that a terminal or editor interprets are escaped.
fn python_character(c: char) -> String {
    match c {
        '\\' | '\'' => format!("\\{c}"),
        '\n' => "\\n".to_string(),
        c if is_active(c) => match u32::from(c) {
            code @ ..=0xff => format!("\\x{code:02x}"),
            code => format!("\\u{code:04x}"),
        },
        c => c.to_string(),
    }
}

/// ONNX's name for the range of pixel values, if it has one.
fn nominal_range(preprocessing: &Preprocessing) -> Option<&'static str> {
    let ends =
        |channel: usize| preprocessing.range.map(|v| (v - preprocessing.mean[channel]) / preprocessing.std[channel]);
    let all = |low: f32, high: f32| (0..3).all(|c| ends(c) == [low, high]);
    if all(0.0, 255.0) {
        Some("NominalRange_0_255")
    } else if all(0.0, 1.0) {
        Some("Normalized_0_1")
    } else if all(-1.0, 1.0) {
        Some("Normalized_1_1")
    } else {
        None
    }
}
