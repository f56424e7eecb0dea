//! Polyhead joins image classifiers that were trained separately on one backbone into a single model.

pub mod error;
pub mod label;
pub mod picture;
pub mod preprocess;

pub use error::{Error, ErrorKind, Result};
