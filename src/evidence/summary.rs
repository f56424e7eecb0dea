//! A summary of evidence as JSON.

use super::Evidence;
use crate::features::FeatureLayout;
use serde::Serialize;
use serde_json::Value;

/// The summary of evidence.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct EvidenceSummary<'a> {
    /// The size of the file.
    bytes: u64,
    fingerprint: &'a str,
    /// The number of features per image.
    width: usize,
    layout: &'a FeatureLayout,
    folds: usize,
    /// The number of counted images.
    total: u64,
    labels: Vec<LabelCount<'a>>,
}

/// The number of images of a label.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct LabelCount<'a> {
    head: &'a str,
    label: &'a str,
    images: u64,
}

impl Evidence {
    /// Each label of each head, with its number of images.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        let heads = self.heads().iter();
        let labels = heads.flat_map(|head| head.labels.iter().map(|label| (head.name.as_str(), label.as_str())));
        labels.zip(self.counts()).map(|((head, label), &count)| (head, label, count))
    }

    /// Model, layout and counts as JSON; `bytes` is the size of the file.
    pub fn summary(&self, bytes: u64) -> Value {
        let summary = EvidenceSummary {
            bytes,
            fingerprint: self.fingerprint(),
            width: self.width(),
            layout: self.layout(),
            folds: self.folds().len(),
            total: self.total(),
            labels: self.labels().map(|(head, label, images)| LabelCount { head, label, images }).collect(),
        };
        // Strings and numbers with string keys always serialise.
        serde_json::to_value(summary).unwrap_or_default()
    }
}
