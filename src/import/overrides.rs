//! Overrides by the caller: name, labels, preprocessing and input size of a model.

use super::provenance::WithProvenance;
use crate::image::preprocess::Preprocessing;

/// Values stated by the caller; they take precedence over all values found.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The head's name.
    pub name: Option<String>,
    /// The labels and their source.
    pub labels: Option<WithProvenance<Vec<String>>>,
    pub preprocessing: Option<WithProvenance<Preprocessing>>,
    /// The width and height for a model that leaves them open.
    pub size: Option<u32>,
    /// Whether missing labels become `class 0`, `class 1` …, for inspection.
    pub placeholders: bool,
}
