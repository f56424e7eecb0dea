//! Finds the computations that graphs have in common, by structure and content, never by name.

mod align;
mod difference;
mod fingerprint;
mod layer_pair;
mod relation;
mod share_weights;
mod summary;
mod weights;

pub use align::{align, Alignment, LargestDifference};
pub use difference::{first_difference, Difference};
pub use fingerprint::{fingerprint, Fingerprint};
pub use relation::{LayerClass, LayerRelation, RelationKind, WeightRelation};
pub use share_weights::share_weights;
pub use summary::{summarise, Backbone, CutTensor, ModelShare};
pub use weights::{relative_difference, RelativeTolerance, WeightComparison};
