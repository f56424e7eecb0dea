//! An exported classifier, read with its labels and preprocessing.

mod archive;
mod beside;
mod describe;
mod export;
mod external;
mod file;
mod guess;
mod huggingface;
mod input;
mod label_file;
mod labels;
mod partial;
mod sidecar;
mod tool;

pub use archive::{is_zip, Archive};
pub use beside::{is_plain_path, Beside, Nothing, MAX_DEPTH};
pub use describe::{Description, HeadDescription};
pub use label_file::labels_from_text;

use crate::error::{ErrorKind, Result};
use crate::label::{Activation, Head, JointLabels};
use crate::metadata::{Metadata, Origin};
use crate::onnx::{Graph, Weights};
use crate::preprocess::Preprocessing;
use crate::rule::{Combination, Name, Parameters, Record};
use crate::{canonical, head};
use file::File;
use serde::Serialize;

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
    pub rule: Option<Record>,
    /// The constants of that rule, by name.
    pub parameters: Parameters,
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
    /// `onnx` or `tfjs-layers`.
    pub format: &'static str,
    pub producer: String,
    pub opset: i64,
    /// Of the model file and the files that hold its weights.
    pub bytes: u64,
    pub input: String,
    /// Batch first; `None` for a symbolic dimension.
    pub input_shape: Vec<Option<usize>>,
    /// Whether the model itself turns logits into probabilities.
    pub ends_with_activation: bool,
    /// How most of its weights are stored.
    pub weights: Weights,
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
    /// Reads a model: an ONNX file, the `model.json` of a TensorFlow.js layers model, or a zip archive of an export with one
    /// of them. `file` is its name without the folder, `beside` gives the files next to it.
    ///
    /// # Errors
    /// Those of [`Archive::open`] and [`read_folder`](Self::read_folder) for an archive; those of [`onnx::decode`],
    /// [`onnx::to_graph`] and [`tfjs`]; `external-data` for weights in other files; `unsupported-model` if it is no image
    /// classifier; `labels` if there are none or too few; `preprocessing` if what was stated does not fit the input.
    ///
    /// [`onnx::decode`]: crate::onnx::decode
    /// [`onnx::to_graph`]: crate::onnx::to_graph
    /// [`tfjs`]: crate::tfjs
    pub fn read(file: &str, bytes: &[u8], stated: &Stated, beside: &dyn Beside) -> Result<Source> {
        if is_zip(bytes) {
            return Source::read_folder(file, &Archive::open(file, bytes)?, stated);
        }
        let name = stated.name.clone().unwrap_or_else(|| head_name(file, beside));
        let file = File::open(&name, file, bytes, beside)?;
        Source::read_file(name, file, stated)
    }

    /// Reads an export as the folder or archive it comes in; `export` is its name, from which the head takes its own.
    ///
    /// # Errors
    /// `several-models` or `not-onnx` unless one model is in it; those of [`read`](Self::read).
    pub fn read_folder(export: &str, folder: &dyn Beside, stated: &Stated) -> Result<Source> {
        let path = export::find(export, folder)?;
        let unread = || ErrorKind::SeveralModels { export: export.to_string(), found: Vec::new() };
        let bytes = folder.read(&path)?.ok_or_else(unread)?;
        let name = stated.name.clone().unwrap_or_else(|| stem(export).to_string());
        let inside = beside::Inside::of(folder, &path);
        let file = File::open(&name, beside::base_name(&path), &bytes, &inside)?;
        Source::read_file(name, file, stated)
    }

    fn read_file(name: String, mut file: File, stated: &Stated) -> Result<Source> {
        match file.merged.take() {
            Some(metadata) => Source::from_merged(name, file, metadata, stated),
            None => Source::from_export(name, file, stated),
        }
    }

    fn from_export(name: String, file: File, stated: &Stated) -> Result<Source> {
        let File { mut graph, found, origin, foreign, .. } = file;
        canonical::prepare(&mut graph)?;
        let shape = input::fix(&mut graph, size(stated, found.preprocessing.iter().find_map(|p| p.value.size)))?;
        canonical::fold(&mut graph)?;
        let (labels, labels_from, mut disagreements) = labels::choose(stated, &found.labels);
        disagreements.extend(found.notes);
        head::flatten_first(&mut graph);
        let mut ending = head::find(&graph, labels.as_ref().map(Vec::len))?;
        let sigmoid = ending.activation == Activation::Sigmoid;
        if ending.width == 1 && sigmoid && labels.as_ref().is_none_or(|l| l.len() == 2) {
            ending = head::widen_binary(&mut graph, &ending);
        }
        let labels = match labels {
            None if stated.placeholders => (0..ending.width).map(|i| format!("class {i}")).collect(),
            labels => labels::check(&name, labels, &labels_from, ending.width)?,
        };
        let open = shape.iter().skip(1).any(Option::is_none);
        let facts = FileFacts { ends_with_activation: ending.stripped, ..facts(file.facts, &graph, shape) };
        graph.outputs = vec![ending.logits];
        graph.tidy();
        let guessed = guess::preprocessing(&graph, found.hint, open);
        let stated = stated.preprocessing.as_ref();
        let preprocessing = partial::choose(stated, &found.preprocessing, &guessed, &mut disagreements);
        preprocessing.value.validate()?;
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
            parameters: Parameters::new(),
            facts,
        })
    }

    /// A merged file has everything inside; its heads are taken apart again.
    fn from_merged(name: String, file: File, metadata: Metadata, stated: &Stated) -> Result<Source> {
        labels::check_settled(&name, stated, &metadata)?;
        let mut graph = file.graph;
        canonical::prepare(&mut graph)?;
        let own = &metadata.preprocessing;
        let shape = input::fix(&mut graph, size(stated, Some([own.width, own.height])))?;
        canonical::fold(&mut graph)?;
        let facts = FileFacts { ends_with_activation: true, ..facts(file.facts, &graph, shape) };
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
            parameters: file.parameters,
            facts,
        })
    }

    /// Whether the file combines its heads by more than the softmax over all logits.
    pub fn is_fitted(&self) -> bool {
        !self.parameters.is_empty() || self.rule.as_ref().is_some_and(|r| r.name != Name::Concat)
    }

    /// How the file combines its heads; the default where it was not merged.
    ///
    /// # Errors
    /// Those of [`Combination::read`].
    pub fn combination(&self) -> Result<Combination> {
        match &self.rule {
            Some(record) => Combination::read(&self.name, &self.parameters, record, &self.heads),
            None => Ok(Combination::default()),
        }
    }

    /// How many logits all its heads have together.
    pub fn width(&self) -> usize {
        self.heads.iter().map(|h| h.labels.len()).sum()
    }
}

/// Width and height for a model that leaves them open.
fn size(stated: &Stated, found: Option<[u32; 2]>) -> [u32; 2] {
    let described = stated.preprocessing.as_ref().map(|p| [p.value.width, p.value.height]);
    stated.size.map(|s| [s; 2]).or(described).or(found).unwrap_or([DEFAULT_SIZE; 2])
}

/// The facts with the input as the file had it.
fn facts(facts: FileFacts, graph: &Graph, input_shape: Vec<Option<usize>>) -> FileFacts {
    let input = graph.inputs.first().map(|&v| graph.values[v].name.clone()).unwrap_or_default();
    FileFacts { input, input_shape, ..facts }
}

/// The file's stem; the folder's name where the stem says nothing.
fn head_name(file: &str, beside: &dyn Beside) -> String {
    match (stem(file), beside.folder()) {
        ("model", Some(folder)) => folder,
        (stem, _) => stem.to_string(),
    }
}

/// A file's name without the ending of a model; a folder's name as it is.
fn stem(file: &str) -> &str {
    [".onnx", ".json", ".zip"].iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file)
}
