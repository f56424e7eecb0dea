//! A cache of extracted features, keyed by image content.

use super::fs;
use crate::features::{ExtractedFeatures, FeatureExtractor};
use etcetera::BaseStrategy;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// The features of one model, one small file per image, in the user's cache folder or in `POLYHEAD_CACHE`.
pub(super) struct Cache {
    folder: PathBuf,
    features: usize,
    logits: usize,
}

impl Cache {
    /// The cache of a model; `None` if the machine has no cache folder.
    pub(super) fn of(extractor: &FeatureExtractor) -> Option<Cache> {
        let named = std::env::var_os("POLYHEAD_CACHE").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let own = || Some(etcetera::base_strategy::choose_native_strategy().ok()?.cache_dir().join("polyhead"));
        let root = named.or_else(own)?;
        let layout = serde_json::to_string(extractor.layout()).unwrap_or_default();
        let logits = extractor.members().len();
        // Other versions may decode and resize differently.
        let key = format!("{} {} {layout} {logits}", env!("CARGO_PKG_VERSION"), extractor.fingerprint());
        let key = hexadecimal(&Sha256::digest(key));
        Some(Cache { folder: root.join("observations").join(key), features: extractor.layout().width(), logits })
    }

    /// The cached features of an image; `None` if the file is damaged.
    pub(super) fn read(&self, sha256: &str) -> Option<ExtractedFeatures> {
        let bytes = std::fs::read(self.folder.join(sha256)).ok()?;
        let (numbers, digest) = bytes.split_at_checked(4 * (self.features + self.logits))?;
        if digest != Sha256::digest(numbers).as_slice() {
            return None;
        }
        let mut numbers: Vec<f32> =
            numbers.chunks_exact(4).filter_map(|b| Some(f32::from_le_bytes(b.try_into().ok()?))).collect();
        let logits = numbers.split_off(self.features);
        Some(ExtractedFeatures { features: numbers, logits })
    }

    /// Stores the features of an image: the numbers, then their SHA-256.
    ///
    /// # Errors
    /// `write` if the folder is not writable.
    pub(super) fn write(&self, sha256: &str, observation: &ExtractedFeatures) -> crate::Result<()> {
        let numbers = observation.features.iter().chain(&observation.logits);
        let mut bytes: Vec<u8> = numbers.flat_map(|v| v.to_le_bytes()).collect();
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        fs::write(&self.folder.join(sha256), &bytes, true)
    }
}

/// Formats bytes as hexadecimal.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
