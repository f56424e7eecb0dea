//! A summary of evidence as JSON.

use super::Evidence;
use serde_json::{json, Value};

impl Evidence {
    /// Each label of each head, with its count.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str, u64)> {
        let heads = self.heads().iter();
        let labels = heads.flat_map(|head| head.labels.iter().map(|label| (head.name.as_str(), label.as_str())));
        labels.zip(self.counts()).map(|((head, label), &count)| (head, label, count))
    }

    /// Model, layout and counts as JSON; `bytes` is the size of the file.
    pub fn summary(&self, bytes: u64) -> Value {
        let label = |(head, label, images)| json!({ "head": head, "label": label, "images": images });
        json!({
            "bytes": bytes,
            "fingerprint": self.fingerprint(),
            "width": self.width(),
            "layout": self.layout(),
            "folds": self.folds().len(),
            "total": self.total(),
            "labels": self.labels().map(label).collect::<Vec<_>>(),
        })
    }
}
