//! A summary of a merge as JSON.

use super::Merged;
use serde_json::{json, Value};

impl Merged {
    /// Labels, heads, backbone, proof and warnings as JSON; `bytes` is the size of the file, `output` where it was written.
    pub fn summary(&self, bytes: usize, output: Option<&str>) -> Value {
        json!({
            "labels": self.metadata.labels,
            "heads": self.metadata.heads,
            "preprocessing": self.metadata.preprocessing,
            "sources": self.metadata.sources,
            "backbone": self.backbone,
            "proof": self.proof,
            "warnings": self.warnings,
            "bytes": bytes,
            "output": output,
        })
    }
}
