//! Compares the backbones of models: the same for every interface.

use crate::backbone::WeightRelation;
use crate::canonical::canonical;
use crate::error::Result;
use crate::import::ImportedModel;

/// How the weights of each model after the first differ from the first model's.
///
/// # Errors
/// Those of [`canonical`].
pub fn compare_backbones(models: &[ImportedModel]) -> Result<Vec<WeightRelation>> {
    let graphs = models.iter().map(|model| canonical(model.graph.clone())).collect::<Result<Vec<_>>>()?;
    Ok(graphs.iter().skip(1).map(|graph| WeightRelation::of(&graphs[0], graph)).collect())
}
