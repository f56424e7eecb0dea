//! Fits a rule to a merged model and writes it into the file, for all interfaces.

use crate::error::{ErrorKind, Result};
use crate::evidence::Evidence;
use crate::features::{FeatureExtractor, FeatureLayout, LabelledExample, LabelledSet, Pooling};
use crate::fit::{self, fit, Fit, FitInput, FitOptions};
use crate::import::ImportedModel;
use crate::merge::{merge, MergeOptions, Merged, Weights};
use crate::rule::FittedRule;

/// The data of a fit.
#[derive(Debug)]
pub struct FitData {
    /// The features of the images: all of the extractor's, or those of some kinds.
    pub layout: FeatureLayout,
    /// The summed evidence of all authors.
    pub evidence: Option<Evidence>,
    pub images: Vec<LabelledExample>,
    /// Whether no head was trained on `images`.
    pub unseen: bool,
    /// Labelled images that no head was trained on.
    pub held_out: Vec<LabelledExample>,
}

impl FitData {
    /// Combines sets of images, `[images, held_out]`, with the features that all of them have.
    ///
    /// # Errors
    /// `missing-features` if a set lacks a kind that the evidence has or that is in `asked`.
    pub fn new(
        extractor: &FeatureExtractor,
        evidence: Option<Evidence>,
        asked: &[Pooling],
        sets: [Vec<LabelledSet>; 2],
        unseen: bool,
    ) -> Result<FitData> {
        let model = extractor.layout();
        let needed = match &evidence {
            Some(evidence) => evidence.layout().pools(),
            None => asked.to_vec(),
        };
        for set in sets.iter().flatten() {
            if !needed.iter().all(|&pool| set.has(pool, model)) {
                let (file, [expected, found]) = (set.name.clone(), [needed, set.layout.pools()].map(names));
                return Err(ErrorKind::MissingFeatures { file, expected, found }.into());
            }
        }
        let common = Pooling::ALL.into_iter().filter(|&pool| sets.iter().flatten().all(|set| set.has(pool, model)));
        let layout = model.only(&common.collect::<Vec<_>>());
        let [images, held_out] = sets.map(|sets| sets.into_iter().flat_map(|set| set.select(&layout)).collect());
        Ok(FitData { layout, evidence, images, unseen, held_out })
    }
}

fn names(pools: Vec<Pooling>) -> String {
    pools.iter().map(|pool| format!("{pool:?}").to_lowercase()).collect::<Vec<_>>().join(", ")
}

/// Fits a rule to extracted features; without images, `model` provides the last layers of the heads.
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
        layout: &data.layout,
        ..FitInput::of(extractor)
    };
    fit(&input, options)
}

/// The model with another rule, verified like any merge.
///
/// # Errors
/// Those of [`merge`].
pub fn write_rule(model: ImportedModel, rule: FittedRule, weight_format: Weights) -> Result<Merged> {
    merge(vec![model], &MergeOptions { rule: Some(rule), weight_format, ..MergeOptions::default() })
}
