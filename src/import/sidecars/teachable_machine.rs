//! Detects the exporting tool and its known conventions.

use super::partial_preprocessing::{Partial, Resampling, Shape, Values};
use super::WithProvenance;
use crate::preprocess::{ChannelOrder, Filter, Preprocessing, ResizeMode, TensorLayout};
use serde_json::Value;

/// Teachable Machine's preprocessing, as its library @teachablemachine/image 0.8 does it: `cropTo` draws the image on a
/// square canvas so that the short side fills it (`ceil` of the other side, cut in the middle), which is bilinear
/// without antialias. Its Keras example then scales to −1..1 (x / 127.5 − 1), which is what models are exported for; the
/// browser library itself divides by 127, at most 0.008 away.
pub(super) fn teachable_machine(size: Option<u32>) -> Partial {
    Partial {
        size: size.map(|s| [s, s]),
        fit: Some(Shape(ResizeMode::CentreCrop, None)),
        filter: Some(Resampling(Filter::Bilinear, false)),
        values: Some(Values::range(-1.0, 1.0)),
        channels: Some(ChannelOrder::Rgb),
    }
}

/// Teachable Machine's `metadata.json`: `imageSize` is there from version 2.4 on.
pub(super) fn of_teachable_machine(value: &Value) -> Option<Partial> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    let ours = !text("tmVersion").is_empty() || text("packageName").starts_with("@teachablemachine");
    ours.then(|| teachable_machine(size(value.get("imageSize"))))
}

/// Lobe's `signature.json`. Its example crops the middle square, resizes by Pillow's default and divides by 255.
pub(super) fn of_lobe(value: &Value) -> Option<Partial> {
    value.pointer("/classes/Label")?;
    let inputs = value.get("inputs")?.as_object()?;
    let shape = inputs.values().next()?.get("shape")?.as_array()?;
    let [_, height, width, _] = shape.as_slice() else { return None };
    Some(Partial {
        size: size(Some(width)).zip(size(Some(height))).map(|(w, h)| [w, h]),
        fit: Some(Shape(ResizeMode::CentreCrop, None)),
        filter: Some(Resampling(Filter::Bicubic, true)),
        values: Some(Values::range(0.0, 1.0)),
        channels: Some(ChannelOrder::Rgb),
    })
}

/// Ultralytics' metadata: its `classify_transforms` resize the short side, crop the middle and divide by 255.
pub(super) fn of_ultralytics(get: &dyn Fn(&str) -> Option<String>) -> Option<WithProvenance<Partial>> {
    if get("task").as_deref() != Some("classify") {
        return None;
    }
    let sides: Vec<u32> = serde_json::from_str(&get("imgsz")?).ok()?;
    let (height, width) = match sides.as_slice() {
        [side] => (*side, *side),
        [height, width] => (*height, *width),
        _ => return None,
    };
    let short = (height == width).then_some(height);
    let value = Partial {
        size: Some([width, height]),
        fit: Some(Shape(ResizeMode::CentreCrop, short)),
        filter: Some(Resampling(Filter::Bilinear, true)),
        values: Some(Values::range(0.0, 1.0)),
        channels: Some(ChannelOrder::Rgb),
    };
    Some(WithProvenance { value, from: "metadata 'imgsz' (Ultralytics)".into() })
}

/// ONNX's image metadata: the order of the channels and the range of the numbers.
pub(super) fn of_image_metadata(get: &dyn Fn(&str) -> Option<String>) -> Option<WithProvenance<Partial>> {
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
    let from = match (channels, values) {
        (None, None) => return None,
        (_, Some(_)) => "metadata 'Image.NominalPixelRange'",
        _ => "metadata 'Image.BitmapPixelFormat'",
    };
    Some(WithProvenance { value: Partial { values, channels, ..Partial::default() }, from: from.into() })
}

/// What the labels' file and the input tell of the tool where it says nothing of preprocessing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ExporterHint {
    /// Lines `0 name`, as in Teachable Machine's Keras export.
    NumberedLines,
    /// `{"label": index}`, as liner.ai writes it.
    Indices,
}

/// The guess that a hint leads to, if the model fits it: size and layout as in `base`; `inside` is the range from which the
/// graph normalises itself.
pub(super) fn guess(
    hint: ExporterHint,
    base: &Preprocessing,
    inside: Option<[f32; 2]>,
    open: bool,
) -> Option<WithProvenance<Preprocessing>> {
    let (partial, reason) = match (hint, base.layout) {
        (ExporterHint::NumberedLines, TensorLayout::Nhwc) if inside.is_none() => (
            teachable_machine(None),
            "labels as lines '0 name' beside an NHWC model, as Teachable Machine exports them",
        ),
        (ExporterHint::Indices, TensorLayout::Nhwc) if inside.map_or(open, |range| range == [0.0, 255.0]) => {
            let values = Some(Values::range(0.0, 255.0));
            let reason =
                "classes.json of indices beside an NHWC model, as liner.ai exports them: 0..255, normalised inside";
            (Partial { values, ..Partial::default() }, reason)
        }
        _ => return None,
    };
    Some(WithProvenance { value: partial.over(base), from: format!("guess: {reason}") })
}

/// A side in pixels.
fn size(value: Option<&Value>) -> Option<u32> {
    value?.as_u64().filter(|&v| v > 0).and_then(|v| u32::try_from(v).ok())
}
