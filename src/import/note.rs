//! Notes on an imported model: guesses, disagreements of its files, and unsupported settings.

use super::{GuessReason, Provenance};
use serde::Serialize;
use std::fmt;

/// A note with the name of its model.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ModelNote {
    pub model: String,
    pub note: Note,
}

/// A note for the user about a model. Its text includes the remedy, if there is one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Note {
    /// The preprocessing is a guess, except for the fields listed here.
    GuessedPreprocessing { fields: Vec<&'static str>, reason: GuessReason },
    /// The file leaves width and height open; the values used, in pixels.
    OpenSize { width: u32, height: u32 },
    /// The labels used and their provenance, and other labels that were found.
    OtherLabels { labels: Vec<String>, from: Provenance, others: Vec<String>, elsewhere: Provenance },
    /// The width and height found, and those of the graph, which are used.
    OtherSize { found: [u32; 2], from: Provenance, taken: [u32; 2] },
    /// A field of the preprocessing, the value used, and another value that was found, as JSON.
    OtherPreprocessing { field: &'static str, taken: String, found: String, from: Provenance },
    /// A part of a file that is not supported.
    NotFollowed { detail: String },
    /// The model can be inspected but not merged.
    NotMergeable { error: String },
}

impl fmt::Display for ModelNote {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "model '{}': {}", self.model, self.note)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Note::GuessedPreprocessing { fields, reason } => {
                f.write_str("the preprocessing is a guess: ")?;
                if !fields.is_empty() {
                    write!(f, "{} not stated; ", fields.join(" and "))?;
                }
                write!(f, "{reason}; state it if you know it")
            }
            Note::OpenSize { width, height } => write!(
                f,
                "width and height are open, {width} × {height} is taken; state another size if it was trained with one"
            ),
            Note::OtherLabels { labels, from, others, elsewhere } => {
                write!(f, "labels: {from} says {labels:?}, {elsewhere} says {others:?}")
            }
            Note::OtherSize { found: [width, height], from, taken: [own_width, own_height] } => write!(
                f,
                "preprocessing: {from} says {width} × {height}, the model takes {own_width} × {own_height}, which counts"
            ),
            Note::OtherPreprocessing { field, taken, found, from } => {
                write!(f, "preprocessing: {field} {taken} is taken, {from} says {found}")
            }
            Note::NotFollowed { detail } => f.write_str(detail),
            Note::NotMergeable { error } => write!(f, "it cannot be merged: {error}"),
        }
    }
}
