//! Ultralytics (YOLO classifiers): the metadata `names`, `task` and `imgsz`.

use super::label_file::labels_from_python;
use super::{Candidates, Lookup};
use crate::image::preprocess::{ChannelOrder, Filter, ResizeMode};
use crate::import::partial_preprocessing::{Partial, Resampling, Shape, Values};
use crate::import::provenance::{Provenance, Tool, WithProvenance};
use crate::import::Note;

/// Reads `names`, a Python dict. Other tools may use the key in other ways, so other content is noted, not refused.
pub(super) fn read(get: Lookup, found: &mut Candidates) {
    if let Some(names) = get("names") {
        match labels_from_python("metadata 'names'", &names) {
            Ok(value) => found.labels.push(WithProvenance { value, from: Provenance::metadata("names") }),
            Err(error) => found.notes.push(Note::NotFollowed { detail: format!("{error}; it is passed over") }),
        }
    }
    found.preprocessing.extend(preprocessing(get));
}

/// Its `classify_transforms` resize the short side, crop the centre and divide by 255.
fn preprocessing(get: Lookup) -> Option<WithProvenance<Partial>> {
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
    let from = Provenance::Metadata { key: Some("imgsz"), tool: Some(Tool::Ultralytics) };
    Some(WithProvenance { value, from })
}
