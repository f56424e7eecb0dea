//! Embeds a model in a WebAssembly module as a custom section.
//!
//! A WebAssembly engine ignores a custom section: the module compiles and runs as before, and finds the model in its
//! own file through `WebAssembly.Module.customSections(module, "polyhead.model")`.

use std::ops::Range;

use wasm_encoder::{CustomSection, Encode, Section};
use wasmparser::{Parser, Payload};

use crate::error::{ErrorKind, Result};
use crate::limits;
pub use crate::metadata::SECTION;

/// Returns `module` with `model` in its section [`SECTION`], in place of an embedded model.
///
/// The section comes last, so that a browser compiles the code while the model is still downloading. All other bytes
/// are unchanged; embedding the same model twice gives the same bytes as embedding it once. The model itself is not
/// checked.
///
/// # Errors
/// [`ErrorKind::NotWasm`] or [`ErrorKind::MalformedWasm`] if `module` is not a complete WebAssembly core module,
/// [`ErrorKind::Limit`] if the result would be larger than browsers accept.
pub fn embed(module: &[u8], model: &[u8]) -> Result<Vec<u8>> {
    let held = sections(module)?;
    let size = module.len() + SECTION.len() + model.len();
    let remedy = "embed a smaller model, for instance one with half-precision weights";
    let subject = || "wasm module with its model".to_string();
    limits::ensure_at_most(subject, "bytes", limits::MODULE_BYTES, size as u64, remedy)?;

    let mut out = Vec::with_capacity(size + 16);
    let mut kept = 0;
    for section in &held {
        out.extend_from_slice(&module[kept..section.whole.start]);
        kept = section.whole.end;
    }
    out.extend_from_slice(&module[kept..]);

    let section = CustomSection { name: SECTION.into(), data: model.into() };
    out.push(section.id());
    section.encode(&mut out);
    Ok(out)
}

/// The model in the section [`SECTION`] of `module`, if there is one.
///
/// # Errors
/// [`ErrorKind::NotWasm`] or [`ErrorKind::MalformedWasm`] if `module` is not a complete WebAssembly core module.
pub fn embedded(module: &[u8]) -> Result<Option<&[u8]>> {
    Ok(sections(module)?.first().map(|section| section.model))
}

/// One section named [`SECTION`].
struct Held<'a> {
    /// Its range in the module, including its id and length.
    whole: Range<usize>,
    /// Its content.
    model: &'a [u8],
}

/// The sections named [`SECTION`], in file order. Parses the whole module, so that a truncated one is detected.
fn sections(module: &[u8]) -> Result<Vec<Held<'_>>> {
    if !Parser::is_core_wasm(module) {
        return Err(not_wasm(module).into());
    }
    let mut held = Vec::new();
    // The parser reports the range of a section's content; its id and length start at the end of the previous
    // section.
    let mut end = 0;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload
            .map_err(|error| ErrorKind::MalformedWasm { offset: error.offset(), found: error.message().to_owned() })?;
        let start = end;
        end = match &payload {
            Payload::Version { range, .. } => offset(range.end),
            other => other.as_section().map_or(end, |(_, content)| offset(content.end)),
        };
        if let Payload::CustomSection(section) = &payload {
            if section.name() == SECTION {
                held.push(Held { whole: start..end, model: section.data() });
            }
        }
    }
    Ok(held)
}

/// A parser position in an in-memory slice, which therefore fits a usize.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}

/// The error for bytes that do not start like a core module.
fn not_wasm(bytes: &[u8]) -> ErrorKind {
    let (found, remedy) = if bytes.is_empty() {
        ("an empty file".to_owned(), "build the module again")
    } else if Parser::is_component(bytes) {
        ("a component".to_owned(), "give the core module that wasm-bindgen writes (NAME_bg.wasm)")
    } else if let [b'\0', b'a', b's', b'm', version @ ..] = bytes {
        let version = version.get(..4).unwrap_or(version);
        (format!("version bytes {version:02x?}"), "build the module for WebAssembly 1")
    } else {
        let first = bytes.get(..4).unwrap_or(bytes);
        (format!("a file starting with {first:02x?}"), "give the .wasm file first and the model second")
    };
    ErrorKind::NotWasm { found, remedy }
}
