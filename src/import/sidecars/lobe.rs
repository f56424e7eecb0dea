//! Lobe: `signature.json`.

use super::label_file::{labels_from_json, labels_key};
use super::{json, pixels, Candidates};
use crate::error::Result;
use crate::image::preprocess::{ChannelOrder, Filter, ResizeMode};
use crate::import::file_tree::FileTree;
use crate::import::partial_preprocessing::{Partial, Resampling, Shape, Values};
use crate::import::provenance::Tool;
use serde_json::Value;

const FILE: &str = "signature.json";

/// Reads `classes.Label` and the input shape.
pub(super) fn read(_: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    let Some((text, value)) = json(beside, FILE)? else { return Ok(()) };
    if labels_key(&value, "/classes/Label").is_some() {
        found.labels(FILE, Some(Tool::Lobe), labels_from_json(FILE, &text)?);
    }
    preprocessing(&value).into_iter().for_each(|p| found.preprocessing(FILE, Some(Tool::Lobe), p));
    Ok(())
}

/// Lobe's example crops the central square, resizes with Pillow's default and divides by 255.
fn preprocessing(value: &Value) -> Option<Partial> {
    value.pointer("/classes/Label")?;
    let inputs = value.get("inputs")?.as_object()?;
    let shape = inputs.values().next()?.get("shape")?.as_array()?;
    let [_, height, width, _] = shape.as_slice() else { return None };
    Some(Partial {
        size: pixels(Some(width)).zip(pixels(Some(height))).map(|(w, h)| [w, h]),
        fit: Some(Shape(ResizeMode::CentreCrop, None)),
        filter: Some(Resampling(Filter::Bicubic, true)),
        values: Some(Values::range(0.0, 1.0)),
        channels: Some(ChannelOrder::Rgb),
    })
}
