//! The merged model of a project with its feature extractor.

use crate::error::Result;
use crate::features::FeatureExtractor;
use crate::import::{Description, ImportedModel, Nothing, Overrides};
use crate::merge::{self, merge};
use crate::onnx;
use serde_json::{json, Value};

/// The name of the merged model in reports.
pub(super) const NAME: &str = "merged";

/// A merged model.
pub(super) struct Joined {
    /// The file.
    pub bytes: Vec<u8>,
    /// For programs.
    pub summary: Value,
    pub observer: FeatureExtractor,
}

impl Joined {
    /// Merges models; `before` are what they are one by one.
    ///
    /// # Errors
    /// Those of [`merge`] and of reading what it gave.
    pub fn new(sources: Vec<ImportedModel>, before: &[&Description], options: &merge::Options) -> Result<Joined> {
        let notes: Vec<String> = sources.iter().flat_map(ImportedModel::notes).collect();
        let mut merged = merge(sources, options)?;
        merged.warnings.splice(0..0, notes);
        let bytes = onnx::encode(&merged.proto);
        let mut summary = merged.summary(bytes.len(), None);
        let backbone = merged.backbone;
        drop(merged.proto);
        let source = read(&bytes)?;
        let observer = source.feature_extractor()?;
        let after = source.describe()?;
        let most = backbone.models.iter().map(|m| m.multiply_adds).max().unwrap_or_default().max(1);
        summary["before"] = json!({
            "bytes": before.iter().map(|m| m.facts.bytes).sum::<u64>(),
            "multiplyAdds": before.iter().map(|m| m.multiply_adds).sum::<u64>(),
            "parameters": before.iter().map(|m| m.parameters).sum::<u64>(),
            "models": before.iter().map(|m| json!({ "name": m.name, "bytes": m.facts.bytes })).collect::<Vec<_>>(),
        });
        summary["after"] = json!({
            "bytes": bytes.len(),
            "multiplyAdds": after.multiply_adds,
            "parameters": after.parameters,
        });
        summary["sharedWork"] = json!(backbone.multiply_adds as f64 / most as f64);
        Ok(Joined { bytes, summary, observer })
    }
}

/// A file that this crate wrote.
///
/// # Errors
/// Those of [`ImportedModel::read`].
pub(super) fn read(bytes: &[u8]) -> Result<ImportedModel> {
    ImportedModel::read(&format!("{NAME}.onnx"), bytes, &Overrides::default(), &Nothing)
}
