//! The model card: a merged file's metadata as one value for display.

use crate::image::preprocess::Preprocessing;
use crate::labels::{Activation, Label};
use crate::metadata::{Metadata, SourceFile};
use crate::onnx::ModelProto;
use crate::shared_backbone::SharedBackbone;
use serde::Serialize;
use serde_json::Value;

/// A model's card.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ModelCard {
    /// The merged labels, in the order of the probabilities.
    pub labels: Vec<Label>,
    /// The heads, in the order of the logits.
    pub heads: Vec<CardHead>,
    pub preprocessing: Preprocessing,
    /// The combination rule as the file states it: at least its `name`; the data that it was fitted on and the
    /// measured figures, if the file contains them.
    #[cfg_attr(target_arch = "wasm32", tsify(type = "unknown"))]
    pub rule: Value,
    /// Whether the rule was fitted to images, so that its probabilities estimate how often a label is right. The
    /// scores of `concat` only add to one.
    pub calibrated: bool,
    /// The backbone that replaced those of the models, and what it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_backbone: Option<SharedBackbone>,
    /// The files that were merged, in order.
    pub sources: Vec<SourceFile>,
    /// The sources' other metadata.
    pub foreign: Vec<MetadataEntry>,
}

/// A head, and whether it has class activation maps.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct CardHead {
    pub name: String,
    /// In the order of the head's logits, with the head's own texts.
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
    /// The card of a merged model; `linear` states for every head, in order, whether it is linear.
    pub fn new(proto: &ModelProto, metadata: &Metadata, linear: impl Iterator<Item = bool>) -> ModelCard {
        let rule = proto.metadata_props.iter().find(|p| p.key == "polyhead.rule");
        // The metadata was parsed from this entry, so it is JSON; entries that the running rule does not use are
        // shown as well.
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
            shared_backbone: metadata.shared_backbone.clone(),
            sources: metadata.sources.clone(),
            foreign: metadata
                .other_metadata
                .iter()
                .map(|(key, value)| MetadataEntry { key: key.clone(), value: value.clone() })
                .collect(),
        }
    }
}
