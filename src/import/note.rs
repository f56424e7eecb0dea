//! Notes on an imported model: guesses, disagreements of its files, and what cannot be followed.

use super::{GuessReason, Provenance};
use serde::Serialize;
use std::fmt;

/// A note, and the model that it is about.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ModelNote {
    pub model: String,
    pub note: Note,
}

/// What the person should know about a model. Its text has the remedy, where there is one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Note {
    /// The preprocessing is a guess; where parts of it are stated, these fields are.
    GuessedPreprocessing { fields: Vec<&'static str>, reason: GuessReason },
    /// The file leaves width and height open; these are taken, in pixels.
    OpenSize { width: u32, height: u32 },
    /// The labels that are taken and where they come from, and others that were found.
    OtherLabels { labels: Vec<String>, from: Provenance, others: Vec<String>, elsewhere: Provenance },
    /// Width and height that were found, and those of the graph, which are taken.
    OtherSize { found: [u32; 2], from: Provenance, taken: [u32; 2] },
    /// A field of the preprocessing, the value that is taken, and another that was found, as JSON.
    OtherPreprocessing { field: &'static str, taken: String, found: String, from: Provenance },
    /// A part of a file that cannot be followed.
    NotFollowed { detail: String },
    /// The model can be inspected and not merged.
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
