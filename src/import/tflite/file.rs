//! Verifies a file before it is read.

use crate::error::Result;
use crate::limits;
use crate::onnx::malformed;
use flatbuffers::VerifierOptions;
use tract_tflite::tflite::{root_as_model_with_opts, Model, SubGraph};

/// The deepest nesting of tables: that of a verified union in an operator is 6.
const DEPTH: usize = 16;

/// Opens a file whose offsets all lead to tables and vectors inside of it.
///
/// # Errors
/// `malformed-model` for other bytes, `limit` for a file that is too large.
pub(super) fn open<'a>(model: &str, bytes: &'a [u8]) -> Result<Model<'a>> {
    let subject = || format!("model '{model}'");
    limits::ensure_at_most(subject, "bytes", limits::MODEL_BYTES, bytes.len() as u64, "give a smaller model")?;
    let options = VerifierOptions {
        max_depth: DEPTH,
        max_tables: limits::ENTRIES as usize,
        max_apparent_size: 2 * limits::MODEL_BYTES as usize,
        // Texts are read by their length.
        ignore_missing_null_terminator: true,
    };
    let verified = root_as_model_with_opts(&options, bytes);
    verified.map_err(|error| {
        // The first line says what is wrong, the others where.
        let found = error.to_string();
        malformed(model, "the file", "a TensorFlow Lite model", found.lines().next().unwrap_or_default())
    })
}

/// The graph that runs: the first one.
pub(super) fn main_graph<'a>(model: &str, file: &Model<'a>) -> Result<SubGraph<'a>> {
    let graphs = file.subgraphs().filter(|graphs| !graphs.is_empty());
    let graphs = graphs.ok_or_else(|| malformed(model, "the file", "a graph", "none"))?;
    Ok(graphs.get(0))
}
