//! An imported model: its graph up to the logits, labels, preprocessing.

use super::importer::{Decoded, FileInfo};
use super::provenance::{Provenance, Tool, WithProvenance};
use super::{choose_labels, guess_preprocessing, input, partial_preprocessing, Note, Overrides, DEFAULT_SIZE};
use crate::error::Result;
use crate::features::FeatureExtractor;
use crate::image::preprocess::Preprocessing;
use crate::labels::{Activation, HeadLabels, MergedLabels};
use crate::metadata::{Metadata, SourceFile};
use crate::onnx::Graph;
use crate::rule::{FittedRule, Parameters, RuleKind, RuleRecord};
use crate::shared_backbone::SharedBackbone;
use crate::{canonical, head};

/// A classifier to be merged.
#[derive(Clone, Debug)]
pub struct ImportedModel {
    pub name: String,
    /// The exported graph with constants folded, ending with the logits of each head.
    pub graph: Graph,
    /// The original graph, against which a merged model is verified.
    pub reference: OriginalGraph,
    /// One head, or several if the file is the result of a merge.
    pub heads: Vec<HeadLabels>,
    /// The labels, and the label of each logit.
    pub labels: MergedLabels,
    pub preprocessing: WithProvenance<Preprocessing>,
    /// The provenance of the labels.
    pub labels_from: Provenance,
    /// Other values that were found and differ.
    pub disagreements: Vec<Note>,
    pub origins: Vec<SourceFile>,
    /// The backbone that a merge put in the place of its models' own.
    pub shared_backbone: Option<SharedBackbone>,
    pub foreign: Vec<(String, String)>,
    /// The combination rule of a merged file.
    pub rule: Option<RuleRecord>,
    /// The constants of that rule, by name.
    pub parameters: Parameters,
    pub facts: FileInfo,
}

/// The graph of a file, ending with all its logits as one value.
#[derive(Clone, Debug, Default)]
pub struct OriginalGraph {
    pub graph: Graph,
    /// The number of logits per head.
    pub widths: Vec<usize>,
}

impl ImportedModel {
    /// Completes a decoded file with the overrides and the values found in its sidecar files.
    pub(super) fn build(name: String, mut file: Decoded, stated: &Overrides) -> Result<ImportedModel> {
        match file.merged.take() {
            Some(metadata) => ImportedModel::from_merged(name, file, metadata, stated),
            None => ImportedModel::from_export(name, file, stated),
        }
    }

    fn from_export(name: String, file: Decoded, stated: &Overrides) -> Result<ImportedModel> {
        let Decoded { mut graph, found, origin, other_metadata: foreign, .. } = file;
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
        let guessed = guess_preprocessing::preprocessing(&graph, found.convention, open);
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
            shared_backbone: None,
            rule: None,
            parameters: Parameters::new(),
            facts,
        })
    }

    /// A merged file is self-contained; its heads are split again.
    fn from_merged(name: String, file: Decoded, metadata: Metadata, stated: &Overrides) -> Result<ImportedModel> {
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
            None => WithProvenance { value: metadata.preprocessing, from: merged() },
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
            labels_from: merged(),
            disagreements: Vec::new(),
            origins: metadata.sources,
            shared_backbone: metadata.shared_backbone,
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

    /// The rule of a merged file; the default rule for other files.
    ///
    /// # Errors
    /// Those of [`FittedRule::read`].
    pub fn combination(&self) -> Result<FittedRule> {
        match &self.rule {
            Some(record) => FittedRule::read(&self.name, &self.parameters, record, &self.heads),
            None => Ok(FittedRule::default()),
        }
    }

    /// Prepares the model to extract features and logits of images; its rule is not applied.
    ///
    /// # Errors
    /// Those of [`FeatureExtractor::new`].
    pub fn feature_extractor(&self) -> Result<FeatureExtractor> {
        FeatureExtractor::new(&self.name, &self.graph, &self.heads, &self.labels, &self.preprocessing.value)
    }

    /// The total number of logits of all heads.
    pub fn width(&self) -> usize {
        self.heads.iter().map(|h| h.labels.len()).sum()
    }
}

/// The provenance of all values of a merged file.
fn merged() -> Provenance {
    Provenance::Metadata { key: None, tool: Some(Tool::Polyhead) }
}

/// The width and height for a model that leaves them open.
fn size(stated: &Overrides, found: Option<[u32; 2]>) -> [u32; 2] {
    let described = stated.preprocessing.as_ref().map(|p| [p.value.width, p.value.height]);
    stated.size.map(|s| [s; 2]).or(described).or(found).unwrap_or([DEFAULT_SIZE; 2])
}

/// The file information with the input shape as stored in the file.
fn facts(facts: FileInfo, graph: &Graph, input_shape: Vec<Option<usize>>) -> FileInfo {
    let input = graph.inputs.first().map(|&v| graph.values[v].name.clone()).unwrap_or_default();
    FileInfo { input, input_shape, ..facts }
}
