//! Extracts pooled features at the cut and of earlier blocks, which a rule may read in addition to the logits.

mod block_features;
#[cfg(feature = "complete")]
mod checksummed_file;
#[cfg(feature = "complete")]
mod feature_extractor;
#[cfg(feature = "complete")]
mod features_file;
#[cfg(feature = "complete")]
mod label_lookup;
#[cfg(feature = "complete")]
mod labelled_set;
#[cfg(feature = "complete")]
mod model_id;

pub use block_features::{BlockFeatures, FeatureLayout, FeatureRange, Pooling, CHANNELS, TAPS};
#[cfg(feature = "complete")]
pub(crate) use checksummed_file::{FileFormat, FileReader};
#[cfg(feature = "complete")]
pub(crate) use feature_extractor::check_finite;
#[cfg(feature = "complete")]
pub use feature_extractor::{find, ExtractedFeatures, FeatureExtractor, LabelledExample};
#[cfg(feature = "complete")]
pub use features_file::FeaturesFile;
#[cfg(feature = "complete")]
pub use labelled_set::LabelledSet;
#[cfg(feature = "complete")]
pub use model_id::ModelId;
