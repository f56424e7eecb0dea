//! Overrides by the caller: name, labels, preprocessing and input size of a model.

use super::provenance::WithProvenance;
use crate::image::preprocess::Preprocessing;

/// What the caller states; it wins over everything found.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The head's name.
    pub name: Option<String>,
    /// The labels and where they were stated.
    pub labels: Option<WithProvenance<Vec<String>>>,
    pub preprocessing: Option<WithProvenance<Preprocessing>>,
    /// Width and height for a model that leaves them open.
    pub size: Option<u32>,
    /// Whether missing labels become `class 0`, `class 1` …, for a look at a model.
    pub placeholders: bool,
}
