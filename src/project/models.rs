//! Adds, edits and merges the models of a project.

use super::memory_files::Files;
use super::merged_model::Joined;
use super::model::Model;
use super::{detect_models, File, ModelOverrides, ModelView, Project};
use crate::error::{ErrorKind, Result};
use crate::merge::MergeOptions;
use serde::Serialize;
use serde_json::Value;
use std::collections::BTreeSet;
use std::mem;

/// The result of adding files.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Drop<'a> {
    /// The models that were added or changed.
    models: Vec<ModelView<'a>>,
    /// The paths of unused files.
    unused: Vec<String>,
}

impl Project {
    /// Adds the models in dropped files, with their sidecar files. Label and preprocessing files without a model are
    /// assigned to the model of their name. A model that cannot be read is kept with its error.
    pub fn add_files(&mut self, files: Vec<File>) -> Drop<'_> {
        let files = Files::new(files);
        let mut used = BTreeSet::new();
        let mut touched = Vec::new();
        for found in detect_models::models(&files) {
            let id = self.next_id();
            let model = Model::read(id, found, &files);
            used.extend(model.files.0.keys().cloned());
            touched.push(id);
            self.models.push(model);
        }
        for (path, bytes) in &files.0 {
            let own = self.models.iter_mut().find(|model| !used.contains(path) && model.is_named_by(path));
            if let Some(model) = own {
                if model.take_beside(path, bytes) {
                    touched.push(model.id);
                    used.insert(path.clone());
                }
            }
        }
        if !touched.is_empty() {
            (self.stale, self.unsaved) = (true, true);
        }
        let models = self.models.iter().filter(|m| touched.contains(&m.id)).map(Model::view).collect();
        Drop { models, unused: files.0.into_keys().filter(|path| !used.contains(path)).collect() }
    }

    /// Changes the overrides of a model.
    ///
    /// # Errors
    /// `no-such-item`; `option` and `preprocessing` for invalid values. Conflicts of valid values with the model's
    /// files are reported in the view.
    pub fn edit_model(
        &mut self,
        id: u32,
        change: impl FnOnce(&mut ModelOverrides) -> Result<()>,
    ) -> Result<ModelView<'_>> {
        let at = self.find_model(id)?;
        let mut stated = self.models[at].stated.clone();
        change(&mut stated)?;
        stated.check()?;
        let model = &mut self.models[at];
        if mem::replace(&mut model.stated, stated) != model.stated {
            model.tell();
            (self.stale, self.unsaved) = (true, true);
        }
        Ok(self.models[at].view())
    }

    /// # Errors
    /// `no-such-item`.
    pub fn remove_model(&mut self, id: u32) -> Result<()> {
        let at = self.find_model(id)?;
        self.models.remove(at);
        (self.stale, self.unsaved) = (true, true);
        Ok(())
    }

    /// Moves a model to another position; the first model's weights are kept in a merge.
    ///
    /// # Errors
    /// `no-such-item`.
    pub fn move_model(&mut self, id: u32, to: usize) -> Result<()> {
        let model = self.find_model(id).map(|at| self.models.remove(at))?;
        self.models.insert(to.min(self.models.len()), model);
        (self.stale, self.unsaved) = (true, true);
        Ok(())
    }

    /// Merges the models; extracted features stay valid for the same backbone and heads.
    ///
    /// # Errors
    /// Those of [`merge`](crate::merge::merge), of reading the models, and `option`.
    pub fn merge(&mut self, options: MergeOptions) -> Result<&Value> {
        let sources = self.models.iter().map(Model::source).collect::<Result<Vec<_>>>()?;
        let before: Vec<_> = self.models.iter().filter_map(|model| model.told.as_ref().ok()).collect();
        let joined = Joined::new(sources, &before, &options)?;
        if self.joined.as_ref().is_none_or(|old| old.extractor.fingerprint() != joined.extractor.fingerprint()) {
            self.images.observed.clear();
        }
        self.options = options;
        self.stale = false;
        self.changed();
        self.taken(None);
        Ok(&self.joined.insert(joined).summary)
    }

    /// The options of the last merge.
    pub fn options(&self) -> &MergeOptions {
        &self.options
    }

    /// The index of the model with this name.
    pub fn model_named(&self, name: &str) -> Option<u32> {
        self.models.iter().find(|model| model.name() == name).map(|model| model.id)
    }

    fn find_model(&self, id: u32) -> Result<usize> {
        let found = self.models.iter().position(|model| model.id == id);
        found.ok_or_else(|| ErrorKind::NoSuchItem { kind: "model", id }.into())
    }
}
