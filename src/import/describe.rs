//! Describes an imported model.

use super::{FileInfo, ImportedModel, ModelNote, Note, Provenance, Tool, WithProvenance};
use crate::canonical::{canonical, check_floats};
use crate::error::Result;
use crate::head;
use crate::image::preprocess::{as_text, Preprocessing};
use crate::labels::Activation;
use crate::onnx::{multiply_adds, parameters, Graph, LinearLayer, ValueId};
use crate::shared_backbone::SharedBackbone;
use serde::Serialize;

/// A description of a model, as text and JSON.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Description {
    pub name: String,
    pub facts: FileInfo,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "WithProvenance<CompletePreprocessing>"))]
    pub preprocessing: WithProvenance<Preprocessing>,
    pub labels_from: Provenance,
    /// The exporter, if its files identify it.
    pub tool: Option<&'static str>,
    pub heads: Vec<HeadDescription>,
    pub parameters: u64,
    /// Multiply-adds per image.
    pub multiply_adds: u64,
    /// The backbone that replaced those of a merged file's models.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_backbone: Option<SharedBackbone>,
    pub notes: Vec<ModelNote>,
}

/// One head of a source.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct HeadDescription {
    pub name: String,
    pub labels: Vec<String>,
    pub activation: Activation,
    /// The layers after the pooled features, such as `linear 1280 → 5`.
    pub layers: String,
}

impl ImportedModel {
    /// Describes the source.
    ///
    /// # Errors
    /// Those of [`canonical`].
    pub fn describe(self) -> Result<Description> {
        let mut notes = self.notes();
        let graph = canonical(self.graph)?;
        let error = check_floats(&graph).err().map(|e| Note::NotMergeable { error: e.to_string() });
        notes.extend(error.map(|note| ModelNote { model: self.name.clone(), note }));
        let heads = self.heads.into_iter().zip(&graph.outputs).map(|(head, &logits)| HeadDescription {
            layers: layers(&graph, logits),
            name: head.name,
            labels: head.labels,
            activation: head.activation,
        });
        Ok(Description {
            heads: heads.collect(),
            parameters: parameters(&graph, &graph.nodes),
            multiply_adds: graph.nodes.iter().map(|n| multiply_adds(&graph, n)).sum(),
            name: self.name,
            shared_backbone: self.shared_backbone,
            facts: self.facts,
            tool: self.preprocessing.from.tool().or(self.labels_from.tool()).map(Tool::name),
            preprocessing: self.preprocessing,
            labels_from: self.labels_from,
            notes,
        })
    }

    /// Notes for the user: guesses and disagreements.
    pub fn notes(&self) -> Vec<ModelNote> {
        let Preprocessing { width, height, .. } = self.preprocessing.value;
        let guessed = self.preprocessing.from.guessed();
        let guessed = guessed.map(|(fields, reason)| Note::GuessedPreprocessing { fields, reason: reason.clone() });
        let open = self.facts.input_shape.iter().skip(1).any(Option::is_none);
        let open = open.then_some(Note::OpenSize { width, height });
        let notes = guessed.into_iter().chain(open).chain(self.disagreements.iter().cloned());
        notes.map(|note| ModelNote { model: self.name.clone(), note }).collect()
    }
}

impl Description {
    /// The preprocessing in one line.
    pub fn images(&self) -> String {
        let p = &self.preprocessing.value;
        let resize = match p.resize_to {
            Some(side) => format!(" from short side {side}"),
            None => String::new(),
        };
        format!(
            "{}{resize} to {} × {}, {}{}, {} {}, range {:?}, mean {:?}, std {:?}",
            as_text(&p.fit),
            p.width,
            p.height,
            as_text(&p.filter),
            if p.antialias { " with antialias" } else { "" },
            as_text(&p.channels),
            as_text(&p.layout),
            p.range,
            p.mean,
            p.std
        )
    }
}

/// The layers between the pooled features and the logits.
fn layers(graph: &Graph, logits: ValueId) -> String {
    let Some(features) = head::features(graph, logits) else { return "no pooled features".into() };
    let before = graph.ancestors(&[features]);
    let of_head = graph.ancestors(&[logits]);
    let own = (0..graph.nodes.len()).filter(|at| of_head.contains(at) && !before.contains(at));
    let names: Vec<String> = own
        .map(|at| {
            let node = &graph.nodes[at];
            match node.outputs.first().and_then(|&output| LinearLayer::of(graph, output)) {
                Some(layer) => format!("linear {} → {}", layer.columns, layer.rows()),
                None => node.op.to_lowercase(),
            }
        })
        .collect();
    if names.is_empty() {
        "nothing behind the pooled features".into()
    } else {
        names.join(", ")
    }
}
