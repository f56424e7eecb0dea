//! A summary of a merge as JSON.

use super::{MergeWarning, Merged, Verification};
use crate::backbone::Backbone;
use crate::image::preprocess::Preprocessing;
use crate::import::ModelNote;
use crate::labels::{HeadLabels, Label};
use crate::metadata::SourceFile;
use serde::Serialize;
use serde_json::Value;

/// A merge for programs.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct MergeSummary<'a> {
    labels: &'a [Label],
    heads: &'a [HeadLabels],
    preprocessing: &'a Preprocessing,
    sources: &'a [SourceFile],
    backbone: &'a Backbone,
    proof: &'a Verification,
    /// On the sources.
    notes: &'a [ModelNote],
    warnings: &'a [MergeWarning],
    /// Of the file.
    bytes: usize,
    /// Where the file was written.
    output: Option<&'a str>,
}

impl Merged {
    /// Labels, heads, backbone, proof and warnings as JSON; `bytes` is the size of the file, `output` where it was written.
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
        // Texts and numbers under texts always serialise.
        serde_json::to_value(summary).unwrap_or_default()
    }
}
