//! A project's model: files, overrides and the imported result.

use super::detect_models::Found;
use super::error_field::Told;
use super::memory_files::{split, Files, Folder};
use crate::error::{ErrorKind, Result};
use crate::image::preprocess::Preprocessing;
use crate::import::{labels_from_text, Description, ImportedModel, Overrides, Provenance, WithProvenance};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Values stated by the user; they take precedence over the values in the files.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct ModelOverrides {
    /// The head's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// In output order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preprocessing: Option<Preprocessing>,
    /// Width and height in pixels, 1 to 4096, for a model that leaves them open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u32>,
}

impl ModelOverrides {
    /// # Errors
    /// `option` for an invalid value.
    pub(super) fn check(&self) -> Result<()> {
        let bad = |option, expected: &str, found| Err(ErrorKind::option(option, expected, found).into());
        if let Some(name) = self.name.as_ref().filter(|n| n.trim().is_empty() || n.contains(char::is_control)) {
            return bad("name", "a name that is not empty and has no control characters", format!("{name:?}"));
        }
        if let Some(size) = self.size.filter(|size| !(1..=4096).contains(size)) {
            return bad("size", "1 to 4096 pixels", size.to_string());
        }
        let labels = self.labels.iter().flatten();
        if let Some(label) = labels.into_iter().find(|l| l.contains(char::is_control)) {
            return bad("labels", "labels without control characters", format!("{label:?}"));
        }
        self.preprocessing.as_ref().map_or(Ok(()), Preprocessing::validate)
    }
}

/// Parses labels from text: one per line, or any of the forms that tools write.
///
/// # Errors
/// `sidecar`.
pub fn labels_of_text(text: &str) -> Result<Vec<String>> {
    labels_from_text("labels.txt", text)
}

/// A model and its files.
pub(super) struct Model {
    pub id: u32,
    pub found: Found,
    pub files: Files,
    pub stated: ModelOverrides,
    pub told: Result<Description, Told>,
}

/// A model for display.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct ModelView<'a> {
    id: u32,
    path: &'a str,
    bytes: u64,
    stated: &'a ModelOverrides,
    tool: Option<&'static str>,
    placeholders: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a Description>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Told>,
}

impl Model {
    /// Reads a model from dropped files and keeps the files that it needs; all of them if it cannot be read.
    pub fn read(id: u32, found: Found, files: &Files) -> Model {
        let mut model = Model { files: files.clone(), ..Model::empty(id, found, ModelOverrides::default()) };
        let (source, read) = model.open(true);
        let read = match source {
            Ok(_) => read,
            Err(_) => model.own(),
        };
        model.told = source.and_then(ImportedModel::describe).map_err(|error| Told::new(&error));
        model.files.0.retain(|path, _| read.contains(path) || model.found == Found::File(path.clone()));
        model
    }

    /// A model without files.
    pub fn empty(id: u32, found: Found, stated: ModelOverrides) -> Model {
        Model { id, found, files: Files::default(), stated, told: Err(Told::none()) }
    }

    /// The paths of the files in its own folder.
    fn own(&self) -> BTreeSet<String> {
        let (prefix, models) = match &self.found {
            Found::File(path) => (split(path).0, super::detect_models::models(&self.files)),
            Found::Folder(path) => (path.as_str(), Vec::new()),
        };
        let others = |path: &String| models.contains(&Found::File(path.clone()));
        self.files.0.keys().filter(|path| path.starts_with(prefix) && !others(path)).cloned().collect()
    }

    /// The dropped file or folder.
    pub fn path(&self) -> &str {
        match &self.found {
            Found::File(path) => path,
            Found::Folder(path) => path.trim_end_matches('/'),
        }
    }

    /// The model's name, which is also its head's name.
    pub fn name(&self) -> &str {
        self.told.as_ref().map_or_else(|told| told.model.as_deref().unwrap_or_default(), |told| told.name.as_str())
    }

    /// Reads the model again with the current overrides.
    pub fn tell(&mut self) {
        self.told = self.open(true).0.and_then(ImportedModel::describe).map_err(|error| Told::new(&error));
    }

    /// The imported model, ready to be merged.
    ///
    /// # Errors
    /// Those of [`ImportedModel::read`] and [`ImportedModel::read_folder`].
    pub fn source(&self) -> Result<ImportedModel> {
        self.open(false).0
    }

    /// Imports the model, and returns the files that were read.
    fn open(&self, placeholders: bool) -> (Result<ImportedModel>, BTreeSet<String>) {
        let stated = self.statement(placeholders);
        match &self.found {
            Found::File(path) => {
                let (folder, name) = split(path);
                let place = Folder::new(&self.files, folder);
                let none = Default::default();
                let bytes = self.files.0.get(path).unwrap_or(&none);
                (ImportedModel::read(name, bytes, &stated, &place), place.into_read())
            }
            Found::Folder(path) => {
                let place = Folder::new(&self.files, path);
                let (_, name) = split(path.trim_end_matches('/'));
                (ImportedModel::read_folder(name, &place, &stated), place.into_read())
            }
        }
    }

    fn statement(&self, placeholders: bool) -> Overrides {
        let ModelOverrides { name, labels, preprocessing, size } = self.stated.clone();
        fn found<T>(value: T) -> WithProvenance<T> {
            WithProvenance { value, from: super::stated() }
        }
        Overrides { name, labels: labels.map(found), preprocessing: preprocessing.map(found), size, placeholders }
    }

    pub fn view(&self) -> ModelView<'_> {
        let told = self.told.as_ref();
        ModelView {
            id: self.id,
            path: self.path(),
            bytes: self.files.bytes(),
            stated: &self.stated,
            tool: told.ok().and_then(|told| told.tool),
            placeholders: told.is_ok_and(|told| told.labels_from == Provenance::Missing),
            model: told.ok(),
            error: told.err(),
        }
    }
}
