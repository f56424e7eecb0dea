//! Imports exported classifiers with their labels and preprocessing.
//!
#![doc = include_str!("README.md")]

mod choose_labels;
mod describe;
mod exporters;
mod external_data;
mod file;
mod file_tree;
mod find_model;
mod guess_preprocessing;
mod huggingface;
mod input;
mod label_file;
mod partial_preprocessing;
mod sidecar;
mod zip_archive;

pub use describe::{Description, HeadDescription};
pub use file_tree::{is_plain_path, FileTree, Nothing, MAX_DEPTH};
pub use label_file::labels_from_text;
pub use zip_archive::{is_zip, Archive};

use crate::error::{ErrorKind, Result};
use crate::labels::{Activation, HeadLabels, MergedLabels};
use crate::metadata::{Metadata, SourceFile};
use crate::onnx::{Graph, Weights};
use crate::preprocess::Preprocessing;
use crate::rule::{FittedRule, Parameters, RuleKind, RuleRecord};
use crate::{canonical, head};
use file::File;
use serde::Serialize;

/// A classifier to be merged.
#[derive(Clone, Debug)]
pub struct ImportedModel {
    pub name: String,
    /// As exported, constants folded, ending with the logits of each head.
    pub graph: Graph,
    /// What the file itself computes, to hold a merged model against.
    pub reference: OriginalGraph,
    /// One, or several if the file is itself the result of a merge.
    pub heads: Vec<HeadLabels>,
    /// Its labels, and which of them each logit counts for.
    pub labels: MergedLabels,
    pub preprocessing: WithProvenance<Preprocessing>,
    /// Where the labels come from.
    pub labels_from: String,
    /// What else was found and says something different.
    pub disagreements: Vec<String>,
    pub origins: Vec<SourceFile>,
    pub foreign: Vec<(String, String)>,
    /// How the file itself combined its heads, if it was merged before.
    pub rule: Option<RuleRecord>,
    /// The constants of that rule, by name.
    pub parameters: Parameters,
    pub facts: FileInfo,
}

/// The graph of a file, ending with all its logits as one value.
#[derive(Clone, Debug, Default)]
pub struct OriginalGraph {
    pub graph: Graph,
    /// How many of the logits each head has.
    pub widths: Vec<usize>,
}

/// What the file says, for reports.
#[derive(Clone, Debug, Serialize)]
pub struct FileInfo {
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
pub struct WithProvenance<T> {
    pub value: T,
    /// A file, a flag, "metadata", or "guess: why".
    pub from: String,
}

/// What the caller states; it wins over everything found.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The head's name.
    pub name: Option<String>,
    /// The labels and where they were stated.
    pub labels: Option<WithProvenance<Vec<String>>>,
    pub preprocessing: Option<WithProvenance<Preprocessing>>,
    /// Width and height for a model that leaves them open.
    pub size: Option<u32>,
    /// Whether missing labels become `class 0`, `class 1` …, for a look at a model.
    pub placeholders: bool,
}

/// Width and height that a model with open dimensions gets, unless the caller says otherwise.
pub const DEFAULT_SIZE: u32 = 224;

impl ImportedModel {
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
    pub fn read(file: &str, bytes: &[u8], stated: &Overrides, beside: &dyn FileTree) -> Result<ImportedModel> {
        if is_zip(bytes) {
            return ImportedModel::read_folder(file, &Archive::open(file, bytes)?, stated);
        }
        let name = stated.name.clone().unwrap_or_else(|| head_name(file, beside));
        let file = File::open(&name, file, bytes, beside)?;
        ImportedModel::read_file(name, file, stated)
    }

    /// Reads an export as the folder or archive it comes in; `export` is its name, from which the head takes its own.
    ///
    /// # Errors
    /// `several-models` or `not-onnx` unless one model is in it; those of [`read`](Self::read).
    pub fn read_folder(export: &str, folder: &dyn FileTree, stated: &Overrides) -> Result<ImportedModel> {
        let path = find_model::find(export, folder)?;
        let unread = || ErrorKind::SeveralModels { export: export.to_string(), found: Vec::new() };
        let bytes = folder.read(&path)?.ok_or_else(unread)?;
        let name = stated.name.clone().unwrap_or_else(|| stem(export).to_string());
        let inside = file_tree::Subfolder::of(folder, &path);
        let file = File::open(&name, file_tree::base_name(&path), &bytes, &inside)?;
        ImportedModel::read_file(name, file, stated)
    }

    fn read_file(name: String, mut file: File, stated: &Overrides) -> Result<ImportedModel> {
        match file.merged.take() {
            Some(metadata) => ImportedModel::from_merged(name, file, metadata, stated),
            None => ImportedModel::from_export(name, file, stated),
        }
    }

    fn from_export(name: String, file: File, stated: &Overrides) -> Result<ImportedModel> {
        let File { mut graph, found, origin, foreign, .. } = file;
        canonical::prepare(&mut graph)?;
        let shape = input::fix(&mut graph, size(stated, found.preprocessing.iter().find_map(|p| p.value.size)))?;
        canonical::fold_constants(&mut graph)?;
        let (labels, labels_from, mut disagreements) = choose_labels::choose(stated, &found.labels);
        disagreements.extend(found.notes);
        head::move_flatten_before_activation(&mut graph);
        let mut ending = head::find(&graph, labels.as_ref().map(Vec::len))?;
        let sigmoid = ending.activation == Activation::Sigmoid;
        if ending.width == 1 && sigmoid && labels.as_ref().is_none_or(|l| l.len() == 2) {
            ending = head::expand_binary_logit(&mut graph, &ending);
        }
        let labels = match labels {
            None if stated.placeholders => (0..ending.width).map(|i| format!("class {i}")).collect(),
            labels => choose_labels::check(&name, labels, &labels_from, ending.width)?,
        };
        let open = shape.iter().skip(1).any(Option::is_none);
        let facts = FileInfo { ends_with_activation: ending.stripped, ..facts(file.facts, &graph, shape) };
        graph.outputs = vec![ending.logits];
        graph.prune_and_sort();
        let guessed = guess_preprocessing::preprocessing(&graph, found.hint, open);
        let stated = stated.preprocessing.as_ref();
        let preprocessing = partial_preprocessing::choose(stated, &found.preprocessing, &guessed, &mut disagreements);
        preprocessing.value.validate()?;
        input::check(&graph, &preprocessing)?;
        let heads = vec![HeadLabels { name: name.clone(), labels, activation: ending.activation }];
        Ok(ImportedModel {
            labels: MergedLabels::of_head(&name, &heads[0].labels),
            reference: OriginalGraph { graph: graph.clone(), widths: vec![ending.width] },
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
    fn from_merged(name: String, file: File, metadata: Metadata, stated: &Overrides) -> Result<ImportedModel> {
        choose_labels::check_settled(&name, stated, &metadata)?;
        let mut graph = file.graph;
        canonical::prepare(&mut graph)?;
        let own = &metadata.preprocessing;
        let shape = input::fix(&mut graph, size(stated, Some([own.width, own.height])))?;
        canonical::fold_constants(&mut graph)?;
        let facts = FileInfo { ends_with_activation: true, ..facts(file.facts, &graph, shape) };
        let mut reference = graph.clone();
        graph.outputs = head::split_logits(&mut graph, &metadata.heads)?;
        graph.prune_and_sort();
        reference.outputs.retain(|&v| reference.values[v].name == "logits");
        reference.prune_and_sort();
        let widths = metadata.heads.iter().map(|h| h.labels.len()).collect();
        let preprocessing = match &stated.preprocessing {
            Some(stated) => stated.clone(),
            None => WithProvenance { value: metadata.preprocessing, from: "metadata".into() },
        };
        input::check(&graph, &preprocessing)?;
        let own = metadata.heads.iter().map(|h| (h.name.as_str(), h.labels.as_slice()));
        Ok(ImportedModel {
            labels: MergedLabels::of_merged(&name, metadata.labels, own)?,
            reference: OriginalGraph { graph: reference, widths },
            name,
            graph,
            heads: metadata.heads,
            preprocessing,
            labels_from: "metadata".into(),
            disagreements: Vec::new(),
            origins: metadata.sources,
            foreign: metadata.other_metadata,
            rule: Some(metadata.rule),
            parameters: file.parameters,
            facts,
        })
    }

    /// Whether the file combines its heads by more than the softmax over all logits.
    pub fn is_fitted(&self) -> bool {
        !self.parameters.is_empty() || self.rule.as_ref().is_some_and(|r| r.name != RuleKind::Concat)
    }

    /// How the file combines its heads; the default where it was not merged.
    ///
    /// # Errors
    /// Those of [`FittedRule::read`].
    pub fn combination(&self) -> Result<FittedRule> {
        match &self.rule {
            Some(record) => FittedRule::read(&self.name, &self.parameters, record, &self.heads),
            None => Ok(FittedRule::default()),
        }
    }

    /// How many logits all its heads have together.
    pub fn width(&self) -> usize {
        self.heads.iter().map(|h| h.labels.len()).sum()
    }
}

/// Width and height for a model that leaves them open.
fn size(stated: &Overrides, found: Option<[u32; 2]>) -> [u32; 2] {
    let described = stated.preprocessing.as_ref().map(|p| [p.value.width, p.value.height]);
    stated.size.map(|s| [s; 2]).or(described).or(found).unwrap_or([DEFAULT_SIZE; 2])
}

/// The facts with the input as the file had it.
fn facts(facts: FileInfo, graph: &Graph, input_shape: Vec<Option<usize>>) -> FileInfo {
    let input = graph.inputs.first().map(|&v| graph.values[v].name.clone()).unwrap_or_default();
    FileInfo { input, input_shape, ..facts }
}

/// The file's stem; the folder's name where the stem says nothing.
fn head_name(file: &str, beside: &dyn FileTree) -> String {
    match (stem(file), beside.folder()) {
        ("model", Some(folder)) => folder,
        (stem, _) => stem.to_string(),
    }
}

/// A file's name without the ending of a model; a folder's name as it is.
fn stem(file: &str) -> &str {
    [".onnx", ".json", ".zip"].iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file)
}
