//! Converts errors to `Error` objects named "PolyheadError" with a `code`.

use js_sys::Reflect;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::{Error, ErrorKind};

/// Converts an error of this crate.
pub fn to_js(error: Error) -> JsValue {
    object(error.code(), &error.to_string())
}

/// The error for a value that cannot be converted to or from JavaScript.
pub fn foreign(error: serde_wasm_bindgen::Error) -> JsValue {
    object("unknown", &error.to_string())
}

/// The message of a JavaScript exception.
pub fn words(thrown: &JsValue) -> String {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => error.message().into(),
        None => Reflect::get(thrown, &"message".into())
            .ok()
            .and_then(|message| message.as_string())
            .unwrap_or_else(|| format!("{thrown:?}")),
    }
}

/// The error for a source that the browser cannot convert to an image.
pub fn no_image(thrown: JsValue) -> Error {
    ErrorKind::Source { found: words(&thrown) }.into()
}

fn object(code: &str, message: &str) -> JsValue {
    let error = js_sys::Error::new(message);
    error.set_name("PolyheadError");
    // Setting a property of a fresh, extensible object does not fail.
    let _ = Reflect::set(&error, &"code".into(), &code.into());
    error.into()
}
