//! Saves a project as a zip archive.
//!
//! - `project.json`: [`Saved`];
//! - `models/ID/PATH`: the files of each model;
//! - `observations.f32`: for each of `observed` the features, then the logits, little-endian;
//! - `evidence/ID`: the added evidence files;
//! - `fitted.onnx`: the model with the written rule, if any;
//! - `extra/PATH`: the page's own files.

use super::detect_models::Found;
use super::images::Image;
use super::model::ModelOverrides;
use super::zip_writer::Pack;
use super::{File, Project};
use crate::error::{ErrorKind, Result};
use crate::fit::FitOptions;
use crate::import::is_plain_path;
use crate::limits;
use crate::merge::MergeOptions;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The version of the format.
pub(super) const VERSION: u32 = 1;

/// The content of `project.json`.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct Saved {
    /// [`VERSION`].
    pub polyhead_project: u32,
    pub models: Vec<SavedModel>,
    pub options: MergeOptions,
    /// The fingerprint of the merged model, if merged.
    pub merged: Option<String>,
    /// Whether models or options changed since the merge.
    pub stale: bool,
    pub images: Vec<Image>,
    pub observed: Vec<SavedObservation>,
    pub evidence: Vec<SavedEvidence>,
    /// The last fit and its options.
    pub fit: Option<(FitOptions, Value)>,
    /// Whether a fitted file was written.
    pub taken: bool,
}

/// A saved model.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SavedModel {
    pub id: u32,
    pub path: String,
    /// Whether the path is a folder.
    pub folder: bool,
    pub stated: ModelOverrides,
    pub files: Vec<String>,
}

/// A saved evidence file.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SavedEvidence {
    pub id: u32,
    pub name: String,
}

/// The content of an image with extracted features.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct SavedObservation {
    pub sha256: String,
    pub size: [u32; 2],
}

impl Project {
    /// Saves the project with the caller's own files as one archive, and marks it as saved.
    ///
    /// # Errors
    /// `archive` for paths of `extra` that lead elsewhere or are repeated; `limit` for too many files.
    pub fn save(&mut self, extra: &[File]) -> Result<Vec<u8>> {
        let models = self.models.iter().map(|model| {
            let (path, folder) = match &model.found {
                Found::File(path) => (path, false),
                Found::Folder(path) => (path, true),
            };
            let files = model.files.0.keys().cloned().collect();
            SavedModel { id: model.id, path: path.clone(), folder, stated: model.stated.clone(), files }
        });
        let observed = &self.images.observed;
        let saved = Saved {
            polyhead_project: VERSION,
            models: models.collect(),
            options: self.options.clone(),
            merged: self.joined.as_ref().map(|joined| joined.extractor.fingerprint().to_string()),
            stale: self.stale,
            images: self.images.rows.clone(),
            observed: observed.iter().map(|(s, o)| SavedObservation { sha256: s.clone(), size: o.size }).collect(),
            evidence: self.handed.iter().map(|h| SavedEvidence { id: h.id, name: h.name.clone() }).collect(),
            fit: self.fitted.as_ref().map(|fitted| (fitted.options.clone(), fitted.summary.clone())),
            taken: self.taken.is_some(),
        };
        check(extra, saved.models.iter().map(|model| model.files.len()).sum::<usize>() + saved.evidence.len() + 3)?;
        let mut pack = Pack::new("project");
        pack.add("project.json", serde_json::to_string_pretty(&saved).unwrap_or_default().as_bytes())?;
        for model in &self.models {
            for (path, bytes) in &model.files.0 {
                pack.add(&format!("models/{}/{path}", model.id), bytes)?;
            }
        }
        let numbers = observed.values().flat_map(|o| o.observation.features.iter().chain(&o.observation.logits));
        pack.add("observations.f32", &numbers.flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>())?;
        for handed in &self.handed {
            pack.add(&format!("evidence/{}", handed.id), &handed.bytes)?;
        }
        if let Some(taken) = &self.taken {
            pack.add("fitted.onnx", &taken.bytes)?;
        }
        for File { path, bytes } in extra {
            pack.add(&format!("extra/{path}"), bytes)?;
        }
        let bytes = pack.finish()?;
        self.unsaved = false;
        Ok(bytes)
    }
}

/// Additional files must be restored by their paths.
fn check(extra: &[File], own: usize) -> Result<()> {
    let found = (extra.len() + own) as u64;
    limits::ensure_at_most(|| "project".into(), "files", limits::FILES, found, "keep fewer images with it")?;
    let odd =
        |path: &str| !is_plain_path(path) || path.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    match extra.iter().find(|file| odd(&file.path)) {
        None => Ok(()),
        Some(file) => {
            let (expected, found) = ("paths inside the project".into(), format!("'{}'", file.path.escape_debug()));
            Err(ErrorKind::Archive { archive: "project".into(), expected, found }.into())
        }
    }
}
