//! Merges classifiers that share a backbone into one model, proved before it is returned.

mod assemble;
mod check;
mod half;
mod proof;

pub use proof::{Proof, ProofRow};

use crate::backbone::{self, Backbone, Within};
use crate::canonical::canonical;
use crate::engine::Engine;
use crate::error::Result;
use crate::label::{Duplicates, JointLabels};
use crate::metadata::Metadata;
use crate::onnx::{self, ModelProto};
use crate::preprocess::Preprocessing;
use crate::rule::Rule;
use crate::source::{Found, Source};

/// How a merge is done.
#[derive(Clone, Debug)]
pub struct Options {
    pub duplicates: Duplicates,
    /// The least part of each model's multiply-adds that the first model must have too, 0 to 1.
    pub min_shared: f64,
    /// Up to which [`relative_difference`](backbone::relative_difference) weights count as the same; 0 is bit for bit.
    pub tolerance: f64,
    /// The preprocessing of the merged model, where the sources disagree.
    pub preprocessing: Option<Found<Preprocessing>>,
    pub weights: Weights,
}

/// How weights are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weights {
    /// As they were.
    #[default]
    F32,
    /// As half floats, widened when the model is loaded: half the file, computed in 32 bits.
    F16,
}

/// Below this shared part a merge is refused, unless the caller lowers it.
pub const MIN_SHARED: f64 = 0.10;
/// Below this shared part a merge is warned about.
pub const FEW_SHARED: f64 = 0.50;
/// Weights this close are the same backbone: exporters and the folding of batch normalisation were seen to
/// differ by 1.1e-7, another base by 2e-2.
pub const TOLERANCE: f64 = 1e-5;

impl Default for Options {
    fn default() -> Self {
        Options {
            duplicates: Duplicates::default(),
            min_shared: MIN_SHARED,
            tolerance: TOLERANCE,
            preprocessing: None,
            weights: Weights::default(),
        }
    }
}

/// One model out of several.
#[derive(Clone, Debug)]
pub struct Merged {
    pub proto: ModelProto,
    pub metadata: Metadata,
    pub backbone: Backbone,
    pub proof: Proof,
    /// What the caller should know.
    pub warnings: Vec<String>,
}

/// Merges sources in order: the first one's weights are kept, labels and logits stand in the sources' order.
///
/// # Errors
/// `duplicate-head`, `duplicate-label`, `mixed-heads`, `different-inputs`, `different-preprocessing`,
/// `too-little-shared`, `same-model` for what must not be merged; `proof` if the merged model does not give
/// what its sources give; those of [`canonical`] and [`Engine`].
pub fn merge(mut sources: Vec<Source>, options: &Options) -> Result<Merged> {
    check::heads(&sources)?;
    let labels: Vec<JointLabels> = sources.iter().map(|s| s.labels.clone()).collect();
    let labels = JointLabels::join(&labels, options.duplicates)?;
    check::activations(&sources, &labels)?;
    let graphs = sources.iter().map(|s| canonical(s.graph.clone())).collect::<Result<Vec<_>>>()?;
    let joined = backbone::join(&graphs, &Within(options.tolerance));
    check::inputs(&sources, &graphs, &joined)?;
    let preprocessing = check::preprocessing(&sources, options.preprocessing.as_ref())?;
    let logits = assemble::logits(&graphs, &joined);
    let backbone = backbone::summarise(&joined, &graphs, &logits);
    let mut warnings = check::shared(&backbone, &joined, &graphs, options.min_shared)?;
    check::distinct(&sources, &logits)?;
    if sources.iter().any(|s| s.rule.as_ref().is_some_and(|r| *r != Rule::Concat)) {
        warnings.push(
            "the rule fitted to an earlier merge does not cover the new labels: fit the merged model again".into(),
        );
    }

    let rule = Rule::Concat;
    let heads: Vec<_> = sources.iter().flat_map(|s| s.heads.clone()).collect();
    let graph = assemble::assemble(joined, &sources, &heads, &labels, &logits, &rule);
    drop(graphs);
    let metadata = Metadata {
        labels: labels.labels,
        heads,
        preprocessing,
        rule,
        sources: sources.iter().flat_map(|s| s.origins.clone()).collect(),
        foreign: assemble::foreign(&sources),
    };
    let probe = proof::run_sources(&mut sources, &metadata)?;
    drop(sources);
    let mut proto = onnx::to_proto(graph.clone());
    let mut proof = proof::prove(&probe, &Engine::new("merged", &proto, &metadata.preprocessing.shape())?, &backbone)?;
    if options.weights == Weights::F16 {
        drop(proto);
        let mut graph = graph;
        half::store(&mut graph);
        proto = onnx::to_proto(graph);
        let engine = Engine::new("merged", &proto, &metadata.preprocessing.shape())?;
        proof.half_floats = Some(proof::largest_change(&probe, &proof, &engine)?);
    }
    metadata.write(&mut proto);
    Ok(Merged { proto, metadata, backbone, proof, warnings })
}
