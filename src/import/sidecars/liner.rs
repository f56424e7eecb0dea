//! liner.ai: `classes.json` with an index per label; the model normalises 0..255 itself.

use super::label_file::labels_from_json;
use super::Candidates;
use crate::error::Result;
use crate::image::preprocess::{Preprocessing, TensorLayout};
use crate::import::file_tree::FileTree;
use crate::import::partial_preprocessing::{Partial, Values};
use crate::import::provenance::{Provenance, Tool, WithProvenance};
use crate::import::GuessReason;
use serde_json::Value;

const FILE: &str = "classes.json";

pub(super) fn read(_: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    let Some(text) = beside.text(FILE, "labels as JSON")? else { return Ok(()) };
    found.labels(FILE, None, labels_from_json(FILE, &text)?);
    let indices = serde_json::from_str(&text).is_ok_and(|value: Value| is_index(&value));
    found.convention = found.convention.or(indices.then_some(of_indices));
    Ok(())
}

/// Whether the content is `{"label": index}`.
fn is_index(value: &Value) -> bool {
    value.as_object().is_some_and(|o| !o.is_empty() && o.values().all(Value::is_u64))
}

fn of_indices(base: &Preprocessing, inside: Option<[f32; 2]>, open: bool) -> Option<WithProvenance<Preprocessing>> {
    let fits = base.layout == TensorLayout::Nhwc && inside.map_or(open, |range| range == [0.0, 255.0]);
    fits.then(|| {
        let values = Partial { values: Some(Values::range(0.0, 255.0)), ..Partial::default() };
        let from = Provenance::Guess { reason: GuessReason::LinerLabels, tool: Some(Tool::Liner) };
        WithProvenance { value: values.over(base), from }
    })
}
