//! Parses ranking options from a JavaScript object.

use serde::Deserialize;
use tsify::Tsify;
use wasm_bindgen::JsValue;

use crate::classifier::RankOptions;
use crate::error::{ErrorKind, Result};

/// The options of a ranking.
#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", default)]
struct ClassifyOptions {
    /// The maximum number of labels; by default all.
    #[tsify(type = "number")]
    top_k: Option<usize>,
    /// Labels with a smaller probability are left out; 0 to 1, by default 0.
    #[tsify(type = "number")]
    threshold: Option<f32>,
    /// Whether to return the raw scores; by default false.
    #[tsify(type = "boolean")]
    logits: Option<bool>,
}

/// Parses `{topK?, threshold?, logits?}` or undefined: the options of the ranking, and whether it includes the logits.
///
/// # Errors
/// [`ErrorKind::Option`] for a value of the wrong type.
pub fn read(options: JsValue) -> Result<(RankOptions, bool)> {
    if options.is_null() || options.is_undefined() {
        return Ok(Default::default());
    }
    let options: ClassifyOptions = serde_wasm_bindgen::from_value(options).map_err(|error| {
        ErrorKind::option("topK or threshold", "a whole number of labels, and a threshold from 0 to 1", error)
    })?;
    let rank = RankOptions { top_k: options.top_k, threshold: options.threshold.unwrap_or_default() };
    Ok((rank, options.logits.unwrap_or_default()))
}
