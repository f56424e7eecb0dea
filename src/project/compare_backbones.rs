//! Compares the backbones of models: the same for every interface.

use crate::backbone::WeightRelation;
use crate::canonical::canonical;
use crate::error::Result;
use crate::import::ImportedModel;

/// Compares the weights of a model with those of the first one.
///
/// # Errors
/// Those of [`canonical`] for either model.
pub fn compare_backbones(first: &ImportedModel, model: &ImportedModel) -> Result<WeightRelation> {
    Ok(WeightRelation::of(&canonical(first.graph.clone())?, &canonical(model.graph.clone())?))
}
