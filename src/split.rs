//! Takes one head out of a merged model, as a model of its own.

use crate::error::Result;
use crate::merge::{merge, Edits, Merged, Options, Weights};
use crate::source::Source;

/// A merged file's head as a merged file with this head alone: the layers that it needs, the same outputs, its own
/// labels, preprocessing and provenance, proved against the file that it comes from.
///
/// # Errors
/// `unknown-head` with the heads that there are; those of [`merge`].
pub fn split(source: Source, head: &str, weights: Weights) -> Result<Merged> {
    let edits = Edits { only: Some(head.to_string()), ..Edits::default() };
    merge(vec![source], &Options { weights, edits, ..Options::default() })
}
