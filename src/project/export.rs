//! Exports the merged model.

use super::merged_model::{self, NAME};
use super::{Project, Texts};
use crate::classifier::Classifier;
use crate::error::Result;
use crate::merge::{merge, MergeOptions, Weights};
use crate::onnx::{self, Bytes};

impl Project {
    /// The model as taken, prepared to run.
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

    /// The model as a file.
    ///
    /// # Errors
    /// `not-merged`; those of [`merge`] where weights are stored anew.
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

    /// How the model is used elsewhere; `file` is the name of the downloaded one.
    ///
    /// # Errors
    /// `not-merged`.
    pub fn texts(&self, file: &str) -> Result<Texts> {
        let preprocessing = &merged_model::read(self.file()?)?.preprocessing.value;
        Ok(Texts::new(file, preprocessing))
    }
}
