//! Extracts one head of a merged model.

use crate::error::Result;
use crate::import::ImportedModel;
use crate::merge::{merge, Edits, MergeOptions, Merged, Weights};

/// Extracts a merged file's head as a merged file with this head alone: the layers that it needs, the same outputs, its
/// own labels, preprocessing and provenance, verified against the original file.
///
/// # Errors
/// `unknown-head` with the existing heads; those of [`merge`].
pub fn split(source: ImportedModel, head: &str, weight_format: Weights) -> Result<Merged> {
    let edits = Edits { only: Some(head.to_string()), ..Edits::default() };
    merge(vec![source], &MergeOptions { weight_format, edits, ..MergeOptions::default() })
}
