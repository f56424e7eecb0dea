//! Pooled features at the cut and of earlier blocks, which a rule may read with the logits, and their extraction from images.

mod block_features;
#[cfg(feature = "complete")]
mod feature_extractor;
#[cfg(feature = "complete")]
mod label_lookup;

pub use block_features::{BlockFeatures, FeatureLayout, FeatureRange, Pooling, CHANNELS, TAPS};
#[cfg(feature = "complete")]
pub use feature_extractor::{find, ExtractedFeatures, FeatureExtractor, LabelledExample};
