//! Fits a rule to a merged model, and writes it into the file: the same for every interface.

use crate::error::Result;
use crate::evidence::Evidence;
use crate::features::{FeatureExtractor, LabelledExample};
use crate::fit::{self, fit, Fit, FitInput, FitOptions};
use crate::import::ImportedModel;
use crate::merge::{merge, MergeOptions, Merged, Weights};
use crate::rule::FittedRule;

/// What a rule is fitted on.
#[derive(Debug, Default)]
pub struct FitData {
    /// Of all authors together.
    pub evidence: Option<Evidence>,
    pub images: Vec<LabelledExample>,
    /// Whether no head was trained on `images`.
    pub unseen: bool,
    /// Labelled images that no head was trained on.
    pub held_out: Vec<LabelledExample>,
}

/// Fits a rule to what the extractor extracted; where there is no image, `model` gives the last layers of the heads.
///
/// # Errors
/// Those of [`fit`](fit::fit) and of reading the model.
pub fn fit_rule(
    extractor: &FeatureExtractor,
    model: impl FnOnce() -> Result<ImportedModel>,
    data: &FitData,
    options: &FitOptions,
) -> Result<Fit> {
    let layers = match data.images.is_empty() && data.held_out.is_empty() {
        true => fit::last_layers(&model()?)?,
        false => Vec::new(),
    };
    let input = FitInput {
        evidence: data.evidence.as_ref(),
        images: &data.images,
        unseen: data.unseen,
        held_out: &data.held_out,
        layers: &layers,
        ..FitInput::of(extractor)
    };
    fit(&input, options)
}

/// The model with another rule, proved like any merge.
///
/// # Errors
/// Those of [`merge`].
pub fn write_rule(model: ImportedModel, rule: FittedRule, weight_format: Weights) -> Result<Merged> {
    merge(vec![model], &MergeOptions { rule: Some(rule), weight_format, ..MergeOptions::default() })
}
