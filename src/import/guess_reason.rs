//! The reason of a guessed preprocessing.

use serde::Serialize;
use std::fmt;

/// The evidence for a guessed preprocessing.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum GuessReason {
    /// The graph normalises images of this range itself, starting at this node; with the mean and, if it decided, the
    /// factor of its affine map.
    Normalises { node: String, range: [f32; 2], mean: f32, factor: Option<f32> },
    /// An NHWC input without normalisation inside.
    Nhwc,
    /// An NCHW input without normalisation inside.
    Nchw,
    /// A `classes.json` of indices.
    LinerLabels,
    /// Labels as lines `0 name`.
    TeachableMachineLabels,
    /// The first layer is that of another model.
    SameLayer { model: String },
}

impl fmt::Display for GuessReason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            GuessReason::Normalises { node, range: [low, high], mean, factor } => {
                write!(f, "the graph normalises {low}..{high} itself ({node}; its mean is {mean:.2}")?;
                match factor {
                    Some(factor) => write!(f, ", its factor {factor:.4})"),
                    None => f.write_str(")"),
                }
            }
            GuessReason::Nhwc => f.write_str("NHWC without normalisation inside, as Keras MobileNets take it"),
            GuessReason::Nchw => {
                f.write_str("NCHW without normalisation inside, as torchvision's ImageNet models take it")
            }
            GuessReason::LinerLabels => f.write_str(
                "classes.json of indices beside an NHWC model, as liner.ai exports them: 0..255, normalised inside",
            ),
            GuessReason::TeachableMachineLabels => {
                f.write_str("labels as lines '0 name' beside an NHWC model, as Teachable Machine exports them")
            }
            GuessReason::SameLayer { model } => write!(f, "as '{model}'"),
        }
    }
}
