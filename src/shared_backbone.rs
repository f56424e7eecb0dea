//! The record of a merge whose models share one backbone that replaces their own, nearly equal ones.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The weights of a backbone that replaces those of several models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum SharedWeights {
    /// Those of the first model.
    First,
    /// The mean of all models.
    Mean,
}

impl fmt::Display for SharedWeights {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            SharedWeights::First => "that of the first model",
            SharedWeights::Mean => "the mean of all models",
        })
    }
}

/// A backbone that replaces those of several models, and the changes of the heads' answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SharedBackbone {
    pub weights: SharedWeights,
    /// In the order of the heads; heads that were merged later, onto this very backbone, are not among them.
    pub heads: Vec<AnswerChange>,
}

/// The change of one head's answers on a set of images, from its model to the merged one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct AnswerChange {
    pub head: String,
    /// The number of images.
    pub images: usize,
    /// Whether the images are synthetic patterns instead of photos.
    pub synthetic: bool,
    /// The largest change of a probability within the head, 0 to 1: over all images and labels.
    pub largest: f32,
    /// The median over the images of each image's largest change of a probability.
    pub median: f32,
    /// The share of images whose top label changed, 0 to 1.
    pub top_label: f32,
    /// Pearson's correlation of the logits before and after, each centred per label, and per image for a softmax head; −1 to 1.
    pub correlation: f32,
}
