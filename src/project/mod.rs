//! The application layer: the operations that the interfaces share.
//!
//! Merging ([`merge_models`]), checking ([`check_rule`]), evidence ([`EvidenceSums`]), fitting ([`fit_rule`],
//! [`write_rule`]) and loading ([`load_classifier`]) are functions over models, features and options; the command line
//! and the workshop call them.
//!
//! [`Project`] is the workshop's state over files in memory. It caches results: models ([`Project::add_files`]), their
//! merge ([`Project::merge`]), extracted features of images ([`Project::observe`]), a check, evidence, a fit
//! ([`Project::fit`]), and the exported file ([`Project::download`], [`Project::site`]). A call that fails leaves the
//! project unchanged.

mod add_image;
mod check;
mod check_rule;
mod compare_backbones;
mod detect_models;
mod error_field;
mod evidence_files;
mod export;
mod fit_rule;
mod fitting;
mod gather_evidence;
mod images;
mod later_sidecars;
mod load_classifier;
mod memory_files;
mod merge_models;
mod merge_ways;
mod merged_model;
mod model;
mod models;
mod open;
mod save;
mod site;
mod snippets;
mod zip_writer;

pub use check_rule::check_rule;
pub use compare_backbones::compare_backbones;
pub use error_field::Told;
pub use evidence_files::EvidenceView;
pub use fit_rule::{fit_rule, write_rule, FitData};
pub use gather_evidence::{EvidenceOptions, EvidenceSums};
pub use images::{ImageInfo, ImageView};
pub use load_classifier::{load_classifier, LoadedClassifier};
pub use merge_models::merge_models;
pub use merge_ways::{MergeCost, MergeWay};
pub use model::{labels_of_text, ModelOverrides, ModelView};
pub use models::Drop;
pub use open::Opened;
pub use snippets::Texts;

pub use crate::fit::FitOptions;
pub use crate::merge::MergeOptions;

use crate::check::Report;
use crate::classifier::Classifier;
use crate::error::{ErrorKind, Result};
use crate::features::FeatureExtractor;
use crate::import::Provenance;
use crate::rule::RuleRecord;
use evidence_files::Handed;
use fitting::{Fitted, Taken};
use images::Images;
use merged_model::Joined;
use model::Model;
use serde::Serialize;
use serde_json::Value;

/// A file, with `/` between the folders of its path.
#[derive(Clone, Debug, PartialEq)]
pub struct File {
    pub path: String,
    pub bytes: Vec<u8>,
}

/// A value stated in a form.
fn stated() -> Provenance {
    Provenance::Stated("what was stated".into())
}

/// Models, images, evidence, and the results computed from them.
#[derive(Default)]
pub struct Project {
    models: Vec<Model>,
    options: MergeOptions,
    joined: Option<Joined>,
    /// Whether models or options changed since the merge.
    stale: bool,
    images: Images,
    handed: Vec<Handed>,
    checked: Option<Report>,
    fitted: Option<Fitted>,
    taken: Option<Taken>,
    /// The classifier of the current model, created on first use.
    classifier: Option<Classifier>,
    last_id: u32,
    unsaved: bool,
}

/// The state of a project for display.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct State<'a> {
    models: Vec<ModelView<'a>>,
    options: &'a MergeOptions,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "MergeReport | null"))]
    merge: Option<&'a Value>,
    stale: bool,
    images: Vec<ImageView>,
    evidence: Vec<EvidenceView<'a>>,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "FitReport | null"))]
    fit: Option<&'a Value>,
    taken: Option<&'a RuleRecord>,
    unsaved: bool,
}

impl Project {
    /// The state for display.
    pub fn state(&self) -> State<'_> {
        let extractor = self.joined.as_ref().map(|j| &j.extractor);
        State {
            models: self.models.iter().map(Model::view).collect(),
            options: &self.options,
            merge: self.joined.as_ref().map(|joined| &joined.summary),
            stale: self.stale,
            images: self.images.rows.iter().map(|row| self.images.view(extractor, row)).collect(),
            evidence: self.handed.iter().map(Handed::view).collect(),
            fit: self.fitted.as_ref().map(|fitted| &fitted.summary),
            taken: self.taken.as_ref().map(|taken| &taken.record),
            unsaved: self.unsaved,
        }
    }

    fn joined(&self) -> Result<&Joined> {
        Ok(self.joined.as_ref().ok_or(ErrorKind::NotMerged)?)
    }

    fn extractor(&self) -> Result<&FeatureExtractor> {
        Ok(&self.joined()?.extractor)
    }

    /// The current model's file.
    fn file(&self) -> Result<&[u8]> {
        let joined = self.joined()?;
        Ok(self.taken.as_ref().map_or(&joined.bytes, |taken| &taken.bytes))
    }

    fn next_id(&mut self) -> u32 {
        self.last_id += 1;
        self.last_id
    }

    /// Discards results measured on changed images or evidence.
    fn changed(&mut self) {
        (self.fitted, self.checked, self.unsaved) = (None, None, true);
    }

    /// Replaces the current model.
    fn taken(&mut self, taken: Option<Taken>) {
        (self.taken, self.classifier, self.checked, self.unsaved) = (taken, None, None, true);
    }
}
