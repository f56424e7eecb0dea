//! The model card: a merged file's metadata as one value for display.

use crate::image::preprocess::Preprocessing;
use crate::labels::{Activation, Label};
use crate::metadata::{Metadata, SourceFile};
use crate::onnx::ModelProto;
use serde::Serialize;
use serde_json::Value;

/// A model's card.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ModelCard {
    /// The joint labels, in the order of the probabilities.
    pub labels: Vec<Label>,
    /// The heads, in the order of the logits.
    pub heads: Vec<CardHead>,
    pub preprocessing: Preprocessing,
    /// The combination rule as it stands in the file: at least its `name`; what it was fitted on and the figures that were
    /// measured, where the file has them.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "unknown"))]
    pub rule: Value,
    /// Whether the rule was fitted to images, so that its probabilities mean to be as often right as they say. Those of
    /// `concat` are scores that only add to one.
    pub calibrated: bool,
    /// The files that were merged, in order.
    pub sources: Vec<SourceFile>,
    /// What the sources say beyond that.
    pub foreign: Vec<MetadataEntry>,
}

/// A head, and whether class activation maps can be made of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct CardHead {
    pub name: String,
    /// In the order of the head's logits, by the head's own texts.
    pub labels: Vec<String>,
    pub activation: Activation,
    /// Whether the head is linear on the average of a map.
    pub linear: bool,
}

/// One entry of a file's metadata.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct MetadataEntry {
    pub key: String,
    pub value: String,
}

impl ModelCard {
    /// The card of a merged model; `linear` says it of every head, in order.
    pub fn new(proto: &ModelProto, metadata: &Metadata, linear: impl Iterator<Item = bool>) -> ModelCard {
        let rule = proto.metadata_props.iter().find(|p| p.key == "polyhead.rule");
        // The metadata was read from it, so that it is JSON; what it says beyond the rule that runs is shown as well.
        let rule = rule.and_then(|p| serde_json::from_str(&p.value).ok()).unwrap_or(Value::Null);
        let heads = metadata.heads.iter().zip(linear).map(|(head, linear)| CardHead {
            name: head.name.clone(),
            labels: head.labels.clone(),
            activation: head.activation,
            linear,
        });
        ModelCard {
            labels: metadata.labels.clone(),
            heads: heads.collect(),
            preprocessing: metadata.preprocessing.clone(),
            calibrated: rule.get("name").and_then(Value::as_str).is_some_and(|name| name != "concat"),
            rule,
            sources: metadata.sources.clone(),
            foreign: metadata
                .other_metadata
                .iter()
                .map(|(key, value)| MetadataEntry { key: key.clone(), value: value.clone() })
                .collect(),
        }
    }
}
