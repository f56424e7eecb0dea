//! Validates a preprocessing and compares two.

use super::{Preprocessing, ResizeMode};
use crate::error::{ErrorKind, Result};
use serde::Serialize;
use serde_json::Value;

/// The longest side of a tensor, in pixels.
pub const MAX_SIZE: u32 = 4096;

impl Preprocessing {
    /// Reads the JSON form and validates it.
    ///
    /// # Errors
    /// [`ErrorKind::Preprocessing`] with the parser's message, or as [`validate`](Self::validate).
    pub fn from_json(json: &str) -> Result<Preprocessing> {
        let read: Preprocessing = serde_json::from_str(json)
            .map_err(|e| wrong("JSON", "an object of the documented fields", e.to_string()))?;
        read.validate()?;
        Ok(read)
    }

    /// Checks every field against its documented bounds.
    ///
    /// # Errors
    /// [`ErrorKind::Preprocessing`] for the first field out of bounds.
    pub fn validate(&self) -> Result<()> {
        for (field, size) in [("width", self.width), ("height", self.height)] {
            if !(1..=MAX_SIZE).contains(&size) {
                return Err(wrong(field, format!("1 to {MAX_SIZE}"), size).into());
            }
        }
        if let Some(short) = self.resize_to {
            if self.fit != ResizeMode::CentreCrop {
                return Err(wrong("resize-to", "the fit centre-crop beside it", as_text(&self.fit)).into());
            }
            let least = self.width.max(self.height);
            if !(least..=2 * MAX_SIZE).contains(&short) {
                return Err(wrong("resize-to", format!("{least} to {}", 2 * MAX_SIZE), short).into());
            }
        }
        for (field, numbers) in [("range", &self.range[..]), ("mean", &self.mean[..]), ("std", &self.std[..])] {
            if let Some(number) = numbers.iter().find(|v| !v.is_finite()) {
                return Err(wrong(field, "finite numbers", number).into());
            }
        }
        let [low, high] = self.range;
        if low == high || !(high - low).is_finite() {
            return Err(wrong("range", "two different numbers", format!("[{low}, {high}]")).into());
        }
        if self.std.contains(&0.0) {
            return Err(wrong("std", "three numbers other than 0", format!("{:?}", self.std)).into());
        }
        Ok(())
    }

    /// The fields in which two preprocessings differ, in the order of declaration.
    pub fn differences(&self, other: &Preprocessing) -> Vec<FieldDifference> {
        let pairs: [(&'static str, String, String); 11] = [
            ("width", as_text(&self.width), as_text(&other.width)),
            ("height", as_text(&self.height), as_text(&other.height)),
            ("fit", as_text(&self.fit), as_text(&other.fit)),
            ("resize-to", as_text(&self.resize_to), as_text(&other.resize_to)),
            ("filter", as_text(&self.filter), as_text(&other.filter)),
            ("antialias", as_text(&self.antialias), as_text(&other.antialias)),
            ("range", as_text(&self.range), as_text(&other.range)),
            ("mean", as_text(&self.mean), as_text(&other.mean)),
            ("std", as_text(&self.std), as_text(&other.std)),
            ("channels", as_text(&self.channels), as_text(&other.channels)),
            ("layout", as_text(&self.layout), as_text(&other.layout)),
        ];
        let differing = pairs.into_iter().filter(|(_, ours, theirs)| ours != theirs);
        differing.map(|(field, ours, theirs)| FieldDifference { field, ours, theirs }).collect()
    }
}

/// One field in which two preprocessings differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldDifference {
    /// The field's name in JSON.
    pub field: &'static str,
    /// This value as in JSON, strings without quotes, `none` if missing.
    pub ours: String,
    /// The other value, likewise.
    pub theirs: String,
}

fn wrong(field: &'static str, expected: impl ToString, found: impl ToString) -> ErrorKind {
    ErrorKind::Preprocessing { field, expected: expected.to_string(), found: found.to_string() }
}

/// A value as JSON, strings without quotes.
pub(crate) fn as_text(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(text)) => text,
        Ok(Value::Null) | Err(_) => "none".into(),
        // Not through `Value`, which widens 0.485 to 0.48500001430511475.
        Ok(_) => serde_json::to_string(value).unwrap_or_default(),
    }
}
