//! A summary of a fit as JSON.

use super::Fit;
use serde_json::{json, Value};

impl Fit {
    /// The rule, the comparison and what it rests on as JSON.
    pub fn summary(&self) -> Value {
        json!({
            "rule": self.combination.record(),
            "comparison": self.comparison,
            "measured": self.grounds.words(),
            "images": self.compared,
            "none": self.combination.none.is_some(),
        })
    }
}
