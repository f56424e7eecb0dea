//! Fits a rule to a merged model, and writes it into the file: the same for every interface.

use crate::error::Result;
use crate::evidence::{self, Evidence, Storage};
use crate::features::{FeatureExtractor, LabelledExample};
use crate::fit::{self, fit, Fit, FitInput};
use crate::import::ImportedModel;
use crate::limits;
use crate::merge::{merge, Merged, Options, Weights};
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
/// Those of [`fit`] and of reading the model.
pub fn fit_rule(
    extractor: &FeatureExtractor,
    model: impl FnOnce() -> Result<ImportedModel>,
    data: &FitData,
    options: &fit::Options,
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
pub fn write_rule(model: ImportedModel, rule: FittedRule, weights: Weights) -> Result<Merged> {
    merge(vec![model], &Options { rule: Some(rule), weights, ..Options::default() })
}

/// How products are stored, unless the caller says it.
pub fn storage(stated: Option<Storage>, width: usize) -> Storage {
    stated.unwrap_or_else(|| Storage::of_width(width))
}

/// How large a file of evidence becomes, in bytes: `width` numbers an image, one column a logit.
///
/// # Errors
/// `limit` where it would be too large.
pub fn evidence_size(width: usize, columns: usize, folds: usize, stated: Option<Storage>) -> Result<u64> {
    let found = evidence::bytes(width, columns, folds, storage(stated, width));
    let remedy = "take fewer kinds of features, fewer parts, or 32-bit sums";
    limits::ensure_at_most(|| "evidence".into(), "bytes", limits::EVIDENCE_BYTES, found, remedy)?;
    Ok(found)
}
