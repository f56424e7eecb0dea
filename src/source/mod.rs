//! An exported classifier, read with its labels and preprocessing.

mod describe;
mod guess;
mod input;
mod labels;
mod sidecar;

pub use describe::{Description, HeadDescription};
pub use sidecar::{labels_from_text, Beside, Nothing};

use crate::error::{ErrorKind, Result};
use crate::label::JointLabels;
use crate::metadata::{self, Activation, Head, Metadata, Origin};
use crate::onnx::{self, Graph, ModelProto};
use crate::preprocess::Preprocessing;
use crate::rule::Rule;
use crate::{canonical, head};
use serde::Serialize;
use sha2::{Digest, Sha256};

/// A classifier to be merged.
#[derive(Clone, Debug)]
pub struct Source {
    pub name: String,
    /// As exported, constants folded, ending with the logits of each head.
    pub graph: Graph,
    /// What the file itself computes, to hold a merged model against.
    pub reference: Reference,
    /// One, or several if the file is itself the result of a merge.
    pub heads: Vec<Head>,
    /// Its labels, and which of them each logit counts for.
    pub labels: JointLabels,
    pub preprocessing: Found<Preprocessing>,
    /// Where the labels come from.
    pub labels_from: String,
    /// What else was found and says something different.
    pub disagreements: Vec<String>,
    pub origins: Vec<Origin>,
    pub foreign: Vec<(String, String)>,
    /// How the file itself combined its heads, if it was merged before.
    pub rule: Option<Rule>,
    pub facts: FileFacts,
}

/// The graph of a file, ending with all its logits as one value.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    pub graph: Graph,
    /// How many of the logits each head has.
    pub widths: Vec<usize>,
}

/// What the file says, for reports.
#[derive(Clone, Debug, Serialize)]
pub struct FileFacts {
    pub producer: String,
    pub opset: i64,
    pub bytes: u64,
    pub input: String,
    /// Batch first; `None` for a symbolic dimension.
    pub input_shape: Vec<Option<usize>>,
    /// Whether the model itself turns logits into probabilities.
    pub ends_with_activation: bool,
}

/// A value and where it was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found<T> {
    pub value: T,
    /// A file, a flag, "metadata", or "guess: why".
    pub from: String,
}

/// What the caller states; it wins over everything found.
#[derive(Clone, Debug, Default)]
pub struct Stated {
    /// The head's name.
    pub name: Option<String>,
    /// The labels and where they were stated.
    pub labels: Option<Found<Vec<String>>>,
    pub preprocessing: Option<Found<Preprocessing>>,
    /// Width and height for a model that leaves them open.
    pub size: Option<u32>,
    /// Whether missing labels become `class 0`, `class 1` …, for a look at a model.
    pub placeholders: bool,
}

/// Width and height that a model with open dimensions gets, unless the caller says otherwise.
pub const DEFAULT_SIZE: u32 = 224;

impl Source {
    /// Reads a model file. `file` is its name without the folder, `beside` gives the files next to it.
    ///
    /// # Errors
    /// Those of [`onnx::decode`] and [`onnx::to_graph`]; `unsupported-model` if it is no image classifier;
    /// `labels` if there are none or too few; `preprocessing` if what was found does not fit the input.
    pub fn read(file: &str, bytes: &[u8], stated: &Stated, beside: &dyn Beside) -> Result<Source> {
        let name = stated.name.clone().unwrap_or_else(|| head_name(file, beside));
        let proto = onnx::decode(&name, bytes)?;
        let origin = Origin { name: name.clone(), sha256: hex(&Sha256::digest(bytes)) };
        match Metadata::read(&name, &proto)? {
            Some(metadata) => Source::from_merged(name, proto, metadata, bytes.len(), stated),
            None => Source::from_export(name, file, proto, origin, bytes.len(), stated, beside),
        }
    }

    fn from_export(
        name: String,
        file: &str,
        proto: ModelProto,
        origin: Origin,
        bytes: usize,
        stated: &Stated,
        beside: &dyn Beside,
    ) -> Result<Source> {
        let found = sidecar::look(file, &proto, beside)?;
        let foreign = metadata::foreign(&proto);
        let producer = proto.producer_name.clone();
        let mut graph = onnx::to_graph(&name, proto)?;
        canonical::prepare(&mut graph)?;
        let opset = graph.opsets.get("").copied().unwrap_or(0);
        let shape = input::fix(&mut graph, stated.size, found.preprocessing.first())?;
        canonical::fold(&mut graph)?;
        let (labels, labels_from, mut disagreements) = labels::choose(stated, &found.labels);
        let mut ending = head::find(&graph, labels.as_ref().map(Vec::len))?;
        let sigmoid = ending.activation == Activation::Sigmoid;
        if ending.width == 1 && sigmoid && labels.as_ref().is_none_or(|l| l.len() == 2) {
            ending = head::widen_binary(&mut graph, &ending);
        }
        let labels = match labels {
            None if stated.placeholders => (0..ending.width).map(|i| format!("class {i}")).collect(),
            labels => labels::check(&name, labels, &labels_from, ending.width)?,
        };
        let input = input::describe(&graph, shape);
        graph.outputs = vec![ending.logits];
        graph.tidy();
        let guessed = guess::preprocessing(&graph);
        let preprocessing = choose_preprocessing(&name, stated, found.preprocessing, guessed, &mut disagreements)?;
        input::check(&graph, &preprocessing)?;
        let heads = vec![Head { name: name.clone(), labels, activation: ending.activation }];
        Ok(Source {
            labels: JointLabels::of_head(&name, &heads[0].labels),
            reference: Reference { graph: graph.clone(), widths: vec![ending.width] },
            heads,
            name,
            graph,
            preprocessing,
            labels_from,
            disagreements,
            origins: vec![origin],
            foreign,
            rule: None,
            facts: FileFacts {
                producer,
                opset,
                bytes: bytes as u64,
                input: input.0,
                input_shape: input.1,
                ends_with_activation: ending.stripped,
            },
        })
    }

    /// A merged file has everything inside; its heads are taken apart again.
    fn from_merged(
        name: String,
        proto: ModelProto,
        metadata: Metadata,
        bytes: usize,
        stated: &Stated,
    ) -> Result<Source> {
        let producer = proto.producer_name.clone();
        let mut graph = onnx::to_graph(&name, proto)?;
        canonical::prepare(&mut graph)?;
        let opset = graph.opsets.get("").copied().unwrap_or(0);
        let shape = input::fix(&mut graph, stated.size, None)?;
        canonical::fold(&mut graph)?;
        let input = input::describe(&graph, shape);
        let mut reference = graph.clone();
        graph.outputs = head::split_logits(&mut graph, &metadata.heads)?;
        graph.tidy();
        reference.outputs.retain(|&v| reference.values[v].name == "logits");
        reference.tidy();
        let widths = metadata.heads.iter().map(|h| h.labels.len()).collect();
        let preprocessing = match &stated.preprocessing {
            Some(stated) => stated.clone(),
            None => Found { value: metadata.preprocessing, from: "metadata".into() },
        };
        input::check(&graph, &preprocessing)?;
        let own = metadata.heads.iter().map(|h| (h.name.as_str(), h.labels.as_slice()));
        Ok(Source {
            labels: JointLabels::of_merged(&name, metadata.labels, own)?,
            reference: Reference { graph: reference, widths },
            name,
            graph,
            heads: metadata.heads,
            preprocessing,
            labels_from: "metadata".into(),
            disagreements: Vec::new(),
            origins: metadata.sources,
            foreign: metadata.foreign,
            rule: Some(metadata.rule),
            facts: FileFacts {
                producer,
                opset,
                bytes: bytes as u64,
                input: input.0,
                input_shape: input.1,
                ends_with_activation: true,
            },
        })
    }

    /// How many logits all its heads have together.
    pub fn width(&self) -> usize {
        self.heads.iter().map(|h| h.labels.len()).sum()
    }
}

fn choose_preprocessing(
    name: &str,
    stated: &Stated,
    found: Vec<Found<Preprocessing>>,
    guessed: Found<Preprocessing>,
    disagreements: &mut Vec<String>,
) -> Result<Found<Preprocessing>> {
    let mut candidates = stated.preprocessing.iter().cloned().chain(found).chain([guessed]);
    let Some(chosen) = candidates.next() else {
        let (field, expected) = ("all of it", "a description".to_string());
        return Err(ErrorKind::Preprocessing { field, expected, found: format!("none for model '{name}'") }.into());
    };
    chosen.value.validate()?;
    for other in candidates.filter(|c| !c.from.starts_with("guess")) {
        for difference in chosen.value.differences(&other.value) {
            disagreements.push(format!(
                "preprocessing: {} and {} say {} {} and {}",
                chosen.from, other.from, difference.field, difference.ours, difference.theirs
            ));
        }
    }
    Ok(chosen)
}

/// The file's stem; the folder's name where the stem says nothing.
fn head_name(file: &str, beside: &dyn Beside) -> String {
    let stem = file.strip_suffix(".onnx").unwrap_or(file);
    match (stem, beside.folder()) {
        ("model", Some(folder)) => folder,
        _ => stem.to_string(),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
