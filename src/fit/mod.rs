//! Fits combination rules to evidence and labelled images.
//!
//! p(label) = p(head) · p(label | head): whatever is known of either is pooled. Images that the heads have not seen say how
//! far each source is to be trusted; evidence says what labels look like. Every image is judged by what was computed without
//! it (folds), also where it counts for the means.
//!
#![doc = include_str!("README.md")]

mod basis;
mod candidates;
mod cross_validation;
mod cv_scores;
mod discriminant;
mod input;
mod lbfgs;
mod logistic;
mod low_rank_update;
mod opinion_pool;
mod parameters;
mod parametric_bootstrap;
mod rejection;
mod rule_choice;
mod sample;
mod scaled;
mod select;
mod summary;
mod sums;
#[cfg(test)]
mod tests;
mod validation;
mod weight_alignment;

use crate::onnx::LinearLayer;
pub use cross_validation::RuleMetrics;
pub use rule_choice::RuleChoice;
pub use weight_alignment::last_layers;

use crate::error::{ErrorKind, Result};
use crate::evidence::Evidence;
use crate::features::{check_finite, ExtractedFeatures, FeatureExtractor, FeatureLayout, LabelledExample, Pooling};
use crate::labels::{Activation, HeadLabels};
use crate::rule::{FittedRule, Validation};
use input::LogitColumns;
use serde::{Deserialize, Serialize};

/// What a rule is fitted to.
#[derive(Clone, Debug)]
pub struct FitInput<'a> {
    pub heads: &'a [HeadLabels],
    /// For each logit the place of its joint label.
    pub members: &'a [usize],
    /// What the features of the images are.
    pub layout: &'a FeatureLayout,
    /// The model's, as [`FeatureExtractor::fingerprint`](crate::features::FeatureExtractor::fingerprint) gives it.
    pub fingerprint: &'a str,
    /// Of all authors together.
    pub evidence: Option<&'a Evidence>,
    /// Labelled images.
    pub images: &'a [LabelledExample],
    /// Whether no head was trained on `images`.
    pub unseen: bool,
    /// Labelled images that no head was trained on.
    pub held_out: &'a [LabelledExample],
    /// The last layer of each head, for a fit without images and without evidence of every label; empty where a head has
    /// none.
    pub layers: &'a [LinearLayer],
}

impl<'a> FitInput<'a> {
    /// Nothing yet, for a model.
    pub fn of(extractor: &'a FeatureExtractor) -> FitInput<'a> {
        FitInput {
            heads: extractor.heads(),
            members: extractor.members(),
            layout: extractor.layout(),
            fingerprint: extractor.fingerprint(),
            evidence: None,
            images: &[],
            unseen: false,
            held_out: &[],
            layers: &[],
        }
    }
}

/// How a rule is fitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FitOptions {
    pub rule: RuleChoice,
    /// Which features are used, where evidence does not settle it.
    pub features: Vec<Pooling>,
    /// Which share of own images may count as none of the labels, above 0 and below 1.
    pub reject_rate: f64,
    /// For what is drawn where there are no images.
    pub seed: u64,
}

impl Default for FitOptions {
    fn default() -> Self {
        FitOptions { rule: RuleChoice::default(), features: Pooling::ALL.to_vec(), reject_rate: 0.05, seed: 1 }
    }
}

/// A fitted rule.
#[derive(Clone, Debug)]
pub struct Fit {
    pub combination: FittedRule,
    /// Every rule that was tried, on the same images.
    pub comparison: Vec<RuleMetrics>,
    pub grounds: Validation,
    /// How many images the comparison rests on.
    pub compared: usize,
}

/// Fits a rule.
///
/// # Errors
/// `sigmoid-rule` for sigmoid heads; `other-model` for evidence of another model; `no-evidence` where a rule was asked for
/// that needs evidence of every label and some have none, or one that needs images and there are none;
/// `option` for a reject rate out of range; `different-observation` and `not-finite` for images that are not
/// observations of the model.
pub fn fit(material: &FitInput, options: &FitOptions) -> Result<Fit> {
    if let Some(head) = material.heads.iter().find(|h| h.activation == Activation::Sigmoid) {
        let rule = options.rule.to_string();
        return Err(ErrorKind::SigmoidRule { rule, head: head.name.clone() }.into());
    }
    if !(options.reject_rate > 0.0 && options.reject_rate < 1.0) {
        let found = format!("{} %", 100.0 * options.reject_rate);
        return Err(ErrorKind::option("rejectRate", "more than 0 and less than 100 %", found).into());
    }
    let columns = LogitColumns::new(material.heads, material.members);
    check(material, columns.owners.len())?;
    let ground = validation::lay(material, options, &columns)?;
    select::choose(material, options, &columns, &ground)
}

/// Whether the images are observations of the model.
fn check(material: &FitInput, columns: usize) -> Result<()> {
    let sizes = |o: &ExtractedFeatures| {
        [("features", material.layout.width(), o.features.len()), ("logits", columns, o.logits.len())]
    };
    let examples = || material.images.iter().chain(material.held_out).map(|e| &e.observation);
    let mut sizes = std::iter::once(("labels", columns, material.members.len())).chain(examples().flat_map(sizes));
    if let Some((what, expected, found)) = sizes.find(|(_, expected, found)| expected != found) {
        return Err(ErrorKind::DifferentObservation { what, expected, found }.into());
    }
    let numbers = examples().flat_map(|o| o.features.iter().chain(&o.logits));
    check_finite(material.fingerprint, "an observation of an image", numbers)
}
