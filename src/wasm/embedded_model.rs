//! Reads the embedded model from this module's custom section.

use js_sys::{ArrayBuffer, Uint8Array, WebAssembly};
use wasm_bindgen::JsCast;

use crate::error::{ErrorKind, Result};
use crate::metadata::SECTION;

/// The bytes of the section.
///
/// # Errors
/// [`ErrorKind::NoModel`] if this module has no such section.
pub fn model() -> Result<Vec<u8>> {
    wasm_bindgen::module()
        .dyn_ref::<WebAssembly::Module>()
        .map(|module| WebAssembly::Module::custom_sections(module, SECTION))
        .and_then(|sections| sections.get(0).dyn_into::<ArrayBuffer>().ok())
        .map(|bytes| Uint8Array::new(&bytes).to_vec())
        .ok_or_else(|| ErrorKind::NoModel { section: SECTION }.into())
}
