//! Converts values between JavaScript and a project.

use js_sys::{Array, Object, Reflect, Uint8Array};
use serde::de::DeserializeOwned;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use crate::error::ErrorKind;
use crate::project::{File, Project, Told};
use crate::wasm::error::{foreign, to_js};

/// An error with the field that corrects it and the model that it is about.
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

/// Options, with their defaults where there are none.
///
/// # Errors
/// `option`.
pub fn options<T: DeserializeOwned + Default>(name: &str, value: JsValue) -> crate::Result<T> {
    if value.is_null() || value.is_undefined() {
        return Ok(T::default());
    }
    read(value).map_err(|error| bad(name, "known keys with values of their kind", error))
}

/// By way of JSON, which refuses keys that are not known.
fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, String> {
    let value: serde_json::Value = serde_wasm_bindgen::from_value(value).map_err(|error| error.to_string())?;
    serde_json::from_value(value).map_err(|error| error.to_string())
}

/// As a plain object, as JSON would have it: what is not there is null.
///
/// # Errors
/// None that is known of.
pub fn plain(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).map_err(foreign)
}

/// `[{path, bytes}]`.
///
/// # Errors
/// `option`.
pub fn files(value: JsValue) -> crate::Result<Vec<File>> {
    if value.is_undefined() {
        return Ok(Vec::new());
    }
    let wrong = || bad("files", "an array of { path, bytes }", "something else".into());
    let files = value.dyn_into::<Array>().map_err(|_| wrong())?;
    let file = |file: JsValue| {
        let path = get(&file, "path").as_string()?;
        Some(File { path, bytes: get(&file, "bytes").dyn_into::<Uint8Array>().ok()?.to_vec() })
    };
    files.iter().map(|each| file(each).ok_or_else(wrong)).collect()
}

/// Files as `[{path, bytes}]`.
pub fn of_files(files: Vec<File>) -> JsValue {
    let file = |File { path, bytes }: File| {
        let object = Object::new();
        let _ = Reflect::set(&object, &"path".into(), &path.into());
        let _ = Reflect::set(&object, &"bytes".into(), &Uint8Array::from(bytes.as_slice()));
        object
    };
    files.into_iter().map(file).collect::<Array>().into()
}

/// A property; undefined where there is none.
pub fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap_or_default()
}

/// A property that may say something, or take it back by null: `None` where it is not there at all.
///
/// # Errors
/// `option` for a value of another kind.
pub fn change<T: DeserializeOwned>(object: &JsValue, key: &str, expected: &str) -> crate::Result<Option<Option<T>>> {
    let value = get(object, key);
    if value.is_undefined() {
        return Ok(None);
    }
    read(value).map(Some).map_err(|error| bad(key, expected, error))
}

pub fn bad(option: &str, expected: &str, found: String) -> crate::Error {
    ErrorKind::WorkshopOption { option: option.to_string(), expected: expected.to_string(), found }.into()
}
