//! Identifies the model that computed the numbers in a file, for comparison with another model.

use super::{FeatureLayout, Pooling};
use crate::error::{ErrorKind, Result};
use crate::labels::HeadLabels;

/// The identity of a model.
#[derive(Clone, Copy, Debug)]
pub struct ModelId<'a> {
    /// As [`FeatureExtractor::fingerprint`](super::FeatureExtractor::fingerprint) returns it.
    pub fingerprint: &'a str,
    /// In the order of the logits.
    pub heads: &'a [HeadLabels],
    /// The features: all of the model's, or some kinds.
    pub layout: &'a FeatureLayout,
}

impl ModelId<'_> {
    /// These features in the layout of `model`; `input` names their file in the error.
    ///
    /// # Errors
    /// `other-model` if fingerprint, heads or kinds of features differ.
    pub fn layout_in(&self, model: &ModelId, input: impl FnOnce() -> String) -> Result<FeatureLayout> {
        let pools: Vec<Pooling> = self.layout.0.iter().map(|s| s.pool).collect();
        let layout = model.layout.only(&pools);
        // Equal fingerprints are the same computation, whatever the names of the values in a file; a rule names the
        // features that it reads by their kind.
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
