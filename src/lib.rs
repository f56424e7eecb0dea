//! Polyhead joins image classifiers that were trained separately on one backbone into a single model.

pub mod engine;
pub mod error;
pub mod label;
pub mod onnx;

pub use error::{Error, ErrorKind, Result};
