//! Reads the models of a command with the overrides given by flags.

use super::fs::{self, Folder};
use crate::error::{ErrorKind, Result, Setting};
use crate::image::preprocess::Preprocessing;
use crate::import::{labels_from_text, FileTree, ImportedModel, Overrides, Provenance, WithProvenance};
use std::path::{Path, PathBuf};

/// The overrides for each model, in the order of the models.
#[derive(Debug, Default, clap::Args)]
pub(super) struct OverrideArguments {
    /// A file with one label per line, in output order; once per model (a merged one keeps its own).
    #[arg(long, value_name = "FILE")]
    labels: Vec<PathBuf>,
    /// The head's name; once per model (a merged one keeps its own). Otherwise the file's stem.
    #[arg(long, value_name = "NAME", value_parser = head_name)]
    name: Vec<String>,
    /// The preprocessing, as a JSON file (width, height, fit, filter, range, mean, std, layout …); once for all
    /// models, or once per model.
    #[arg(long, value_name = "FILE")]
    preprocessing: Vec<PathBuf>,
    /// Width and height for a model with a symbolic input size; 224 by default.
    #[arg(long, value_name = "PIXELS", value_parser = clap::value_parser!(u32).range(1..=4096))]
    size: Option<u32>,
}

impl OverrideArguments {
    /// The overrides per model.
    ///
    /// # Errors
    /// `count` if a flag is given for some models and not for others; those of reading its file.
    pub(super) fn of_models(&self, models: usize) -> Result<Vec<Overrides>> {
        each("--labels", self.labels.len(), models)?;
        each("--name", self.name.len(), models)?;
        if self.preprocessing.len() != 1 {
            each("--preprocessing", self.preprocessing.len(), models)?;
        }
        (0..models)
            .map(|model| {
                Ok(Overrides {
                    name: self.name.get(model).cloned(),
                    labels: self.labels.get(model).map(|path| labels(path)).transpose()?,
                    preprocessing: self.preprocessing(model)?,
                    size: self.size,
                    placeholders: false,
                })
            })
            .collect()
    }

    /// The size for models with a symbolic input size.
    pub(super) fn size(&self) -> Option<u32> {
        self.size
    }

    /// The first flag that is given.
    pub(super) fn given(&self) -> Option<Setting> {
        let settings = [
            (Setting::Labels, !self.labels.is_empty()),
            (Setting::Name, !self.name.is_empty()),
            (Setting::Preprocessing, !self.preprocessing.is_empty()),
            (Setting::Size, self.size.is_some()),
        ];
        settings.into_iter().find(|(_, given)| *given).map(|(setting, _)| setting)
    }

    /// The preprocessing that is stated once for all models.
    pub(super) fn common_preprocessing(&self) -> Result<Option<WithProvenance<Preprocessing>>> {
        match self.preprocessing.as_slice() {
            [path] => preprocessing(path).map(Some),
            _ => Ok(None),
        }
    }

    fn preprocessing(&self, model: usize) -> Result<Option<WithProvenance<Preprocessing>>> {
        let path =
            if self.preprocessing.len() == 1 { self.preprocessing.first() } else { self.preprocessing.get(model) };
        path.map(|path| preprocessing(path)).transpose()
    }
}

fn each(flag: &'static str, found: usize, expected: usize) -> Result<()> {
    if found == 0 || found == expected {
        return Ok(());
    }
    Err(ErrorKind::Count { flag, expected, found }.into())
}

fn labels(path: &Path) -> Result<WithProvenance<Vec<String>>> {
    let text = text(path, "one label per line")?;
    Ok(WithProvenance {
        value: labels_from_text(&fs::file_name(path), &text)?,
        from: Provenance::Stated(format!("--labels {}", path.display())),
    })
}

fn preprocessing(path: &Path) -> Result<WithProvenance<Preprocessing>> {
    let file = path.display().to_string();
    let expected = "a preprocessing description";
    let value = serde_json::from_str(&text(path, expected)?).map_err(|e| ErrorKind::Sidecar {
        file: file.clone(),
        expected: expected.into(),
        found: e.to_string(),
    })?;
    Ok(WithProvenance { value, from: Provenance::Stated(format!("--preprocessing {file}")) })
}

fn text(path: &Path, expected: &str) -> Result<String> {
    Ok(Only(path).text(&path.display().to_string(), expected)?.unwrap_or_default())
}

/// One file, read under any name.
struct Only<'a>(&'a Path);

impl FileTree for Only<'_> {
    fn read(&self, _: &str) -> Result<Option<Vec<u8>>> {
        fs::read(self.0).map(Some)
    }
}

fn head_name(text: &str) -> Result<String, String> {
    if text.trim().is_empty() || text.contains(char::is_control) {
        return Err(format!("expected a name that is not empty and has no control characters, found {text:?}"));
    }
    Ok(text.to_string())
}

/// Reads one model: a file, or the folder or zip archive of an export.
pub(super) fn read(path: &Path, stated: &Overrides) -> Result<ImportedModel> {
    let name = fs::file_name(path);
    if path.is_dir() {
        return ImportedModel::read_folder(&name, &Folder::at(path), stated);
    }
    ImportedModel::read(&name, &fs::read(path)?, stated, &Folder::of(path))
}
