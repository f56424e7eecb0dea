//! Converts class activation maps to typed arrays.

use js_sys::{Array, Float32Array, Object, Reflect, Uint8Array};
use wasm_bindgen::JsValue;

use super::plain;
use crate::classifier::activation_map::{ActivationMap, Explanation};

/// `{ area, maps }`.
pub fn to_js(explanation: &Explanation) -> Result<JsValue, JsValue> {
    let maps = explanation.maps.iter().map(map).collect::<Result<Array, JsValue>>()?;
    object(&[("area", plain(&explanation.area)?), ("maps", maps.into())])
}

fn map(map: &ActivationMap) -> Result<JsValue, JsValue> {
    object(&[
        ("label", map.label.as_str().into()),
        ("head", map.head.as_str().into()),
        ("width", map.width.into()),
        ("height", map.height.into()),
        ("values", Float32Array::from(map.values.as_slice()).into()),
        ("strengths", Uint8Array::from(map.heatmap().as_slice()).into()),
    ])
}

fn object(entries: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (key, value) in entries {
        Reflect::set(&object, &(*key).into(), value)?;
    }
    Ok(object.into())
}
