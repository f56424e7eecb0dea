//! Converts values between JavaScript and a project.

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use serde::Serialize;
use std::io;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use crate::error::ErrorKind;
use crate::project::{File, Project, Told};
use crate::wasm::error::{foreign, to_js, words};

/// Converts an error, with the form field that corrects it and its model.
pub fn told(project: &Project, error: crate::Error) -> JsValue {
    let told = Told::new(&error);
    let id = told.model.as_deref().and_then(|name| project.model_named(name));
    let thrown = to_js(error);
    let entries = [
        ("field", told.field.map(JsValue::from)),
        ("model", told.model.map(JsValue::from)),
        ("modelId", id.map(JsValue::from)),
    ];
    for (key, value) in entries {
        // Setting a property of a fresh, extensible object does not fail.
        let _ = value.map(|value| Reflect::set(&thrown, &key.into(), &value));
    }
    thrown
}

/// Parses options; undefined ones take their defaults.
///
/// # Errors
/// `option`.
pub fn options<T: DeserializeOwned + Default>(name: &'static str, value: JsValue) -> crate::Result<T> {
    if value.is_null() || value.is_undefined() {
        return Ok(T::default());
    }
    read(value).map_err(|error| bad(name, "known keys with values of their kind", error))
}

/// Converts through JSON, which rejects unknown keys.
fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, String> {
    let value: serde_json::Value = serde_wasm_bindgen::from_value(value).map_err(|error| error.to_string())?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// Converts to a plain object like JSON: missing values are null.
///
/// # Errors
/// None known.
pub fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(foreign)
}

/// Reads the bytes of a file.
///
/// # Errors
/// `read` if the browser cannot read it.
pub async fn bytes(name: &str, file: &Blob) -> crate::Result<Vec<u8>> {
    let read = JsFuture::from(file.array_buffer()).await;
    let fail = |thrown| ErrorKind::Read { path: name.into(), source: io::Error::other(words(&thrown)) };
    Ok(Uint8Array::new(&read.map_err(fail)?).to_vec())
}

/// Creates a file from bytes.
///
/// # Errors
/// The browser's exception.
pub fn blob(bytes: &[u8]) -> Result<Blob, JsValue> {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes)))
}

/// Reads `[{path, content}]`.
///
/// # Errors
/// `option`; `read`.
pub async fn files(value: JsValue) -> crate::Result<Vec<File>> {
    if value.is_undefined() {
        return Ok(Vec::new());
    }
    let wrong = || bad("files", "an array of { path, content }", "something else".into());
    let mut files = Vec::new();
    for file in value.dyn_into::<Array>().map_err(|_| wrong())? {
        let path = get(&file, "path").as_string().ok_or_else(wrong)?;
        let content = get(&file, "content").dyn_into::<Blob>().map_err(|_| wrong())?;
        files.push(File { bytes: bytes(&path, &content).await?, path });
    }
    Ok(files)
}

/// Converts files to `[{path, content}]`.
///
/// # Errors
/// The browser's exception.
pub fn of_files(files: Vec<File>) -> Result<JsValue, JsValue> {
    let file = |File { path, bytes }: File| {
        let object = Object::new();
        Reflect::set(&object, &"path".into(), &path.into())?;
        let content = blob(&bytes)?;
        Reflect::set(&object, &"content".into(), content.as_ref())?;
        Ok(object)
    };
    files.into_iter().map(file).collect::<Result<Array, JsValue>>().map(JsValue::from)
}

/// A property; undefined if missing.
pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or_default()
}

/// A property that null resets; `None` if it is missing.
///
/// # Errors
/// `option` for a value of another type.
pub fn change<T: DeserializeOwned>(
    object: &JsValue,
    key: &'static str,
    expected: &str,
) -> crate::Result<Option<Option<T>>> {
    let value = get(object, key);
    if value.is_undefined() {
        return Ok(None);
    }
    read(value).map(Some).map_err(|error| bad(key, expected, error))
}

pub fn bad(option: &'static str, expected: &str, found: String) -> crate::Error {
    ErrorKind::option(option, expected, found).into()
}
