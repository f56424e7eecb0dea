//! Opens and validates a saved project.

use super::detect_models::Found;
use super::fitting::{Fitted, Taken};
use super::images::Observed;
use super::merged_model;
use super::model::Model;
use super::save::{Saved, SavedEvidence, SavedModel, VERSION};
use super::{File, Project};
use crate::error::{ErrorKind, Result};
use crate::features::ExtractedFeatures;
use crate::import::{is_zip, Archive, FileTree};
use crate::limits;
use crate::rule::{Caution, Validation};
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::sync::Arc;

/// A project, and the caller's files stored with it.
pub struct Opened {
    pub project: Project,
    pub extra: Vec<File>,
}

impl Project {
    /// Opens a project file: the models are read and merged again, extracted features are restored.
    ///
    /// # Errors
    /// `not-a-project`, `project-version`, `malformed-project`; `archive` and `limit` for the archive; those of
    /// [`merge`](Self::merge) if the models no longer merge.
    pub fn open(bytes: &[u8]) -> Result<Opened> {
        if !is_zip(bytes) {
            let found = if bytes.is_empty() { "an empty file" } else { "no zip archive" };
            return Err(ErrorKind::NotProject { found: found.into() }.into());
        }
        let archive = Archive::open("project", bytes)?;
        let saved = saved(&archive)?;
        let mut project = Project { options: saved.options.clone(), ..Project::default() };
        for model in &saved.models {
            project.models.push(model_of(model, &archive)?);
        }
        let models = saved.models.iter().map(|model| model.id);
        let images = saved.images.iter().map(|image| image.id);
        let evidence = saved.evidence.iter().map(|evidence| evidence.id);
        let ids: BTreeSet<u32> = models.chain(images).chain(evidence).collect();
        if ids.len() != saved.models.len() + saved.images.len() + saved.evidence.len() {
            return Err(malformed("project.json", "a number of its own for everything in it", "one twice"));
        }
        project.last_id = ids.last().copied().unwrap_or_default();
        project.images.rows = saved.images.clone();
        if let Some(fingerprint) = &saved.merged {
            project.restore_merge(&saved, fingerprint, &archive)?;
        }
        project.stale = project.joined.is_none() && saved.stale;
        project.unsaved = false;
        let extra = archive.names()?.into_iter().filter_map(|path| Some(path.strip_prefix("extra/")?.to_string()));
        let extra = extra.collect::<Vec<_>>().into_iter().map(|path| {
            let bytes = needed(&archive, &format!("extra/{path}"))?;
            Ok(File { path, bytes })
        });
        let extra = extra.collect::<Result<_>>()?;
        Ok(Opened { project, extra })
    }

    /// Restores the merge and its dependents. If models or options changed after it, the old merge and its results are
    /// lost.
    fn restore_merge(&mut self, saved: &Saved, fingerprint: &str, archive: &Archive) -> Result<()> {
        match self.merge(saved.options.clone()) {
            Err(_) if saved.stale => return Ok(()),
            merged => merged.map(|_| ())?,
        }
        if self.extractor()?.fingerprint() != fingerprint {
            return match saved.stale {
                true => Ok(()),
                false => Err(malformed("models", "those that were merged", "others")),
            };
        }
        self.restore_observations(saved, &needed(archive, "observations.f32")?)?;
        for SavedEvidence { id, name } in &saved.evidence {
            self.put_evidence(*id, name, needed(archive, &format!("evidence/{id}"))?)?;
        }
        if let Some((_, summary)) = &saved.fit {
            let bad = |e: serde_json::Error| malformed("project.json", "the figures of a fit", &e.to_string());
            Validation::deserialize(&summary["measured"]).map_err(bad)?;
            Option::<Vec<Caution>>::deserialize(&summary["rule"]["cautions"]).map_err(bad)?;
        }
        let fitted = saved.fit.clone().map(|(options, summary)| Fitted { options, summary, fit: None });
        if saved.taken {
            let bytes = needed(archive, "fitted.onnx")?;
            let source = merged_model::read(&bytes)?;
            let extractor = self.extractor()?;
            if source.heads != extractor.heads() || source.labels.labels != extractor.labels() {
                return Err(malformed("fitted.onnx", "the heads of the merged models", "others"));
            }
            let combination = source.combination()?;
            let record = combination.record();
            self.taken(Some(Taken { bytes, combination, record }));
        }
        self.fitted = fitted;
        Ok(())
    }

    fn restore_observations(&mut self, saved: &Saved, bytes: &[u8]) -> Result<()> {
        let extractor = self.extractor()?;
        let (features, logits) = (extractor.layout().width(), extractor.members().len());
        let row = (features + logits) * 4;
        if bytes.len() != row * saved.observed.len() {
            let expected = format!("{} bytes", row * saved.observed.len());
            return Err(malformed("observations.f32", &expected, &bytes.len().to_string()));
        }
        for (at, kept) in saved.observed.iter().enumerate() {
            let bytes = &bytes[at * row..(at + 1) * row];
            let number = |b: &[u8]| f32::from_le_bytes([b[0], b[1], b[2], b[3]]);
            let numbers: Vec<f32> = bytes.chunks_exact(4).map(number).collect();
            if let Some(found) = numbers.iter().find(|v| !v.is_finite()) {
                return Err(malformed("observations.f32", "finite numbers", &found.to_string()));
            }
            let observation =
                ExtractedFeatures { features: numbers[..features].to_vec(), logits: numbers[features..].to_vec() };
            self.images.observed.insert(kept.sha256.clone(), Observed { size: kept.size, observation });
        }
        Ok(())
    }
}

/// Parses `project.json`, checking its version first.
fn saved(archive: &Archive) -> Result<Saved> {
    let none = || ErrorKind::NotProject { found: "an archive without project.json".into() };
    let bytes = archive.read("project.json")?.ok_or_else(none)?;
    limits::text(|| "project, project.json".into(), &bytes)?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|e| malformed("project.json", "JSON", &e.to_string()))?;
    let other = || ErrorKind::NotProject { found: "another project.json".into() };
    let version = value.get("polyhead-project").and_then(Value::as_u64).ok_or_else(other)?;
    if version != u64::from(VERSION) {
        return Err(ErrorKind::ProjectVersion { expected: VERSION, found: version }.into());
    }
    serde_json::from_value(value).map_err(|e| malformed("project.json", "a project's parts", &e.to_string()))
}

fn model_of(saved: &SavedModel, archive: &Archive) -> Result<Model> {
    saved.stated.check()?;
    let found = match saved.folder {
        true => Found::Folder(saved.path.clone()),
        false => Found::File(saved.path.clone()),
    };
    let mut model = Model::empty(saved.id, found, saved.stated.clone());
    for path in &saved.files {
        let bytes = needed(archive, &format!("models/{}/{path}", saved.id))?;
        model.files.0.insert(path.clone(), Arc::new(bytes));
    }
    model.tell();
    Ok(model)
}

fn needed(archive: &Archive, path: &str) -> Result<Vec<u8>> {
    archive.read(path)?.ok_or_else(|| malformed(path, "this file in the project", "none"))
}

fn malformed(part: &str, expected: &str, found: &str) -> crate::Error {
    let (part, expected, found) = (part.to_string(), expected.to_string(), found.to_string());
    ErrorKind::MalformedProject { part, expected, found }.into()
}
