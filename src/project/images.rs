//! The images of a project: labels and extracted features by content.

use crate::error::{ErrorKind, Result, Setting};
use crate::features::{ExtractedFeatures, FeatureExtractor, LabelledExample};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An image with what the person says of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Image {
    pub id: u32,
    /// Unique in the project.
    pub name: String,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
    /// The joint label.
    pub label: Option<String>,
    /// The head whose image it is; else of every head that has the label.
    pub head: Option<String>,
    /// Whether no head was trained on it.
    pub unseen: bool,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// An image as a page shows it.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ImageView {
    id: u32,
    name: String,
    sha256: String,
    label: Option<String>,
    head: Option<String>,
    unseen: bool,
    width: u32,
    height: u32,
    /// Whether its observation is of the present merge.
    fresh: bool,
    /// Whether nothing had to be computed for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<bool>,
}

impl ImageView {
    pub(super) fn known(self, known: bool) -> ImageView {
        ImageView { known: Some(known), ..self }
    }
}

/// What a person says of an image.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ImageInfo {
    pub name: String,
    pub label: Option<String>,
    pub head: Option<String>,
    pub unseen: Option<bool>,
    /// Of an image that is there already and keeps its place.
    pub id: Option<u32>,
}

/// The images in the order in which they came.
#[derive(Default)]
pub(super) struct Images {
    pub rows: Vec<Image>,
    /// By the SHA-256 of the image's bytes.
    pub observed: BTreeMap<String, Observed>,
}

/// What was computed of one content.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Observed {
    /// Width and height in pixels.
    pub size: [u32; 2],
    pub observation: ExtractedFeatures,
}

impl Images {
    pub fn view(&self, extractor: Option<&FeatureExtractor>, image: &Image) -> ImageView {
        let Image { id, name, sha256, label, head, unseen, width, height } = image.clone();
        // After another merge a label may be gone.
        let known =
            |label: &String| extractor.is_none_or(|o| matches!(place(o, label, head.as_deref()), Ok((Some(_), _))));
        let (label, fresh) = (label.filter(known), self.observed.contains_key(&sha256));
        ImageView { id, name, sha256, label, head, unseen, width, height, fresh, known: None }
    }

    pub fn find(&self, id: u32) -> Result<usize> {
        let found = self.rows.iter().position(|row| row.id == id);
        found.ok_or_else(|| ErrorKind::NoSuchItem { kind: "image", id }.into())
    }

    /// A name that no other image has: the same one with a number behind it where it is taken.
    pub fn free_name(&self, wanted: &str, but: Option<u32>) -> String {
        let taken = |name: &str| self.rows.iter().any(|row| row.name == name && Some(row.id) != but);
        let numbered = (2..).map(|number| format!("{wanted} ({number})"));
        std::iter::once(wanted.to_string()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }

    /// The labelled images with an observation, in the order of their contents and names: those that heads may have been
    /// trained on, and those that none was.
    pub fn examples(&self, extractor: &FeatureExtractor) -> [Vec<LabelledExample>; 2] {
        let mut found = [Vec::new(), Vec::new()];
        for row in &self.rows {
            let (Some(label), Some(observed)) = (&row.label, self.observed.get(&row.sha256)) else { continue };
            let Ok((Some(label), head)) = place(extractor, label, row.head.as_deref()) else { continue };
            let (name, sha256, observation) = (row.name.clone(), row.sha256.clone(), observed.observation.clone());
            found[usize::from(row.unseen)].push(LabelledExample { name, sha256, label, head, observation });
        }
        for set in &mut found {
            set.sort_by(|a, b| (&a.sha256, &a.name).cmp(&(&b.sha256, &b.name)));
        }
        found
    }
}

/// The places of a label and of the head that a person named; no label where the model has none of this text.
///
/// # Errors
/// `unknown-head`, `ambiguous-label`.
fn place(extractor: &FeatureExtractor, label: &str, head: Option<&str>) -> Result<(Option<usize>, Option<usize>)> {
    let head = head.map(|name| extractor.find_head(Setting::Images, name)).transpose()?;
    Ok((extractor.find_label(label, head)?, head))
}

/// The text of the joint label that a person means.
///
/// # Errors
/// `no-such-label`, `ambiguous-label`, `unknown-head`; `at` says where the text stands.
pub(super) fn resolve(extractor: &FeatureExtractor, at: &str, label: &str, head: Option<&str>) -> Result<String> {
    let (found, head) = place(extractor, label, head)?;
    let found = found.ok_or_else(|| extractor.no_such_label(at, label, head))?;
    Ok(extractor.labels()[found].label.clone())
}
