//! Merges imported models, for all interfaces.

use crate::error::Result;
use crate::import::ImportedModel;
use crate::merge::{merge, MergeOptions, Merged};

/// As [`merge`], with notes on the models.
///
/// # Errors
/// Those of [`merge`].
pub fn merge_models(models: Vec<ImportedModel>, options: &MergeOptions) -> Result<Merged> {
    let notes = models.iter().flat_map(ImportedModel::notes).collect();
    Ok(Merged { notes, ..merge(models, options)? })
}
