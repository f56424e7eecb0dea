//! Builds evidence: adds each image to the fold given by its content hash.

use super::{fold, Evidence};
use crate::error::{ErrorKind, Result};
use crate::features::{FeatureExtractor, LabelledExample, Pooling};

/// Evidence in disjoint folds; one fold is plain evidence.
pub struct EvidenceBuilder(Vec<Evidence>);

impl EvidenceBuilder {
    /// Evidence without images in `parts` folds, for the features of these kinds.
    pub fn empty(extractor: &FeatureExtractor, pools: &[Pooling], parts: usize) -> EvidenceBuilder {
        EvidenceBuilder(vec![Evidence::empty(extractor, pools); parts.max(1)])
    }

    /// Counts labelled images in their order, each for its label in its head, or in every head that has the label.
    ///
    /// # Errors
    /// As [`Evidence::add_examples`].
    pub fn add(&mut self, extractor: &FeatureExtractor, examples: &[LabelledExample]) -> Result<()> {
        let parts = self.0.len();
        for (at, part) in self.0.iter_mut().enumerate() {
            let own = examples.iter().filter(|e| fold(&e.sha256, parts) == at);
            let columns = own.flat_map(|e| extractor.columns(e.label, e.head).map(|column| (column, &e.observation)));
            part.add_examples(&columns.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// The evidence of all folds, which stores them if there are several.
    ///
    /// # Errors
    /// None are known.
    pub fn build(mut self) -> Result<Evidence> {
        let evidence = if self.0.len() == 1 { self.0.pop() } else { Evidence::of_folds(self.0)? };
        Ok(evidence.ok_or_else(|| ErrorKind::NoImages { model: "evidence".into() })?)
    }
}
