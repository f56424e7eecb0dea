//! timm: `label_names` and `pretrained_cfg` in `config.json`.

use super::label_file::{labels_from_json, labels_key};
use super::{json, pixels, triple, Candidates};
use crate::error::Result;
use crate::image::preprocess::{ChannelOrder, Filter, ResizeMode};
use crate::import::file_tree::FileTree;
use crate::import::partial_preprocessing::{Partial, Resampling, Shape, Values};
use crate::import::provenance::Tool;
use serde_json::Value;

const FILE: &str = "config.json";

/// `id2label` in the same file has priority over `label_names`.
pub(super) fn read(_: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    let Some((_, value)) = json(beside, FILE)? else { return Ok(()) };
    if labels_key(&value, "/id2label").is_none() {
        let names = value.get("label_names").and_then(|names| labels_from_json(FILE, &names.to_string()).ok());
        names.into_iter().for_each(|labels| found.labels(FILE, Some(Tool::Timm), labels));
    }
    preprocessing(&value).into_iter().for_each(|p| found.preprocessing(FILE, Some(Tool::Timm), p));
    Ok(())
}

/// Converts `pretrained_cfg`: torchvision's steps with the short side at size / crop_pct.
fn preprocessing(config: &Value) -> Option<Partial> {
    let given = config.get("pretrained_cfg")?;
    let [_, height, width] = given.get("input_size")?.as_array()?.as_slice() else { return None };
    let (width, height) = (pixels(Some(width))?, pixels(Some(height))?);
    let share = given.get("crop_pct").and_then(Value::as_f64).filter(|p| *p > 0.0 && *p <= 1.0).unwrap_or(0.875);
    let fit = match given.get("crop_mode").and_then(Value::as_str).unwrap_or("center") {
        "squash" if share == 1.0 => Some(Shape(ResizeMode::Squash, None)),
        "center" if width == height => Some(Shape(ResizeMode::CentreCrop, Some((f64::from(width) / share) as u32))),
        _ => None,
    };
    let filter = match given.get("interpolation").and_then(Value::as_str) {
        Some("bicubic") => Some(Filter::Bicubic),
        Some("bilinear") => Some(Filter::Bilinear),
        Some("nearest") => Some(Filter::Nearest),
        Some("lanczos") => Some(Filter::Lanczos),
        _ => None,
    };
    let (mean, std) = (triple(given.get("mean"))?, triple(given.get("std"))?);
    Some(Partial {
        size: Some([width, height]),
        fit,
        filter: filter.map(|f| Resampling(f, true)),
        values: Some(Values { range: [0.0, 1.0], mean, std }),
        channels: Some(ChannelOrder::Rgb),
    })
}
