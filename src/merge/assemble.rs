//! Assembles the merged graph: one backbone, all heads, named outputs.

use crate::backbone::Alignment;
use crate::features::BlockFeatures;
use crate::head;
use crate::import::ImportedModel;
use crate::labels::{HeadLabels, MergedLabels};
use crate::onnx::{DataType, Graph, LinearLayer, TypeAndShape, ValueId, ValueKind as ValueSource};
use crate::rule::FittedRule;

/// The logits of the heads, given as (model, head of the model), in the aligned graph.
pub(super) fn logits(graphs: &[Graph], joined: &Alignment, heads: &[(usize, usize)]) -> Vec<ValueId> {
    let of = |&(model, head): &(usize, usize)| {
        let output = graphs.get(model)?.outputs.get(head)?;
        joined.places.get(model)?.get(output).copied()
    };
    heads.iter().filter_map(of).collect()
}

/// The merged graph with its outputs `probabilities`, `logits`, `features`, `head_probabilities` and
/// `none_probability`.
pub(super) fn assemble(
    joined: Alignment,
    sources: &[ImportedModel],
    heads: &[HeadLabels],
    labels: &MergedLabels,
    logits: &[ValueId],
    (combination, taps): (&FittedRule, &BlockFeatures),
) -> Graph {
    let features: Vec<Option<ValueId>> = logits.iter().map(|&z| head::features(&joined.graph, z)).collect();
    let mut graph = prefixed(joined, sources);
    graph.name = "polyhead".to_string();
    let together = concatenated(&mut graph, logits);
    graph.values[together].name = "logits".to_string();
    let combined = combination.write(&mut graph, together, taps, heads, labels);
    let mut outputs = vec![combined.probabilities, together];
    let shared = features.first().copied().flatten().filter(|first| features.iter().all(|f| f.as_ref() == Some(first)));
    if shared.is_none() {
        for (head, value) in heads.iter().zip(&features) {
            if let Some(value) = *value {
                let features = named(&mut graph, value, &format!("features.{}", head.name), &outputs);
                outputs.push(features);
            }
        }
    }
    if let Some(features) = combined.features.or(shared) {
        let features = named(&mut graph, features, "features", &outputs);
        outputs.push(features);
    }
    outputs.extend(combined.head_probabilities.into_iter().chain(combined.none_probability));
    graph.outputs = outputs;
    set_batch(&mut graph, sources);
    graph.prune_and_sort();
    graph
}

/// The sources' other metadata: a key with the same value in all sources that have it is kept, others get the source's
/// name as prefix.
pub(super) fn foreign(sources: &[ImportedModel]) -> Vec<(String, String)> {
    let all = || sources.iter().flat_map(|s| s.foreign.iter().map(move |entry| (s, entry)));
    let mut kept: Vec<(String, String)> = Vec::new();
    for (source, (key, value)) in all() {
        let agreed = all().all(|(_, (k, v))| k != key || v == value);
        let key = if agreed { key.clone() } else { format!("{}/{key}", source.name) };
        if !kept.iter().any(|(k, _)| *k == key) {
            kept.push((key, value.clone()));
        }
    }
    kept
}

/// Prefixes the nodes and values of later models alone with their model's name, to distinguish them from the first
/// model's.
fn prefixed(joined: Alignment, sources: &[ImportedModel]) -> Graph {
    let Alignment { mut graph, members, .. } = joined;
    for (node, members) in graph.nodes.iter_mut().zip(&members) {
        let owner = match members.first() {
            Some(&owner) if owner > 0 => &sources[owner].name,
            _ => continue,
        };
        node.name = format!("{owner}/{}", node.name);
        for &output in &node.outputs {
            let name = &mut graph.values[output].name;
            *name = format!("{owner}/{name}");
        }
    }
    graph
}

/// Makes the batch of input and outputs symbolic if every source leaves it open, else fixed.
fn set_batch(graph: &mut Graph, sources: &[ImportedModel]) {
    let fixed = sources.iter().find_map(|s| s.graph.dim(*s.graph.inputs.first()?, 0));
    for &value in graph.inputs.iter().take(1).chain(&graph.outputs) {
        if let Some(dim) = graph.values[value].fact.shape.as_mut().and_then(|s| s.first_mut()) {
            *dim = fixed;
        }
    }
}

/// Concatenates all logits; consecutive linear heads on one value become one linear layer.
fn concatenated(graph: &mut Graph, logits: &[ValueId]) -> ValueId {
    let mut groups: Vec<Vec<ValueId>> = Vec::new();
    for &value in logits {
        let input = |value| LinearLayer::of(graph, value).map(|l| l.input);
        match groups.last_mut() {
            Some(group) if input(value).is_some() && input(group[0]) == input(value) => group.push(value),
            _ => groups.push(vec![value]),
        }
    }
    let parts: Vec<ValueId> = groups.iter().map(|group| one_layer(graph, group).unwrap_or(group[0])).collect();
    match parts[..] {
        // The output's name must not rename a single head's own value.
        [only] => only,
        _ => graph.concatenate("logits", &parts),
    }
}

/// Merges several linear layers on one value into one with all their rows.
fn one_layer(graph: &mut Graph, group: &[ValueId]) -> Option<ValueId> {
    if group.len() < 2 {
        return None;
    }
    let layers = group.iter().map(|&v| LinearLayer::of(graph, v)).collect::<Option<Vec<_>>>()?;
    let first = layers.first()?;
    let layer = LinearLayer {
        name: "heads".into(),
        weights: layers.iter().flat_map(|l| l.weights.iter().copied()).collect(),
        bias: layers.iter().flat_map(|l| l.bias.iter().copied()).collect(),
        ..first.clone()
    };
    let fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(vec![None, Some(layer.rows())]) };
    Some(layer.write(graph, fact))
}

/// Names a value as an output; a value that is already an output is passed on under a second name.
fn named(graph: &mut Graph, value: ValueId, name: &str, outputs: &[ValueId]) -> ValueId {
    if matches!(graph.values[value].source, ValueSource::Node) && !outputs.contains(&value) {
        graph.values[value].name = name.to_string();
        return value;
    }
    graph.pass_on(value, name)
}
