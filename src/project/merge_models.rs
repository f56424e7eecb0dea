//! Merges imported models: the same for every interface.

use crate::error::Result;
use crate::import::ImportedModel;
use crate::merge::{merge, MergeOptions, Merged};

/// As [`merge`], with what is to be known of the models.
///
/// # Errors
/// Those of [`merge`].
pub fn merge_models(models: Vec<ImportedModel>, options: &MergeOptions) -> Result<Merged> {
    let notes = models.iter().flat_map(ImportedModel::notes).collect();
    Ok(Merged { notes, ..merge(models, options)? })
}
