//! A cache of extracted features, keyed by image content.

use super::fs;
use crate::features::{ExtractedFeatures, FeatureExtractor};
use etcetera::BaseStrategy;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

/// Observations that one model made, a small file each, in the user's cache folder or the one that `POLYHEAD_CACHE` names.
pub(super) struct Cache {
    folder: PathBuf,
    features: usize,
    logits: usize,
}

impl Cache {
    /// The cache of a model; `None` on a machine without a folder for it.
    pub(super) fn of(extractor: &FeatureExtractor) -> Option<Cache> {
        let named = std::env::var_os("POLYHEAD_CACHE").filter(|folder| !folder.is_empty()).map(PathBuf::from);
        let own = || Some(etcetera::base_strategy::choose_native_strategy().ok()?.cache_dir().join("polyhead"));
        let root = named.or_else(own)?;
        let layout = serde_json::to_string(extractor.layout()).unwrap_or_default();
        let logits = extractor.members().len();
        // Another version may decode and resize in another way.
        let key = format!("{} {} {layout} {logits}", env!("CARGO_PKG_VERSION"), extractor.fingerprint());
        let key = hexadecimal(&Sha256::digest(key));
        Some(Cache { folder: root.join("observations").join(key), features: extractor.layout().width(), logits })
    }

    /// What is kept of an image; nothing where the file is damaged.
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

    /// Keeps an observation: the numbers, then their SHA-256.
    ///
    /// # Errors
    /// `write` where the folder takes no file.
    pub(super) fn write(&self, sha256: &str, observation: &ExtractedFeatures) -> crate::Result<()> {
        let numbers = observation.features.iter().chain(&observation.logits);
        let mut bytes: Vec<u8> = numbers.flat_map(|v| v.to_le_bytes()).collect();
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        fs::write(&self.folder.join(sha256), &bytes, true)
    }
}

/// Bytes as people compare them.
pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
