//! The model that numbers in a file were computed by, compared with the one that they are read for.

use super::{FeatureLayout, Pooling};
use crate::error::{ErrorKind, Result};
use crate::labels::HeadLabels;

/// What tells whether two files are of one model.
#[derive(Clone, Copy, Debug)]
pub struct ModelId<'a> {
    /// As [`FeatureExtractor::fingerprint`](super::FeatureExtractor::fingerprint) gives it.
    pub fingerprint: &'a str,
    /// In the order of the logits.
    pub heads: &'a [HeadLabels],
    /// The features, all of the model's or the sections of some kinds.
    pub layout: &'a FeatureLayout,
}

impl ModelId<'_> {
    /// These features in the layout of `model`; `input` names their file in the error.
    ///
    /// # Errors
    /// `other-model` where fingerprint, heads or kinds of features differ.
    pub fn layout_in(&self, model: &ModelId, input: impl FnOnce() -> String) -> Result<FeatureLayout> {
        let pools: Vec<Pooling> = self.layout.0.iter().map(|s| s.pool).collect();
        let layout = model.layout.only(&pools);
        // One fingerprint stands for one computation, whatever the values are called in a file; a rule names the features that
        // it reads by their kind.
        let same = self.fingerprint == model.fingerprint && self.heads == model.heads;
        if same && self.layout.kinds() == layout.kinds() {
            return Ok(layout);
        }
        let expected = ModelId { layout: &layout, ..*model }.words();
        Err(ErrorKind::OtherModel { input: input(), expected, found: self.words() }.into())
    }

    fn words(&self) -> String {
        let heads: Vec<String> = self.heads.iter().map(|h| format!("{} ({})", h.name, h.labels.join(", "))).collect();
        let fingerprint = self.fingerprint.get(..16).unwrap_or(self.fingerprint);
        format!("{fingerprint} with the heads {} and {} features", heads.join(", "), self.layout.width())
    }
}
