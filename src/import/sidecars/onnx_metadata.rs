//! ONNX's own metadata of images (`Image.BitmapPixelFormat`, `Image.NominalPixelRange`).

use super::{Candidates, Lookup};
use crate::image::preprocess::ChannelOrder;
use crate::import::partial_preprocessing::{Partial, Values};
use crate::import::provenance::{Provenance, WithProvenance};

pub(super) fn read(get: Lookup, found: &mut Candidates) {
    found.preprocessing.extend(preprocessing(get));
}

/// Reads the channel order and the value range.
fn preprocessing(get: Lookup) -> Option<WithProvenance<Partial>> {
    let format = get("Image.BitmapPixelFormat");
    let range = get("Image.NominalPixelRange");
    let channels = match format.as_deref() {
        Some("Rgb8" | "Rgba8") => Some(ChannelOrder::Rgb),
        Some("Bgr8" | "Bgra8") => Some(ChannelOrder::Bgr),
        _ => None,
    };
    let values = match range.as_deref() {
        Some("NominalRange_0_255") => Some(Values::range(0.0, 255.0)),
        Some("Normalized_0_1") => Some(Values::range(0.0, 1.0)),
        Some("Normalized_1_1") => Some(Values::range(-1.0, 1.0)),
        Some("NominalRange_16_235") => Some(Values::range(16.0, 235.0)),
        _ => None,
    };
    let key = match (channels, values) {
        (None, None) => return None,
        (_, Some(_)) => "Image.NominalPixelRange",
        _ => "Image.BitmapPixelFormat",
    };
    Some(WithProvenance { value: Partial { values, channels, ..Partial::default() }, from: Provenance::metadata(key) })
}
