//! Converts Keras models to graphs: HDF5 files (`.h5`), Keras 3 files (`.keras`), and TensorFlow.js layers models.
//!
//! All three contain the same description of layers as JSON; they differ in how the weights are stored and found.

mod activation;
mod archive;
mod builder;
mod h5;
mod hdf5;
mod layer;
mod manifest;
mod model;
mod normalization;
mod operation;
mod pooling;
mod spatial;
mod tfjs;
mod topology;
mod weights;
mod window;

pub(super) use archive::{is_keras, KerasFormat};
pub(super) use h5::H5Format;
pub use manifest::Manifest;
pub(super) use tfjs::LayersFormat;
pub use tfjs::LayersModel;

use crate::onnx::{malformed, unsupported};

/// The location of an error in a model.
#[derive(Clone, Copy)]
struct Place<'a> {
    model: &'a str,
    /// Empty for the model as a whole.
    layer: &'a str,
}

impl Place<'_> {
    fn text(&self) -> String {
        match self.layer {
            "" => "the layers".to_string(),
            layer => format!("layer '{layer}'"),
        }
    }

    fn malformed(&self, expected: impl ToString, found: impl ToString) -> crate::Error {
        malformed(self.model, self.text(), expected, found)
    }

    fn unsupported(&self, expected: impl ToString, found: impl ToString, remedy: &str) -> crate::Error {
        unsupported(self.model, self.text(), expected, found, remedy)
    }

    /// The error for a layer or setting that is not converted.
    fn not_covered(&self, expected: impl ToString, found: impl ToString) -> crate::Error {
        let remedy = "replace it in Keras and save the model again, or export the model as ONNX";
        self.unsupported(expected, found, remedy)
    }
}
