//! Merges classifiers that share a backbone into one model and verifies it.
//!
#![doc = include_str!("README.md")]

mod answer_changes;
mod assemble;
mod edit;
mod inherited_rule;
mod input_scaling;
mod options;
mod preconditions;
mod rescaled_weights;
mod select_outputs;
mod split;
mod summary;
mod test_images;
mod unify_inputs;
mod verify;
mod warning;
mod weights_f16;
mod weights_int8;

pub use edit::Edits;
pub use input_scaling::ChannelRange;
pub use options::{Backbones, MergeOptions, FEW_SHARED, HALF_FLOATS, MIN_SHARED, TOLERANCE};
pub use split::split;
pub use verify::{Verification, VerificationRow};
pub use warning::MergeWarning;

use crate::backbone::{self, Backbone, RelativeTolerance};
use crate::canonical::{canonical, check_floats};
use crate::engine::Engine;
use crate::error::Result;
use crate::features::{self, BlockFeatures};
use crate::import::{ImportedModel, ModelNote};
use crate::labels::{HeadLabels, MergedLabels};
use crate::metadata::{Metadata, SourceFile};
pub use crate::onnx::Weights;
use crate::onnx::{self, Graph, ModelProto, ValueId};
use crate::rule::FittedRule;
use crate::shared_backbone::{SharedBackbone, SharedWeights};
use edit::Models;
use test_images::TestImages;

/// The result of a merge.
#[derive(Clone, Debug)]
pub struct Merged {
    pub proto: ModelProto,
    pub metadata: Metadata,
    pub backbone: Backbone,
    /// The multiply-adds of all heads for one image.
    pub multiply_adds: u64,
    /// The comparison with the sources; `None` if a shared backbone replaced theirs, whose answers it does not have.
    pub proof: Option<Verification>,
    /// The largest change of a merged probability caused by storing weights in fewer than 32 bits.
    pub rounding: Option<f32>,
    /// Notes on the sources, for callers that keep them with the merge.
    pub notes: Vec<ModelNote>,
    pub warnings: Vec<MergeWarning>,
}

/// Merges sources in order: the first one's weights are kept, labels and logits are in the sources' order. A single
/// source becomes a merged file of its own heads.
///
/// # Errors
/// `option`, `preprocessing` for options out of range; `no-sources`, `duplicate-head`, `duplicate-label`,
/// `mixed-heads`, `different-inputs`, `different-preprocessing`, `different-input-maps`, `too-little-shared`,
/// `drifted-backbone`, `fine-tuned-backbone`, `other-features`,
/// `same-model`, `not-finite` for models that cannot be merged; `unknown-label`, `ambiguous-label`, `repeated-label`,
/// `label-order`, `unknown-head`, `empty-head`, `only-head` for invalid edits; `proof` if the merged model does not
/// compute the logits of its sources; `rule-parameters`, `sigmoid-rule` for a rule that does not fit; those of
/// [`canonical`] and [`Engine`].
pub fn merge(sources: Vec<ImportedModel>, options: &MergeOptions) -> Result<Merged> {
    options.check()?;
    let rule = inherited_rule::rule(&sources, options);
    let mut models = Models::new(sources, &options.edits)?;
    let weights = match options.weight_format {
        Weights::Keep => common_weight_format(&models.sources),
        weights => weights,
    };
    let order = models.head_order();
    preconditions::heads(&models.sources)?;
    let labels = joint_labels(&models, options)?;
    preconditions::activations(&models.sources, &labels)?;
    let graphs = models.sources.iter().zip(&models.parts).map(|(source, parts)| {
        let mut graph = canonical(source.graph.clone())?;
        select_outputs::take(&mut graph, parts);
        Ok(graph)
    });
    let mut graphs = graphs.collect::<Result<Vec<_>>>()?;
    graphs.iter().try_for_each(check_floats)?;
    preconditions::numbers(&graphs)?;
    let same = RelativeTolerance(options.tolerance);
    let unified = unify_inputs::unify(&mut models.sources, &mut graphs, options.preprocessing.as_ref(), &same)?;
    let replaced = share_backbones(&mut graphs, &models.sources, options);
    let mut joined = backbone::align(&graphs, &same);
    preconditions::inputs(&graphs, &joined)?;
    let logits = assemble::logits(&graphs, &joined, &order);
    let backbone = backbone::summarise(&joined, &graphs, &logits);
    let mut warnings = unified.notes;
    warnings.extend(preconditions::shared(&backbone, &joined, &graphs, options)?);
    let preprocessing = preconditions::preprocessing(&models.sources, &unified.same)?;
    let heads: Vec<_> = order.iter().map(|&(model, part)| models.sources[model].heads[part].clone()).collect();
    preconditions::distinct(&heads, &logits)?;
    warnings.extend(rule.dropped);
    let mut combination = rule.combination;
    combination.record = combination.record.renamed(&rule.heads, &heads);
    let taps = taps(&mut joined.graph, &logits, &heads, &combination)?;
    let mut graph = assemble::assemble(joined, &models.sources, &heads, &labels, &logits, (&combination, &taps));
    drop(graphs);
    let multiply_adds = graph.nodes.iter().map(|node| onnx::multiply_adds(&graph, node)).sum();
    rescaled_weights::store(&mut graph);
    let mut metadata = Metadata {
        labels: labels.labels,
        heads,
        preprocessing,
        rule: combination.record(),
        shared_backbone: inherited_shared_backbone(&models.sources),
        sources: origins(&models, &order),
        other_metadata: assemble::foreign(&models.sources),
    };
    let test = test_images(&mut models, &order, &metadata, options, replaced.is_some())?;
    drop(models);
    let run = |graph: &Graph| test.run(&Engine::plain("merged", graph.clone(), &metadata.preprocessing.shape())?);
    let answers = run(&graph)?;
    let changes = replaced.map(|_| answer_changes::measure(&test, &answers)).transpose()?;
    let proof = match changes {
        None => Some(verify::prove(&test, &answers, &backbone)?),
        Some(_) => None,
    };
    match weights {
        Weights::Keep | Weights::F32 => {}
        Weights::F16 => weights_f16::store(&mut graph),
        Weights::Int8 => weights_int8::store(&mut graph),
    }
    let rounding = match weights {
        Weights::F16 | Weights::Int8 => Some(verify::largest_change(&answers, &run(&graph)?)),
        Weights::Keep | Weights::F32 => None,
    };
    if let (Some(weights), Some(heads)) = (replaced, changes) {
        metadata.shared_backbone = Some(SharedBackbone { weights, heads });
    }
    let mut proto = onnx::to_proto(graph);
    metadata.write(&mut proto);
    Ok(Merged { proto, metadata, backbone, multiply_adds, proof, rounding, notes: Vec::new(), warnings })
}

/// The storage format of all sources if it is the same, else 32-bit floats.
fn common_weight_format(sources: &[ImportedModel]) -> Weights {
    let first = sources.first().map_or(Weights::F32, |source| source.facts.weights);
    match sources.iter().all(|source| source.facts.weights == first) {
        true => first,
        false => Weights::F32,
    }
}

/// Replaces nearly equal backbones by one, if the options say so; its weights, if any were replaced.
fn share_backbones(graphs: &mut [Graph], sources: &[ImportedModel], options: &MergeOptions) -> Option<SharedWeights> {
    let weights = options.backbones.shared()?;
    let parts: Vec<usize> = sources.iter().map(|source| source.origins.len().max(1)).collect();
    backbone::share_weights(graphs, &parts, weights, options.tolerance).then_some(weights)
}

/// The record of the shared backbones that the sources already have.
fn inherited_shared_backbone(sources: &[ImportedModel]) -> Option<SharedBackbone> {
    let mut records = sources.iter().filter_map(|source| source.shared_backbone.clone());
    let mut first = records.next()?;
    first.heads.extend(records.flat_map(|record| record.heads));
    Some(first)
}

/// The sources' answers to the images of the options, else to synthetic ones: more, if answers are expected to change.
fn test_images(
    models: &mut Models,
    order: &[(usize, usize)],
    metadata: &Metadata,
    options: &MergeOptions,
    changing: bool,
) -> Result<TestImages> {
    let synthetic = match () {
        () if !options.images.is_empty() => Vec::new(),
        () if changing => test_images::many_synthetic()?,
        () => test_images::synthetic()?,
    };
    let images = if synthetic.is_empty() { (options.images.as_slice(), false) } else { (synthetic.as_slice(), true) };
    TestImages::of_sources(models, order, metadata, images)
}

/// Finds the block features φ if the rule reads them; checks that the rule fits.
fn taps(
    graph: &mut Graph,
    logits: &[ValueId],
    heads: &[HeadLabels],
    combination: &FittedRule,
) -> Result<BlockFeatures> {
    if combination.pools().is_empty() {
        combination.check(heads, None)?;
        return Ok(BlockFeatures::default());
    }
    graph.name = "merged".to_string();
    graph.outputs = logits.to_vec();
    let (taps, layout) = features::find(graph);
    combination.check(heads, Some(&layout))?;
    Ok(taps)
}

/// The sources' files in the order of the heads, then those without a head of their name.
fn origins(models: &Models, order: &[(usize, usize)]) -> Vec<SourceFile> {
    let of_head = |&(model, part): &(usize, usize)| {
        let ImportedModel { origins, heads, .. } = &models.sources[model];
        origins.iter().filter(move |o| o.name == heads[part].name)
    };
    let mut origins: Vec<SourceFile> = Vec::new();
    for origin in order.iter().flat_map(of_head).chain(models.sources.iter().flat_map(|s| &s.origins)) {
        if !origins.contains(origin) {
            origins.push(origin.clone());
        }
    }
    origins
}

/// The merged labels in the requested order, with the logits in the order of heads.
fn joint_labels(models: &Models, options: &MergeOptions) -> Result<MergedLabels> {
    let labels: Vec<MergedLabels> = models.sources.iter().map(|s| s.labels.clone()).collect();
    let mut joint = MergedLabels::join(&labels, options.duplicate_labels)?;
    // A replacing head's labels take the replaced ones' place, unless an explicit order was set before.
    let as_they_come = labels.iter().all(MergedLabels::is_in_logit_order);
    joint.reorder(&models.logit_order());
    if as_they_come {
        joint.in_logit_order();
    }
    if !options.edits.order.is_empty() {
        joint.order(&options.edits.order)?;
    }
    Ok(joint)
}
