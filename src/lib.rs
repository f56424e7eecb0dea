//! Polyhead joins image classifiers that were trained separately on one backbone into a single model.

pub mod backbone;
pub mod canonical;
pub mod classifier;
pub mod engine;
pub mod error;
pub mod head;
pub mod label;
pub mod metadata;
pub mod onnx;
pub mod rule;
pub mod picture;
pub mod preprocess;

pub use error::{Error, ErrorKind, Result};
