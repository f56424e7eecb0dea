//! Describes an imported model.

use super::{FileInfo, ImportedModel, Provenance, Tool, WithProvenance};
use crate::canonical::{canonical, check_floats};
use crate::error::Result;
use crate::head;
use crate::image::preprocess::Preprocessing;
use crate::labels::Activation;
use crate::onnx::{multiply_adds, parameters, Graph, LinearLayer, ValueId};
use serde::Serialize;

/// A description for people and programs.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Description {
    pub name: String,
    pub facts: FileInfo,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "WithProvenance<CompletePreprocessing>"))]
    pub preprocessing: WithProvenance<Preprocessing>,
    pub labels_from: Provenance,
    /// The tool that exported it, where its files tell.
    pub tool: Option<&'static str>,
    pub heads: Vec<HeadDescription>,
    pub parameters: u64,
    /// For one image.
    pub multiply_adds: u64,
    pub notes: Vec<String>,
}

/// One head of a source.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct HeadDescription {
    pub name: String,
    pub labels: Vec<String>,
    pub activation: Activation,
    /// The layers behind the pooled features, such as `linear 1280 → 5`.
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
        notes.extend(check_floats(&graph).err().map(|e| format!("it cannot be merged: {e}")));
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
            facts: self.facts,
            tool: self.preprocessing.from.tool().or(self.labels_from.tool()).map(Tool::name),
            preprocessing: self.preprocessing,
            labels_from: self.labels_from,
            notes,
        })
    }

    /// What the person should know: guesses and disagreements.
    pub fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(reason) = self.preprocessing.from.guessed() {
            notes.push(format!(
                "model '{}': the preprocessing is a guess: {reason}; state it if you know it",
                self.name
            ));
        }
        if !self.facts.input_shape.is_empty() && self.facts.input_shape[1..].iter().any(Option::is_none) {
            let Preprocessing { width, height, .. } = self.preprocessing.value;
            notes.push(format!(
                "model '{}': width and height are open, {width} × {height} is taken; state another size if it was trained with one",
                self.name
            ));
        }
        notes.extend(self.disagreements.iter().map(|d| format!("model '{}': {d}", self.name)));
        notes
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
            kebab(&p.fit),
            p.width,
            p.height,
            kebab(&p.filter),
            if p.antialias { " with antialias" } else { "" },
            kebab(&p.channels),
            kebab(&p.layout),
            p.range,
            p.mean,
            p.std
        )
    }
}

/// A choice as its name in JSON.
fn kebab(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
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
