//! Teachable Machine: `metadata.json`, and the labels of its Keras export as lines `0 name`.

use super::label_file::{labels_from_json, labels_key};
use super::{json, pixels, Candidates};
use crate::error::Result;
use crate::image::preprocess::{ChannelOrder, Filter, Preprocessing, ResizeMode, TensorLayout};
use crate::import::file_tree::FileTree;
use crate::import::partial_preprocessing::{Partial, Resampling, Shape, Values};
use crate::import::provenance::{Provenance, Tool, WithProvenance};
use crate::import::GuessReason;
use serde_json::Value;

const FILE: &str = "metadata.json";

/// Reads `labels`, and `imageSize` from version 2.4 on.
pub(super) fn read(_: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    let Some((text, value)) = json(beside, FILE)? else { return Ok(()) };
    let tool = is_its_own(&value).then_some(Tool::TeachableMachine);
    if labels_key(&value, "/labels").is_some() {
        found.labels(FILE, tool, labels_from_json(FILE, &text)?);
    }
    if tool.is_some() {
        found.preprocessing(FILE, tool, preprocessing(pixels(value.get("imageSize"))));
    }
    Ok(())
}

fn is_its_own(value: &Value) -> bool {
    let text = |key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default();
    !text("tmVersion").is_empty() || text("packageName").starts_with("@teachablemachine")
}

/// The guess implied by lines `0 name`.
pub(super) fn of_numbered_lines(
    base: &Preprocessing,
    inside: Option<[f32; 2]>,
    _: bool,
) -> Option<WithProvenance<Preprocessing>> {
    (base.layout == TensorLayout::Nhwc && inside.is_none()).then(|| {
        let reason = GuessReason::TeachableMachineLabels;
        let from = Provenance::Guess { reason, tool: Some(Tool::TeachableMachine) };
        WithProvenance { value: preprocessing(None).over(base), from }
    })
}

/// Teachable Machine's preprocessing, as in its library @teachablemachine/image 0.8: `cropTo` draws the image on a
/// square canvas so that the short side fills it (`ceil` of the other side, centre crop), bilinear without
/// antialiasing. Its Keras example then scales to −1..1 (x / 127.5 − 1), the range of exported models; the browser
/// library divides by 127, a difference of at most 0.008.
fn preprocessing(size: Option<u32>) -> Partial {
    Partial {
        size: size.map(|s| [s, s]),
        fit: Some(Shape(ResizeMode::CentreCrop, None)),
        filter: Some(Resampling(Filter::Bilinear, false)),
        values: Some(Values::range(-1.0, 1.0)),
        channels: Some(ChannelOrder::Rgb),
    }
}
