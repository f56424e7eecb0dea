//! Extracts the features of an image and the logits of all heads, before any rule.

use super::{BlockFeatures, FeatureLayout, ModelId, Pooling};
use crate::canonical::canonical;
use crate::engine::Engine;
use crate::error::{ErrorKind, Result};
use crate::head;
use crate::image::preprocess::Preprocessing;
use crate::image::RgbImage;
use crate::labels::{HeadLabels, Label, MergedLabels};
use crate::onnx::{Graph, ValueId, ValueKind as ValueSource};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// The features and logits that a merged model computes of one image, before any rule.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ExtractedFeatures {
    /// φ, in the order of [`FeatureExtractor::layout`].
    pub features: Vec<f32>,
    /// The logits of all heads, in head order.
    pub logits: Vec<f32>,
}

/// An image with its label.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledExample {
    /// The image's name in messages and reports, such as its path.
    pub name: String,
    /// SHA-256 of the image's bytes, in hexadecimal: sets are sorted by it, so that the order of files and folders
    /// does not matter.
    pub sha256: String,
    /// The index of its label among the merged labels.
    pub label: usize,
    /// The head that was stated for the image; if `None`, every head that has the label.
    pub head: Option<usize>,
    pub observation: ExtractedFeatures,
}

/// A merged model, ready to extract features.
pub struct FeatureExtractor {
    engine: Engine,
    preprocessing: Preprocessing,
    heads: Vec<HeadLabels>,
    labels: Vec<Label>,
    members: Vec<usize>,
    layout: FeatureLayout,
    logits: usize,
    fingerprint: String,
}

impl FeatureExtractor {
    /// Prepares a merged model with these heads; the outputs of `graph` are the logits of each head, without a rule.
    ///
    /// # Errors
    /// Those of [`canonical`] and [`Engine`].
    pub fn new(
        name: &str,
        graph: &Graph,
        heads: &[HeadLabels],
        labels: &MergedLabels,
        preprocessing: &Preprocessing,
    ) -> Result<FeatureExtractor> {
        let mut graph = canonical(graph.clone())?;
        let (taps, layout) = find(&graph);
        let logits = graph.outputs.clone();
        let fingerprint = fingerprint(&graph, preprocessing);
        let mut outputs = Vec::new();
        if layout.width() > 0 {
            let features = taps.write(&mut graph, &Pooling::ALL);
            outputs.push(graph.pass_on(features, "observed.features"));
        }
        outputs.push(graph.concatenate("observed.logits", &logits));
        graph.outputs = outputs;
        graph.prune_and_sort();
        let shape = preprocessing.shape();
        Ok(FeatureExtractor {
            engine: Engine::plain(name, graph, &shape)?,
            preprocessing: preprocessing.clone(),
            heads: heads.to_vec(),
            labels: labels.labels.clone(),
            members: labels.label_of_logit.clone(),
            layout,
            logits: heads.iter().map(|head| head.labels.len()).sum(),
            fingerprint,
        })
    }

    /// Runs one image.
    ///
    /// # Errors
    /// `engine` if the model fails; `output` if its outputs have other sizes than expected; `not-finite` for a
    /// number that is not finite.
    pub fn run(&self, image: &RgbImage) -> Result<ExtractedFeatures> {
        self.run_tensor(&self.preprocessing.tensor(image)?)
    }

    /// Runs one preprocessed image.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_tensor(&self, tensor: &[f32]) -> Result<ExtractedFeatures> {
        let mut observation = ExtractedFeatures::default();
        for output in self.engine.run(tensor)? {
            match output.name.as_str() {
                "observed.features" => observation.features = output.values,
                "observed.logits" => observation.logits = output.values,
                _ => {}
            }
        }
        let ExtractedFeatures { features, logits } = &observation;
        self.engine.expect("features", self.layout.width(), features.len())?;
        self.engine.expect("logits", self.logits, logits.len())?;
        check_finite(self.engine.name(), "its features or logits", features.iter().chain(logits))?;
        Ok(observation)
    }

    /// The layout of the features.
    pub fn layout(&self) -> &FeatureLayout {
        &self.layout
    }

    /// The heads, in the order of the logits.
    pub fn heads(&self) -> &[HeadLabels] {
        &self.heads
    }

    /// The merged labels.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// For each logit the index of its merged label.
    pub fn members(&self) -> &[usize] {
        &self.members
    }

    /// The logits for which an image counts: that of its label in its head, or in every head that has the label if
    /// the head is not stated.
    pub fn columns(&self, label: usize, head: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        let owners = self.heads.iter().enumerate().flat_map(|(at, head)| head.labels.iter().map(move |_| at));
        let columns = owners.zip(&self.members).enumerate();
        let counts = move |&(_, (owner, member)): &(usize, (usize, &usize))| {
            *member == label && head.is_none_or(|head| head == owner)
        };
        columns.filter(counts).map(|(column, _)| column)
    }

    /// SHA-256 over everything that the features depend on, including weights and preprocessing, without names: two
    /// files with equal fingerprints extract equal features.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// Fingerprint, heads and features, for comparison with those of a file.
    pub fn model(&self) -> ModelId<'_> {
        ModelId { fingerprint: &self.fingerprint, heads: &self.heads, layout: &self.layout }
    }
}

/// Checks that all numbers are finite; `place` names them in the error.
///
/// # Errors
/// `not-finite` with the first other number.
pub(crate) fn check_finite<'a>(model: &str, place: &str, numbers: impl IntoIterator<Item = &'a f32>) -> Result<()> {
    match numbers.into_iter().find(|v| !v.is_finite()) {
        None => Ok(()),
        Some(&found) => Err(ErrorKind::NotFinite { model: model.to_string(), place: place.to_string(), found }.into()),
    }
}

/// The tapped values of a canonical graph whose outputs are the logits of its heads. A head without pooled features
/// adds none: if no head has any, rules that read features cannot be fitted.
pub fn find(graph: &Graph) -> (BlockFeatures, FeatureLayout) {
    let features: Vec<ValueId> = graph.outputs.iter().filter_map(|&logits| head::features(graph, logits)).collect();
    let taps = BlockFeatures::find(graph, &features);
    let layout = taps.layout(graph);
    (taps, layout)
}

/// A digest of the computation, independent of the names, positions and order of nodes: every value's digest covers
/// those of the values that it is computed from.
fn fingerprint(graph: &Graph, preprocessing: &Preprocessing) -> String {
    let mut digests: HashMap<ValueId, [u8; 32]> = HashMap::new();
    for (at, &input) in graph.inputs.iter().enumerate() {
        digests.insert(input, Sha256::digest(format!("input {at}")).into());
    }
    for node in &graph.nodes {
        let mut digest = Sha256::new_with_prefix(format!("{}/{}/{:?}", node.domain, node.op, node.attributes));
        for &input in &node.inputs {
            match input.map(|v| &graph.values[v].source) {
                None => digest.update("absent"),
                Some(ValueSource::Initializer(tensor)) => {
                    digest.update(format!("{:?}{:?}", tensor.dtype, tensor.dims));
                    digest.update(&tensor.bytes);
                }
                Some(_) => digest.update(input.and_then(|v| digests.get(&v)).copied().unwrap_or_default()),
            }
        }
        let digest: [u8; 32] = digest.finalize().into();
        for (at, &output) in node.outputs.iter().enumerate() {
            // Of fixed width, so that WebAssembly computes the same digest.
            let place = (at as u64).to_le_bytes();
            digests.insert(output, Sha256::new_with_prefix(digest).chain_update(place).finalize().into());
        }
    }
    let mut whole = Sha256::new_with_prefix(serde_json::to_string(preprocessing).unwrap_or_default());
    for output in &graph.outputs {
        whole.update(digests.get(output).copied().unwrap_or_default());
    }
    format!("{:x}", whole.finalize())
}
