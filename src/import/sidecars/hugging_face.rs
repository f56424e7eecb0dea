//! Hugging Face: `preprocessor_config.json`, and the labels in `config.json`.

use super::label_file::{labels_from_json, labels_key};
use super::{json, pixels, triple, Candidates};
use crate::error::Result;
use crate::image::preprocess::{ChannelOrder, Filter, ResizeMode};
use crate::import::file_tree::FileTree;
use crate::import::partial_preprocessing::{Partial, Resampling, Shape, Values};
use crate::import::provenance::Tool;
use crate::import::Note;
use serde_json::Value;

const PREPROCESSOR: &str = "preprocessor_config.json";
const CONFIG: &str = "config.json";

pub(super) fn read(_: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    if let Some((_, value)) = json(beside, PREPROCESSOR)? {
        let (partial, notes) = preprocessing(&value);
        found.preprocessing(PREPROCESSOR, Some(Tool::HuggingFace), partial);
        found.notes.extend(notes.into_iter().map(|n| Note::NotFollowed { detail: format!("{PREPROCESSOR}: {n}") }));
    }
    if let Some((text, value)) = json(beside, CONFIG)? {
        if labels_key(&value, "/id2label").is_some() {
            found.labels(CONFIG, Some(Tool::HuggingFace), labels_from_json(CONFIG, &text)?);
        }
    }
    Ok(())
}

/// Reads a `preprocessor_config.json`, and reports its unsupported settings.
///
/// The keys and their defaults are those of the image processors in transformers 4: resize (`size`, `resample`), centre
/// crop (`crop_size`), rescale (`rescale_factor`, 1/255), normalise (`image_mean`, `image_std`).
fn preprocessing(value: &Value) -> (Partial, Vec<String>) {
    let mut notes = Vec::new();
    let flag = |key: &str| value.get(key).and_then(Value::as_bool);
    let crops = flag("do_center_crop").unwrap_or(false);
    let mut partial = Partial::default();
    if flag("do_resize").unwrap_or(true) {
        match geometry(value, crops) {
            Ok(Some((size, shape))) => (partial.size, partial.fit) = (Some(size), Some(shape)),
            Ok(None) => {}
            Err(note) => notes.push(note),
        }
        if let Some(code) = value.get("resample").and_then(Value::as_u64) {
            match usize::try_from(code).ok().and_then(|code| FILTERS.get(code)) {
                Some(&filter) => partial.filter = Some(Resampling(filter, true)),
                None => notes.push(format!("resample {code} (box or Hamming) is not known here")),
            }
        }
    }
    partial.values = Some(values(value, &mut notes));
    if flag("do_flip_channel_order").unwrap_or(false) {
        partial.channels = Some(ChannelOrder::Bgr);
    }
    (partial, notes)
}

/// Filters by Pillow's numbers.
const FILTERS: [Filter; 4] = [Filter::Nearest, Filter::Lanczos, Filter::Bilinear, Filter::Bicubic];

/// The width and height of the tensor, and the resize mode.
fn geometry(value: &Value, crops: bool) -> Result<Option<([u32; 2], Shape)>, String> {
    let kind = ["image_processor_type", "feature_extractor_type"].iter().find_map(|k| value.get(*k)?.as_str());
    let kind = kind.unwrap_or_default();
    let Some(size) = value.get("size") else { return Ok(None) };
    let pair = |v: &Value| Some([pixels(v.get("width"))?, pixels(v.get("height"))?]);
    let crop = value.get("crop_size").and_then(|c| pair(c).or_else(|| pixels(Some(c)).map(|s| [s, s])));
    let crop = crop.filter(|_| crops);
    // Before sizes were objects, a single number meant both sides for the ViT family and the short side for the others.
    let squares = ["ViT", "DeiT", "Beit", "EfficientNet"].iter().any(|k| kind.starts_with(k)) || !crops;
    let both = pair(size).or_else(|| pixels(Some(size)).filter(|_| squares).map(|s| [s, s]));
    if let Some(both) = both {
        return match crop {
            Some(crop) if crop != both => {
                let [[width, height], [inner_width, inner_height]] = [both, crop];
                Err(format!(
                    "it squashes to {width} × {height} and then crops {inner_width} × {inner_height}, which is not known here"
                ))
            }
            _ => Ok(Some((both, Shape(ResizeMode::Squash, None)))),
        };
    }
    let short = pixels(Some(size)).or_else(|| pixels(size.get("shortest_edge")));
    let Some(short) = short else { return Err(format!("size {size} is not known here")) };
    let share = value.get("crop_pct").and_then(Value::as_f64).filter(|p| *p > 0.0 && *p <= 1.0);
    let convnext = kind.starts_with("ConvNext") || crop.is_none() && share.is_some();
    let cropped = |side: f64| Shape(ResizeMode::CentreCrop, Some(side as u32));
    Ok(Some(match (crop, share) {
        // ConvNeXT: small images are cropped from larger ones, large ones are squashed.
        (_, share) if convnext && short < 384 => {
            ([short; 2], cropped(f64::from(short) / share.unwrap_or(224.0 / 256.0)))
        }
        _ if convnext => ([short; 2], Shape(ResizeMode::Squash, None)),
        // LeViT: the short side is 256/224 of the stated size.
        (Some(crop), _) if kind.starts_with("Levit") => (crop, cropped(256.0 / 224.0 * f64::from(short))),
        // PoolFormer: the stated share of the short side is cropped.
        (Some(crop), Some(share)) if kind.starts_with("PoolFormer") => (crop, cropped(f64::from(short) / share)),
        (Some(crop), _) => (crop, cropped(f64::from(short))),
        (None, _) => {
            return Err(format!("it resizes the short side to {short} and crops nothing, which gives no fixed size"));
        }
    }))
}

fn values(value: &Value, notes: &mut Vec<String>) -> Values {
    let flag = |key: &str| value.get(key).and_then(Value::as_bool);
    let mut range = [0.0, 255.0];
    if flag("do_rescale").unwrap_or(true) {
        let factor = value.get("rescale_factor").and_then(Value::as_f64).unwrap_or(1.0 / 255.0);
        range = [0.0, (255.0 * factor) as f32];
        if flag("rescale_offset").unwrap_or(false) {
            range = range.map(|v| v - 1.0);
        }
    }
    let (mean, std) = (triple(value.get("image_mean")), triple(value.get("image_std")));
    let (mean, std) = match (flag("do_normalize"), mean, std) {
        (Some(false), ..) | (None, None, None) => ([0.0; 3], [1.0; 3]),
        (_, Some(mean), Some(std)) => (mean, std),
        _ => {
            notes.push("it normalises and does not say both image_mean and image_std".into());
            ([0.0; 3], [1.0; 3])
        }
    };
    Values { range, mean, std }
}
