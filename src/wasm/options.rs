//! Parses ranking options from a JavaScript object.

use serde::Deserialize;
use wasm_bindgen::JsValue;

use crate::classifier::RankOptions;
use crate::error::{ErrorKind, Result};

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Options {
    top_k: Option<usize>,
    threshold: Option<f32>,
    logits: Option<bool>,
}

/// `{topK?, threshold?, logits?}`, or nothing: the options of the ranking, and whether it tells the logits too.
///
/// # Errors
/// [`ErrorKind::RankOption`] if a value is of the wrong kind.
pub fn read(options: JsValue) -> Result<(RankOptions, bool)> {
    if options.is_null() || options.is_undefined() {
        return Ok(Default::default());
    }
    let options: Options = serde_wasm_bindgen::from_value(options).map_err(|error| ErrorKind::RankOption {
        option: "topK or threshold",
        expected: "a whole number of labels, and a threshold from 0 to 1",
        found: error.to_string(),
    })?;
    let rank = RankOptions { top_k: options.top_k, threshold: options.threshold.unwrap_or_default() };
    Ok((rank, options.logits.unwrap_or_default()))
}
