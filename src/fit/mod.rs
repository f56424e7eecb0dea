//! Fits combination rules to evidence and labelled images.
//!
//! p(label) = p(head) · p(label | head): each factor is pooled from all sources. Images that the heads have not seen
//! give the weight of each source; evidence gives the distribution of each label. Every image is scored by
//! parameters that were computed without it (folds), also if it counts for the means.
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

/// The input of a fit.
#[derive(Clone, Debug)]
pub struct FitInput<'a> {
    pub heads: &'a [HeadLabels],
    /// For each logit the index of its merged label.
    pub members: &'a [usize],
    /// The layout of the images' features.
    pub layout: &'a FeatureLayout,
    /// The model's fingerprint, as [`FeatureExtractor::fingerprint`](crate::features::FeatureExtractor::fingerprint)
    /// returns it.
    pub fingerprint: &'a str,
    /// The sum of the evidence of all authors.
    pub evidence: Option<&'a Evidence>,
    /// Labelled images.
    pub images: &'a [LabelledExample],
    /// Whether no head was trained on `images`.
    pub unseen: bool,
    /// Labelled images that no head was trained on.
    pub held_out: &'a [LabelledExample],
    /// The last layer of each head, for a fit without images and without evidence of every label; empty if a head
    /// does not end with a linear layer.
    pub layers: &'a [LinearLayer],
}

impl<'a> FitInput<'a> {
    /// The input for a model, without evidence and images.
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

/// Options of a fit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct FitOptions {
    pub rule: RuleChoice,
    /// The features to use, without evidence.
    pub features: Vec<Pooling>,
    /// The share of own images that may be classified as none of the labels, above 0 and below 1.
    pub reject_rate: f64,
    /// The seed of simulated images.
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
    /// The metrics of every compared rule, on the same images.
    pub comparison: Vec<RuleMetrics>,
    pub grounds: Validation,
    /// The number of images in the comparison.
    pub compared: usize,
}

/// Fits a rule.
///
/// # Errors
/// `sigmoid-rule` for sigmoid heads; `other-model` for evidence of another model; `no-evidence` if the requested
/// rule needs evidence of every label and some label has none, or needs images and there are none; `option` for a
/// reject rate out of range; `different-observation` and `not-finite` for features that are not of the model.
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

/// Checks that the images have the features of the model.
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
