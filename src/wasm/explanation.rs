//! Converts class activation maps to typed arrays.

use js_sys::{Float32Array, Uint8Array};
use serde::Serialize;
use tsify::Tsify;
use wasm_bindgen::JsValue;

use super::plain;
use crate::classifier::activation_map;
use crate::image::preprocess::Area;

/// The class activation maps of one image.
#[derive(Serialize, Tsify)]
struct Explanation<'a> {
    /// The part of the image that every map covers, as fractions of its sides; larger than the image if the model sees
    /// it with borders.
    area: Area,
    /// One per logit of the linear heads, in the model's order.
    maps: Vec<ActivationMap<'a>>,
}

/// The contribution of each location of an image to one logit.
#[derive(Serialize, Tsify)]
struct ActivationMap<'a> {
    label: &'a str,
    head: &'a str,
    /// Locations per row.
    width: usize,
    /// Rows.
    height: usize,
    /// The contribution of each location, row by row; their mean plus the bias is the logit.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    values: Float32Array,
    /// Positive contributions, 0 to 255, relative to the largest value.
    #[serde(with = "serde_wasm_bindgen::preserve")]
    strengths: Uint8Array,
}

/// Converts to a plain object with typed arrays.
///
/// # Errors
/// None known.
pub fn to_js(explanation: &activation_map::Explanation) -> Result<JsValue, JsValue> {
    let maps = explanation.maps.iter().map(|map| ActivationMap {
        label: &map.label,
        head: &map.head,
        width: map.width,
        height: map.height,
        values: Float32Array::from(map.values.as_slice()),
        strengths: Uint8Array::from(map.heatmap().as_slice()),
    });
    plain(&Explanation { area: explanation.area, maps: maps.collect() })
}
