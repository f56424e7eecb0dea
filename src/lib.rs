//! Polyhead joins image classifiers that were trained separately on one backbone into a single model.

pub mod backbone;
pub mod canonical;
pub mod classifier;
#[cfg(feature = "cli")]
pub mod cli;
pub mod embed;
pub mod engine;
pub mod error;
pub mod head;
pub mod label;
pub mod merge;
pub mod metadata;
pub mod onnx;
pub mod rule;
pub mod source;
pub mod picture;
pub mod preprocess;
#[cfg(feature = "cli")]
pub mod cli;
pub mod embed;
pub mod canonical;
pub mod classifier;
pub mod engine;
pub mod error;
pub mod label;
pub mod picture;
pub mod preprocess;
pub mod metadata;
pub mod onnx;
pub mod rule;

pub use error::{Error, ErrorKind, Result};
