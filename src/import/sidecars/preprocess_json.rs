//! `preprocess.json`: Polyhead's own description of the preprocessing.

use super::Candidates;
use crate::error::Result;
use crate::image::preprocess::Preprocessing;
use crate::import::file_tree::{sidecar_error, FileTree};
use crate::import::partial_preprocessing::Partial;

/// Reads `<model>.preprocess.json`, then `preprocess.json`.
pub(super) fn read(stem: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    let expected = "a preprocessing description";
    for name in [format!("{stem}.preprocess.json"), "preprocess.json".into()] {
        if let Some(text) = beside.text(&name, expected)? {
            let value: Preprocessing =
                serde_json::from_str(&text).map_err(|e| sidecar_error(&name, expected, &e.to_string()))?;
            value.validate()?;
            found.preprocessing(&name, None, Partial::from(&value));
        }
    }
    Ok(())
}
