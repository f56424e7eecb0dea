//! A summary of a merge as JSON.

use super::{MergeWarning, Merged, Verification};
use crate::backbone::Backbone;
use crate::image::preprocess::Preprocessing;
use crate::import::ModelNote;
use crate::labels::{HeadLabels, Label};
use crate::metadata::SourceFile;
use crate::shared_backbone::SharedBackbone;
use serde::Serialize;
use serde_json::Value;

/// A merge as JSON.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct MergeSummary<'a> {
    labels: &'a [Label],
    heads: &'a [HeadLabels],
    preprocessing: &'a Preprocessing,
    sources: &'a [SourceFile],
    backbone: &'a Backbone,
    /// The multiply-adds of all heads for one image.
    multiply_adds: u64,
    /// `None` if a shared backbone replaced those of the models.
    proof: Option<&'a Verification>,
    /// The largest change of a probability by storing weights in fewer bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    rounding: Option<f32>,
    /// The backbone that replaced those of the models.
    #[serde(skip_serializing_if = "Option::is_none")]
    shared_backbone: Option<&'a SharedBackbone>,
    /// Notes on the sources.
    notes: &'a [ModelNote],
    warnings: &'a [MergeWarning],
    /// The size of the file.
    bytes: usize,
    /// The path of the file.
    output: Option<&'a str>,
}

impl Merged {
    /// Labels, heads, backbone, proof and warnings as JSON; `bytes` is the size of the file, `output` its path.
    pub fn summary(&self, bytes: usize, output: Option<&str>) -> Value {
        let summary = MergeSummary {
            labels: &self.metadata.labels,
            heads: &self.metadata.heads,
            preprocessing: &self.metadata.preprocessing,
            sources: &self.metadata.sources,
            backbone: &self.backbone,
            multiply_adds: self.multiply_adds,
            proof: self.proof.as_ref(),
            rounding: self.rounding,
            shared_backbone: self.metadata.shared_backbone.as_ref(),
            notes: &self.notes,
            warnings: &self.warnings,
            bytes,
            output,
        };
        // Texts, and numbers under text keys, always serialise.
        serde_json::to_value(summary).unwrap_or_default()
    }
}
