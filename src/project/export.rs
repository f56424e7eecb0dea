//! Exports the merged model.

use super::merged_model::{self, NAME};
use super::{Project, Texts};
use crate::classifier::Classifier;
use crate::error::Result;
use crate::merge::{merge, MergeOptions, Weights};
use crate::onnx::{self, Bytes};

impl Project {
    /// The current model as a classifier.
    ///
    /// # Errors
    /// `not-merged`; those of [`Classifier::from_bytes`].
    pub fn classifier(&mut self) -> Result<&Classifier> {
        let classifier = match self.classifier.take() {
            Some(classifier) => classifier,
            None => Classifier::from_bytes(NAME, Bytes::copy_from_slice(self.file()?))?,
        };
        Ok(self.classifier.insert(classifier))
    }

    /// The current model as a file.
    ///
    /// # Errors
    /// `not-merged`; those of [`merge`] if the weight format changes.
    pub fn download(&self, weights: Weights) -> Result<Vec<u8>> {
        let file = self.file()?;
        if weights == Weights::Keep {
            return Ok(file.to_vec());
        }
        let source = merged_model::read(file)?;
        if source.facts.weights == weights {
            return Ok(file.to_vec());
        }
        let merged = merge(vec![source], &MergeOptions { weight_format: weights, ..Default::default() })?;
        Ok(onnx::encode(&merged.proto))
    }

    /// Code snippets that use the model elsewhere; `file` is the name of the downloaded model.
    ///
    /// # Errors
    /// `not-merged`.
    pub fn texts(&self, file: &str) -> Result<Texts> {
        let preprocessing = &merged_model::read(self.file()?)?.preprocessing.value;
        Ok(Texts::new(file, preprocessing))
    }
}
