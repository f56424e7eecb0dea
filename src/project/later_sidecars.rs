//! Assigns label and preprocessing files that are added after their model.

use super::detect_models::Found;
use super::memory_files::split;
use super::model::{labels_of_text, Model};
use std::str::from_utf8;
use std::sync::Arc;

const LABELS: &str = ".labels.txt";
const PREPROCESSING: &str = ".preprocess.json";

impl Model {
    /// Whether a file is named after the model: `NAME.labels.txt`, `NAME.preprocess.json`.
    pub(super) fn is_named_by(&self, path: &str) -> bool {
        let own = split(self.path()).1;
        let stem = match &self.found {
            Found::File(_) => own.rsplit_once('.').map_or(own, |(stem, _)| stem),
            Found::Folder(_) => own,
        };
        let name = split(path).1;
        name.strip_suffix(LABELS).or_else(|| name.strip_suffix(PREPROCESSING)) == Some(stem)
    }

    /// Adds a sidecar file of this model: next to a model file, or as overrides of an export in a folder or archive.
    /// Returns whether it could be read.
    pub(super) fn take_beside(&mut self, path: &str, bytes: &Arc<Vec<u8>>) -> bool {
        match &self.found {
            Found::File(own) if !own.to_lowercase().ends_with(".zip") => {
                let place = format!("{}{}", split(own).0, split(path).1);
                self.files.0.insert(place, bytes.clone());
            }
            _ if path.ends_with(LABELS) => {
                let Some(labels) = from_utf8(bytes).ok().and_then(|text| labels_of_text(text).ok()) else {
                    return false;
                };
                self.stated.labels = Some(labels);
            }
            _ => {
                let mut stated = self.stated.clone();
                stated.preprocessing = serde_json::from_slice(bytes).ok();
                if stated.preprocessing.is_none() || stated.check().is_err() {
                    return false;
                }
                self.stated = stated;
            }
        }
        self.tell();
        true
    }
}
