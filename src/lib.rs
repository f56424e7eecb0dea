//! Polyhead joins image classifiers that were trained separately on one backbone into a single model.

#[cfg(feature = "cli")]
pub mod cli;
pub mod embed;
pub mod engine;
pub mod error;
pub mod label;
pub mod onnx;

pub use error::{Error, ErrorKind, Result};
