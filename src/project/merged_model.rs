//! The merged model of a project with its feature extractor.

use super::merge_models::merge_models;
use crate::error::Result;
use crate::features::FeatureExtractor;
use crate::import::{Description, ImportedModel, Nothing, Overrides};
use crate::merge::MergeOptions;
use crate::onnx;
use serde::Serialize;
use serde_json::Value;

/// The name of the merged model in reports.
pub(super) const NAME: &str = "merged";

/// A merge as JSON, with sizes and multiply-adds before and after.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
struct MergeReport<'a> {
    #[serde(flatten)]
    #[cfg_attr(target_arch = "wasm32", tsify(type = "MergeSummary"))]
    summary: Value,
    before: SizeBefore<'a>,
    after: Size,
    /// The backbone's share of the largest model's multiply-adds, 0 to 1.
    shared_work: f64,
}

/// The size and cost of models.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
struct Size {
    bytes: u64,
    multiply_adds: u64,
    parameters: u64,
}

/// The size and cost of the separate models.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct SizeBefore<'a> {
    #[serde(flatten)]
    sum: Size,
    models: Vec<ModelSize<'a>>,
}

/// The file size of one model.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct ModelSize<'a> {
    name: &'a str,
    bytes: u64,
}

/// A merged model.
pub(super) struct Joined {
    /// The encoded file.
    pub bytes: Vec<u8>,
    /// The report as JSON.
    pub summary: Value,
    pub extractor: FeatureExtractor,
}

impl Joined {
    /// Merges models; `before` are the separate models.
    ///
    /// # Errors
    /// Those of [`merge_models`] and of importing its result.
    pub fn new(sources: Vec<ImportedModel>, before: &[&Description], options: &MergeOptions) -> Result<Joined> {
        let merged = merge_models(sources, options)?;
        let bytes = onnx::encode(&merged.proto);
        let summary = merged.summary(bytes.len(), None);
        let backbone = merged.backbone;
        let source = ImportedModel::of_merged(NAME, merged.proto, &bytes)?;
        let extractor = source.feature_extractor()?;
        let after = source.describe()?;
        let most = backbone.models.iter().map(|m| m.multiply_adds).max().unwrap_or_default().max(1);
        let report = MergeReport {
            summary,
            before: SizeBefore {
                sum: Size {
                    bytes: before.iter().map(|m| m.facts.bytes).sum(),
                    multiply_adds: before.iter().map(|m| m.multiply_adds).sum(),
                    parameters: before.iter().map(|m| m.parameters).sum(),
                },
                models: before.iter().map(|m| ModelSize { name: &m.name, bytes: m.facts.bytes }).collect(),
            },
            after: Size { bytes: bytes.len() as u64, multiply_adds: after.multiply_adds, parameters: after.parameters },
            shared_work: backbone.multiply_adds as f64 / most as f64,
        };
        // Texts, and numbers under text keys, always serialise.
        let summary = serde_json::to_value(report).unwrap_or_default();
        Ok(Joined { bytes, summary, extractor })
    }
}

/// Imports a file that Polyhead wrote.
///
/// # Errors
/// Those of [`ImportedModel::read`].
pub(super) fn read(bytes: &[u8]) -> Result<ImportedModel> {
    ImportedModel::read(&format!("{NAME}.onnx"), bytes, &Overrides::default(), &Nothing)
}
