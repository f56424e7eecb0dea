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
pub mod picture;
pub mod preprocess;
pub mod ranking;
pub mod rule;
pub mod source;
pub mod split;
pub mod tfjs;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use error::{Error, ErrorKind, Result};
