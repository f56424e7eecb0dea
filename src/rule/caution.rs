//! The cautions of a fitted rule: limits of its figures and of the fit.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A limit of a rule's figures or of its fit. Its text includes the data that would improve them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Caution {
    /// This many of all labels have no held-out image.
    LabelsNotHeldOut { missing: u64, labels: u64 },
    /// Every label has held-out images, one of them only this many.
    FewHeldOut { images: u64 },
    /// The heads may have been trained on the images.
    SeenImages,
    /// The figures are estimates from sums.
    EstimatedFigures,
    /// The rule comes from the heads' weights alone.
    NothingMeasured,
    /// There are no features that all heads share.
    NoSharedFeatures,
    /// These labels have no evidence.
    NoEvidence { labels: Vec<String> },
}

impl fmt::Display for Caution {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Caution::LabelsNotHeldOut { missing, labels } => {
                write!(f, "{missing} of {labels} labels have no held-out image")
            }
            Caution::FewHeldOut { images } => {
                write!(f, "a label has only {images} held-out images: the figures are rough")
            }
            Caution::SeenImages => f.write_str(
                "the heads may have been trained on these images and be overconfident on them: temperatures are not \
                 fitted and the figures are too good; give unseen images, or say that these are",
            ),
            Caution::EstimatedFigures => f.write_str(
                "the figures are estimates from sums, as if heads were as sure of unseen images as of those they were \
                 trained on, and are too good; give unseen images",
            ),
            Caution::NothingMeasured => f.write_str(
                "nothing was measured: the heads' weights were made alike, no more; give images or evidence",
            ),
            Caution::NoSharedFeatures => {
                f.write_str("the heads share no features: only rules that need none were tried")
            }
            Caution::NoEvidence { labels } => {
                write!(f, "no evidence of {}: only rules that need none were tried", labels.join(", "))
            }
        }
    }
}
