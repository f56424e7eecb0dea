//! Limits on untrusted input; `SECURITY.md` lists them.

use crate::error::{ErrorKind, Result};

/// Bytes of a model file, of its weight files together, and of an unpacked archive.
pub const MODEL_BYTES: u64 = 1 << 30;
/// Messages and texts in a model file: each takes more memory than its two bytes in the file.
pub const ENTRIES: u64 = 2_000_000;
/// Nodes of a graph, after inlining its functions.
pub const NODES: u64 = 50_000;
/// Initializers of a graph.
pub const INITIALIZERS: u64 = 50_000;
/// Axes of a tensor.
pub const AXES: u64 = 32;
/// Elements of one value of a graph: 1 GiB of floats.
pub const NUMBERS: u64 = 1 << 28;
/// Numbers or texts in one attribute; weights are tensors.
pub const ATTRIBUTE: u64 = 1 << 20;
/// Bytes of a name in a graph, a head's name or a label.
pub const NAME_BYTES: u64 = 1 << 16;
/// Labels of a model.
pub const LABELS: u64 = 50_000;
/// Bytes of a text that is parsed as labels or JSON: a sidecar file, a metadata value, a layers model's `model.json`, a
/// project's `project.json`.
pub const TEXT_BYTES: u64 = 16 << 20;
/// Layers of a TensorFlow.js model.
pub const LAYERS: u64 = 5_000;
/// Files of a folder or archive.
pub const FILES: u64 = 10_000;
/// Bytes of an evidence file.
pub const EVIDENCE_BYTES: u64 = 1 << 30;
/// Bytes of a features file.
pub const FEATURES_BYTES: u64 = 1 << 30;
/// Bytes of the header of an evidence or features file: labels, and for features a digest per image.
pub const HEADER_BYTES: u64 = 4 << 20;
/// Bytes of a wasm module with its model; browsers accept no more (the WebAssembly JavaScript interface, "limits").
pub const MODULE_BYTES: u64 = 1 << 30;
/// Bytes of an image file.
pub const IMAGE_BYTES: u64 = 64 << 20;
/// The longest side of an image, in pixels.
pub const IMAGE_SIDE: u64 = 16_384;
/// Pixels of an image.
pub const IMAGE_PIXELS: u64 = 64 << 20;

/// Checks the size of a text that is parsed as labels or JSON.
///
/// # Errors
/// `limit`.
pub fn text(subject: impl FnOnce() -> String, text: &[u8]) -> Result<()> {
    ensure_at_most(subject, "bytes of text", TEXT_BYTES, text.len() as u64, "correct the file or leave it out")
}

/// Returns an error if `found` is more than `limit`; `subject` and `remedy` are part of it.
///
/// # Errors
/// `limit`.
pub fn ensure_at_most(
    subject: impl FnOnce() -> String,
    unit: &'static str,
    limit: u64,
    found: u64,
    remedy: &'static str,
) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(ErrorKind::Limit { subject: subject(), unit, limit, found, remedy }.into())
}
