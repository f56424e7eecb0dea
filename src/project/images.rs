//! The images of a project: labels and extracted features by content.

use crate::error::{ErrorKind, Result, Setting};
use crate::features::{ExtractedFeatures, FeatureExtractor, LabelledExample};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An image with its label and settings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Image {
    pub id: u32,
    /// Unique in the project.
    pub name: String,
    /// The digest of its file, in hexadecimal.
    pub sha256: String,
    /// The merged label.
    pub label: Option<String>,
    /// The head that the image belongs to; `None` for all heads that have the label.
    pub head: Option<String>,
    /// Whether no head was trained on it.
    pub unseen: bool,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// An image for display.
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
    /// Whether its features were extracted with the current merge.
    fresh: bool,
    /// Whether its features were already extracted before.
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<bool>,
}

impl ImageView {
    pub(super) fn known(self, known: bool) -> ImageView {
        ImageView { known: Some(known), ..self }
    }
}

/// The label and settings of an image.
#[derive(Clone, Debug, Default, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ImageInfo {
    pub name: String,
    pub label: Option<String>,
    pub head: Option<String>,
    pub unseen: Option<bool>,
    /// The ID of an existing image to update.
    pub id: Option<u32>,
}

/// The images in the order of addition.
#[derive(Default)]
pub(super) struct Images {
    pub rows: Vec<Image>,
    /// Extracted features by the SHA-256 of the image's bytes.
    pub observed: BTreeMap<String, Observed>,
}

/// The extracted features of one image content.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Observed {
    /// Width and height in pixels.
    pub size: [u32; 2],
    pub observation: ExtractedFeatures,
}

impl Images {
    pub fn view(&self, extractor: Option<&FeatureExtractor>, image: &Image) -> ImageView {
        let Image { id, name, sha256, label, head, unseen, width, height } = image.clone();
        // A label may be missing after another merge.
        let known =
            |label: &String| extractor.is_none_or(|o| matches!(place(o, label, head.as_deref()), Ok((Some(_), _))));
        let (label, fresh) = (label.filter(known), self.observed.contains_key(&sha256));
        ImageView { id, name, sha256, label, head, unseen, width, height, fresh, known: None }
    }

    pub fn find(&self, id: u32) -> Result<usize> {
        let found = self.rows.iter().position(|row| row.id == id);
        found.ok_or_else(|| ErrorKind::NoSuchItem { kind: "image", id }.into())
    }

    /// A unique name: the wanted one, with a number appended if it is used.
    pub fn free_name(&self, wanted: &str, but: Option<u32>) -> String {
        let taken = |name: &str| self.rows.iter().any(|row| row.name == name && Some(row.id) != but);
        let numbered = (2..).map(|number| format!("{wanted} ({number})"));
        std::iter::once(wanted.to_string()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
    }

    /// The labelled images with extracted features, sorted by content and name: images that heads may have been trained
    /// on, and unseen images.
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

/// The indices of a named label and head; `None` for a label that the model does not have.
///
/// # Errors
/// `unknown-head`, `ambiguous-label`.
fn place(extractor: &FeatureExtractor, label: &str, head: Option<&str>) -> Result<(Option<usize>, Option<usize>)> {
    let head = head.map(|name| extractor.find_head(Setting::Images, name)).transpose()?;
    Ok((extractor.find_label(label, head)?, head))
}

/// The merged label that a text refers to.
///
/// # Errors
/// `no-such-label`, `ambiguous-label`, `unknown-head`; `at` is the location of the text.
pub(super) fn resolve(extractor: &FeatureExtractor, at: &str, label: &str, head: Option<&str>) -> Result<String> {
    let (found, head) = place(extractor, label, head)?;
    let found = found.ok_or_else(|| extractor.no_such_label(at, label, head))?;
    Ok(extractor.labels()[found].label.clone())
}
