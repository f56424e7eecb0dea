//! What a rule may read beside the logits: pooled features at the cut and of earlier blocks, and their extraction.

mod block_features;
#[cfg(feature = "complete")]
mod feature_extractor;
#[cfg(feature = "complete")]
mod label_lookup;

pub use block_features::{BlockFeatures, FeatureLayout, FeatureRange, Pooling, CHANNELS, TAPS};
#[cfg(feature = "complete")]
pub use feature_extractor::{find, ExtractedFeatures, FeatureExtractor, LabelledExample};
