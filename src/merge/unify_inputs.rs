//! Unifies the inputs of models that differ only by an affine map.

use super::input_scaling::InputScaling;
use super::warning::{inside, MergeWarning};
use crate::backbone::{fingerprint, WeightComparison};
use crate::error::{ErrorKind, Result};
use crate::image::preprocess::Preprocessing;
use crate::import::{GuessReason, ImportedModel, Provenance, WithProvenance};
use crate::onnx::{Graph, ValueId, ValueKind as ValueSource};
use std::collections::HashMap;

/// Models with one input.
pub(super) struct Unified {
    /// Whether each model's levels and layout equal the first model's.
    pub same: Vec<bool>,
    /// The changes made, for the report.
    pub notes: Vec<MergeWarning>,
}

/// Replaces the scaling at the start of every later graph by the first graph's, if both map image levels to the same
/// first-layer inputs; nodes after the scaling are unchanged. A guessed preprocessing is first replaced by that of
/// another model with the same first layer.
///
/// # Errors
/// `different-input-maps` if the first layers are equal and expect different levels.
pub(super) fn unify(
    sources: &mut [ImportedModel],
    graphs: &mut [Graph],
    stated: Option<&Preprocessing>,
    weights: &dyn WeightComparison,
) -> Result<Unified> {
    for source in sources.iter_mut() {
        let layout = source.preprocessing.value.layout;
        let stated = stated.map(|stated| Preprocessing { layout, ..stated.clone() });
        if let Some(value) = stated.filter(|stated| *stated != source.preprocessing.value) {
            source.preprocessing = WithProvenance { value, from: Provenance::Stated("what was stated".into()) };
        }
    }
    let mut unified = Unified { same: vec![false; sources.len()], notes: Vec::new() };
    let prefixes: Vec<Option<InputScaling>> = graphs.iter().map(InputScaling::of).collect();
    unified.notes.extend(settle_guesses(sources, graphs, &prefixes, weights));
    for model in 1..sources.len() {
        let (Some(first), Some(own)) = (&prefixes[0], &prefixes[model]) else { continue };
        let (source, kept) = (&sources[model], &sources[0]);
        let (given, expected) = (&source.preprocessing.value, &kept.preprocessing.value);
        if !own.ends_like(&graphs[model], first, &graphs[0]) || given.channels != expected.channels {
            continue;
        }
        let (found, wanted) = (own.levels(given), first.levels(expected));
        if !found.agree(&wanted) {
            if (first.scales() || own.scales()) && same_layer(graphs, (0, first.end), (model, own.end), weights) {
                return Err(ErrorKind::DifferentInputMaps {
                    first: kept.name.clone(),
                    first_from: format!("{}; {}", kept.preprocessing.from, inside(&first.node_names())),
                    model: source.name.clone(),
                    from: format!("{}; {}", source.preprocessing.from, inside(&own.node_names())),
                    expected: wanted.to_string(),
                    found: found.to_string(),
                }
                .into());
            }
            continue;
        }
        unified.same[model] = true;
        if given.layout == expected.layout && own.alike(&graphs[model], first, &graphs[0]) {
            continue;
        }
        unified.notes.push(MergeWarning::InputReplaced {
            model: source.name.clone(),
            first: kept.name.clone(),
            nodes: first.node_names(),
            own: own.node_names(),
            levels: wanted,
        });
        let (before, after) = graphs.split_at_mut(model);
        replace(&before[0], first, &mut after[0], own.end);
    }
    Ok(unified)
}

/// The certainty of a model's preprocessing: 2 if it is stated, 1 if the graph scales the levels itself, else 0.
fn certainty(source: &ImportedModel, prefix: Option<&InputScaling>) -> u8 {
    match (source.preprocessing.from.is_guess(), prefix) {
        (false, _) => 2,
        (true, Some(prefix)) if prefix.scales() => 1,
        (true, _) => 0,
    }
}

fn settle_guesses(
    sources: &mut [ImportedModel],
    graphs: &[Graph],
    prefixes: &[Option<InputScaling>],
    weights: &dyn WeightComparison,
) -> Vec<MergeWarning> {
    let sure: Vec<u8> = sources.iter().zip(prefixes).map(|(s, p)| certainty(s, p.as_ref())).collect();
    let mut notes = Vec::new();
    for model in 0..sources.len() {
        let better = |other: &usize| {
            let (Some(a), Some(b)) = (&prefixes[*other], &prefixes[model]) else { return false };
            sure[*other] > sure[model]
                && a.ends_like(&graphs[*other], b, &graphs[model])
                && same_layer(graphs, (*other, a.end), (model, b.end), weights)
        };
        let known = (0..sources.len()).filter(better).max_by_key(|&other| (sure[other], std::cmp::Reverse(other)));
        let Some(known) = known else { continue };
        let (Some(from), Some(own)) = (&prefixes[known], &prefixes[model]) else { continue };
        let sample = sources[known].preprocessing.value.clone();
        let guess = &sources[model].preprocessing.value;
        let mut settled = guess.clone();
        if sure[known] == 2 {
            let (width, height, layout) = (guess.width, guess.height, guess.layout);
            let (range, mean, std) = (guess.range, guess.mean, guess.std);
            settled = Preprocessing { width, height, layout, range, mean, std, ..sample.clone() };
        }
        let levels = from.levels(&sample);
        if !from.scales() && !own.scales() {
            (settled.range, settled.mean, settled.std) = (sample.range, sample.mean, sample.std);
        } else if !own.levels(&settled).agree(&levels) {
            settled = own.solve(&levels, &settled);
        }
        if settled != *guess && settled.validate().is_ok() {
            let name = sources[known].name.clone();
            let (model_name, other) = (sources[model].name.clone(), name.clone());
            notes.push(MergeWarning::GuessReplaced { model: model_name, other, levels });
            sources[model].preprocessing =
                WithProvenance { value: settled, from: Provenance::guess(GuessReason::SameLayer { model: name }) };
        }
    }
    notes
}

/// Whether the same layer with weights follows two values, each given with its graph's index.
fn same_layer(graphs: &[Graph], a: (usize, ValueId), b: (usize, ValueId), weights: &dyn WeightComparison) -> bool {
    let layers = |(model, end): (usize, ValueId)| {
        let graph = &graphs[model];
        let readers = graph.nodes.iter().filter(move |n| n.inputs.contains(&Some(end)));
        readers.filter_map(move |n| fingerprint(graph, n, |v| (v == end).then_some(0))).collect::<Vec<_>>()
    };
    let same = |ours: &[ValueId], theirs: &[ValueId]| {
        let pairs = ours.iter().zip(theirs);
        !ours.is_empty()
            && pairs.into_iter().all(|(&ours, &theirs)| match (graphs[a.0].tensor(ours), graphs[b.0].tensor(theirs)) {
                (Some(ours), Some(theirs)) => weights.same(ours, theirs).is_some(),
                _ => false,
            })
    };
    let theirs = layers(b);
    layers(a).iter().any(|(print, ours)| theirs.iter().any(|(other, theirs)| print == other && same(ours, theirs)))
}

/// Replaces the part of `graph` before `end` by another graph's input and prefix.
fn replace(first: &Graph, prefix: &InputScaling, graph: &mut Graph, end: ValueId) {
    let mut places: HashMap<ValueId, ValueId> = HashMap::new();
    let mut copy = |graph: &mut Graph, value: ValueId| {
        *places.entry(value).or_insert_with(|| {
            graph.values.push(first.values[value].clone());
            graph.values.len() - 1
        })
    };
    let inputs: Vec<ValueId> = first.inputs.iter().map(|&v| copy(graph, v)).collect();
    let mut nodes = prefix.nodes.clone();
    for node in &mut nodes {
        let values = node.inputs.iter_mut().flatten().chain(&mut node.outputs);
        values.for_each(|value| *value = copy(graph, *value));
    }
    let start = copy(graph, prefix.end);
    graph.replace_uses(end, start);
    debug_assert!(inputs.iter().all(|&v| graph.values[v].source == ValueSource::Input));
    graph.inputs = inputs;
    graph.nodes.splice(0..0, nodes);
    graph.prune_and_sort();
}
