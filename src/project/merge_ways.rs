//! Measures the ways to merge models whose backbones are nearly the same.

use super::merge_models::merge_models;
use super::model::Model;
use super::{Project, Told};
use crate::error::Result;
use crate::import::ImportedModel;
use crate::merge::{Backbones, MergeOptions};
use crate::onnx;
use crate::shared_backbone::AnswerChange;
use serde::Serialize;

/// One way to merge the models, with its cost.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct MergeWay {
    pub backbones: Backbones,
    /// The cost; `None` with an error.
    pub cost: Option<MergeCost>,
    /// The reason why the models cannot be merged in this way.
    pub error: Option<Told>,
}

/// What a merge costs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct MergeCost {
    /// The size of the file.
    pub bytes: u64,
    /// Per image.
    pub multiply_adds: u64,
    /// The multiply-adds of the largest of the models.
    pub largest_model: u64,
    /// What changes in the answers of each head; empty if nothing does.
    pub changes: Vec<AnswerChange>,
}

impl Project {
    /// Merges the models with separate backbones and with a shared one, and returns the cost of both; the project stays as it
    /// is.
    ///
    /// # Errors
    /// Those of reading the models. A merge that fails is an error in its way.
    pub fn merge_ways(&self, options: &MergeOptions) -> Result<Vec<MergeWay>> {
        let sources = self.models.iter().map(Model::source).collect::<Result<Vec<_>>>()?;
        let way = |backbones| {
            let options = MergeOptions { backbones, ..options.clone() };
            let cost = cost(sources.clone(), &options);
            let (cost, error) = match cost {
                Ok(cost) => (Some(cost), None),
                Err(error) => (None, Some(Told::new(&error))),
            };
            MergeWay { backbones, cost, error }
        };
        Ok([Backbones::Separate, Backbones::Shared].map(way).into())
    }
}

fn cost(sources: Vec<ImportedModel>, options: &MergeOptions) -> Result<MergeCost> {
    let merged = merge_models(sources, options)?;
    let models = merged.backbone.models.iter();
    Ok(MergeCost {
        bytes: onnx::encode(&merged.proto).len() as u64,
        multiply_adds: merged.multiply_adds,
        largest_model: models.map(|model| model.multiply_adds).max().unwrap_or_default(),
        changes: match merged.proof {
            Some(_) => Vec::new(),
            None => merged.metadata.shared_backbone.map(|shared| shared.heads).unwrap_or_default(),
        },
    })
}
