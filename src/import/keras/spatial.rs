//! Converts the layers that change height and width: padding, cropping, resizing.

use super::builder::{Builder, LayerOutput};
use super::layer::map;
use super::topology::{show, two, Layer};
use super::Place;
use crate::error::Result;
use crate::import::graph_builder::MAX_WINDOW;
use crate::import::resize::{Positions, Sampling};
use crate::limits;
use crate::onnx::{Attribute, Tensor};
use serde_json::Value;

/// The longest side of a resized image.
const MAX_SIDE: i64 = limits::IMAGE_SIDE as i64;

/// `[[top, bottom], [left, right]]`, `[vertical, horizontal]` or one number.
fn four(at: Place, layer: &Layer, key: &str, default: i64) -> Result<[i64; 4]> {
    let setting = layer.config.get(key);
    let number = |v: &Value| v.as_i64().filter(|v| (0..=MAX_WINDOW).contains(v));
    let sides = setting.map_or(Some([[default; 2]; 2]), |stated| two(stated, |ends| two(ends, number)));
    let Some([[top, bottom], [left, right]]) = sides else {
        return Err(at.malformed(format!("{key} [[top, bottom], [left, right]]"), show(setting)));
    };
    Ok([top, bottom, left, right])
}

pub(super) fn zero_padding(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = map(at, layer, input)?;
    let [top, bottom, left, right] = four(at, layer, "padding", 1)?;
    let pads = Tensor::from_i64(&[0, 0, top, left, 0, 0, bottom, right]);
    let pads = builder.constant(&format!("{}/pads", at.layer), pads);
    let mode = Attribute::String(b"constant".to_vec());
    let value = builder.node(at.layer, "Pad", [("mode", mode)], &[input.value, pads])?;
    Ok(LayerOutput { value, map: true })
}

pub(super) fn cropping(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = map(at, layer, input)?;
    let [top, bottom, left, right] = four(at, layer, "cropping", 0)?;
    let end = |rest: i64| if rest == 0 { i64::MAX } else { -rest };
    crop(builder, at, input, [top, left], [end(bottom), end(right)])
}

fn crop(builder: &mut Builder, at: Place, input: LayerOutput, begins: [i64; 2], ends: [i64; 2]) -> Result<LayerOutput> {
    let parts = [("begin", begins), ("end", ends), ("axes", [2, 3])];
    let [begins, ends, axes] =
        parts.map(|(part, numbers)| builder.constant(&format!("{}/{part}", at.layer), Tensor::from_i64(&numbers)));
    let value = builder.node(at.layer, "Slice", [], &[input.value, begins, ends, axes])?;
    Ok(LayerOutput { value, map: true })
}

/// The centre of an image of known size, as CenterCrop takes it.
pub(super) fn center_crop(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = map(at, layer, input)?;
    let wanted = sides(at, layer)?;
    let Some(&found) = builder.sides.get(&input.value) else {
        return Err(at.not_covered("a crop of an image of known size", "one of unknown size"));
    };
    let spare = [found[0] as i64 - wanted[0], found[1] as i64 - wanted[1]];
    if spare.iter().any(|&spare| spare < 0) {
        return Err(at.not_covered(format!("an image of {} × {} or more", wanted[0], wanted[1]), format!("{found:?}")));
    }
    let begins = spare.map(|spare| spare / 2);
    let output = crop(builder, at, input, begins, [begins[0] + wanted[0], begins[1] + wanted[1]])?;
    builder.sides.insert(output.value, wanted.map(|side| side as usize));
    Ok(output)
}

pub(super) fn resizing(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = map(at, layer, input)?;
    let wanted = sides(at, layer)?;
    for setting in ["crop_to_aspect_ratio", "pad_to_aspect_ratio", "antialias"] {
        if layer.flag(setting, false) {
            return Err(at.not_covered("resizing to height and width", setting));
        }
    }
    let sampling = sampling(at, layer, "bilinear")?;
    let value = builder.resize(at.layer, input.value, wanted, sampling)?;
    builder.sides.insert(value, wanted.map(|side| side as usize));
    Ok(LayerOutput { value, map: true })
}

pub(super) fn up_sampling(builder: &mut Builder, at: Place, layer: &Layer, input: LayerOutput) -> Result<LayerOutput> {
    let input = map(at, layer, input)?;
    let [height, width] = layer.pair(at, "size", 2)?;
    let sampling = sampling(at, layer, "nearest")?;
    let scales = Tensor::from_f32(&[4], &[1.0, 1.0, height as f32, width as f32]);
    let scales = builder.constant(&format!("{}/scales", at.layer), scales);
    let region = builder.constant(&format!("{}/no region", at.layer), Tensor::from_f32(&[0], &[]));
    let value = builder.node(at.layer, "Resize", sampling.attributes(), &[input.value, region, scales])?;
    Ok(LayerOutput { value, map: true })
}

fn sampling(at: Place, layer: &Layer, default: &str) -> Result<Sampling> {
    match layer.text("interpolation", default) {
        "bilinear" => Ok(Sampling { bilinear: true, positions: Positions::HalfPixel }),
        "nearest" => Ok(Sampling { bilinear: false, positions: Positions::HalfPixel }),
        other => Err(at.not_covered("interpolation bilinear or nearest", other)),
    }
}

fn sides(at: Place, layer: &Layer) -> Result<[i64; 2]> {
    let [height, width] = ["height", "width"].map(|key| layer.config.get(key).and_then(Value::as_i64));
    match (height, width) {
        (Some(height @ 1..=MAX_SIDE), Some(width @ 1..=MAX_SIDE)) => Ok([height, width]),
        _ => Err(at.malformed(format!("height and width of 1 to {MAX_SIDE}"), format!("{height:?} and {width:?}"))),
    }
}
