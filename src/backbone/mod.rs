//! Finds the computations that graphs have in common, by structure and content, never by name.

mod difference;
mod fingerprint;
mod join;
mod summary;
mod weights;

pub use difference::{first_difference, Difference};
pub use fingerprint::{fingerprint, Fingerprint};
pub use join::{join, Joined, LargestDifference};
pub use summary::{summarise, Backbone, CutValue, ModelShare};
pub use weights::{relative_difference, WeightComparison, Within};
