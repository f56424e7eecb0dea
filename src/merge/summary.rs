//! A summary of a merge as JSON.

use super::{MergeWarning, Merged, Verification};
use crate::backbone::Backbone;
use crate::image::preprocess::Preprocessing;
use crate::import::ModelNote;
use crate::labels::{HeadLabels, Label};
use crate::metadata::SourceFile;
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
    proof: &'a Verification,
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
            proof: &self.proof,
            notes: &self.notes,
            warnings: &self.warnings,
            bytes,
            output,
        };
        // Texts, and numbers under text keys, always serialise.
        serde_json::to_value(summary).unwrap_or_default()
    }
}
