//! Merges imported models: the same for every interface.

use crate::error::Result;
use crate::import::ImportedModel;
use crate::merge::{merge, MergeOptions, Merged};

/// As [`merge`], with what was noted of the models first among the warnings.
///
/// # Errors
/// Those of [`merge`].
pub fn merge_models(models: Vec<ImportedModel>, options: &MergeOptions) -> Result<Merged> {
    let notes: Vec<String> = models.iter().flat_map(ImportedModel::notes).collect();
    let mut merged = merge(models, options)?;
    merged.warnings.splice(0..0, notes);
    Ok(merged)
}
