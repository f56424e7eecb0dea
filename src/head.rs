//! Finds the output of a classifier: its logits, their activation, and the features before them.

use crate::error::{ErrorKind, Result};
use crate::labels::Activation;
use crate::onnx::{self, is_float, Attribute, Attributes, Graph, LinearLayer, Node, Tensor, TypeAndShape, ValueId};
use std::collections::HashMap;

/// The end of a classifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadOutput {
    /// [N, width], before the activation.
    pub logits: ValueId,
    pub width: usize,
    /// The activation after the logits; softmax if the model ends with logits.
    pub activation: Activation,
    /// Whether the original model ended with the activation.
    pub stripped: bool,
}

/// Moves a flatten of [N, C, 1, 1] scores before the activation (SqueezeNet), so that [`find`] finds logits of shape
/// [N, C]. Shapes must be known.
pub fn move_flatten_before_activation(graph: &mut Graph) {
    for output in graph.outputs.clone() {
        if swap_flatten(graph, output).is_some() {
            graph.prune_and_sort();
        }
    }
}

fn swap_flatten(graph: &mut Graph, output: ValueId) -> Option<()> {
    let producers = graph.producers();
    let mut at = *producers.get(&output)?;
    while ["Identity", "Dropout", "Cast"].iter().any(|op| graph.nodes[at].is(op)) {
        at = *producers.get(&graph.nodes[at].input(0)?)?;
    }
    let flatten = &graph.nodes[at];
    let (scores, flat) = (flatten.input(0)?, *flatten.outputs.first()?);
    let activation = &graph.nodes[*producers.get(&scores)?];
    let logits = activation.input(0)?;
    let old = graph.opsets.get("").is_some_and(|&v| v < 13);
    let over_channels = match activation.op.as_str() {
        "Softmax" | "LogSoftmax" => [1, -3].contains(&activation.int("axis", if old { 1 } else { -1 })),
        "Sigmoid" => true,
        _ => false,
    };
    let flattens = ["Flatten", "Reshape", "Squeeze"].iter().any(|op| flatten.is(op));
    let &[images, Some(classes), Some(1), Some(1)] = graph.shape(logits)? else { return None };
    let shape = [images, Some(classes)];
    if !flattens || !activation.domain.is_empty() || !over_channels || graph.shape(flat)? != shape {
        return None;
    }
    let fact = TypeAndShape { dtype: graph.values[logits].fact.dtype, shape: Some(shape.to_vec()) };
    let (mut first, mut last) = (flatten.clone(), activation.clone());
    let name = format!("{}.flat", graph.values[logits].name);
    let vector = graph.add_value(name, crate::onnx::ValueKind::Node, fact);
    (first.inputs[0], last.inputs[0]) = (Some(logits), Some(vector));
    last.outputs = std::mem::replace(&mut first.outputs, vec![vector]);
    if last.op != "Sigmoid" {
        last.attributes.insert("axis".to_string(), Attribute::Int(1));
    }
    graph.nodes[at] = last;
    graph.nodes.push(first);
    Some(())
}

/// Finds the head of a graph whose shapes are known.
///
/// # Errors
/// `unsupported-model` where the output is not a table of scores: a dictionary, a label, boxes or masks.
pub fn find(graph: &Graph, labels: Option<usize>) -> Result<HeadOutput> {
    let output = scores(graph, labels)?;
    let producers = graph.producers();
    let (mut value, mut activation, mut stripped) = (output, Activation::Softmax, false);
    while let Some(node) = producers.get(&value).map(|&p| &graph.nodes[p]) {
        let Some(input) = node.input(0).filter(|_| node.domain.is_empty()) else { break };
        match node.op.as_str() {
            "Identity" | "Dropout" | "Cast" => {}
            "Softmax" | "LogSoftmax" if !stripped && along_classes(graph, node, input) => stripped = true,
            "Sigmoid" if !stripped => (activation, stripped) = (Activation::Sigmoid, true),
            _ => break,
        }
        value = input;
    }
    let width = class_count(graph, value).or_else(|| class_count(graph, output));
    let Some(width) = width else {
        return Err(no_classifier(graph, output, "a known number of classes"));
    };
    Ok(HeadOutput { logits: value, width, activation, stripped })
}

/// The output with the scores: the only one of shape [N, classes], or the one with as many classes as labels.
fn scores(graph: &Graph, labels: Option<usize>) -> Result<ValueId> {
    let producers = graph.producers();
    for &output in &graph.outputs {
        let node = producers.get(&output).map(|&p| &graph.nodes[p]);
        match node.map(|n| n.op.as_str()) {
            Some("ZipMap") => {
                let remedy = "convert it with the option zipmap=False";
                return Err(unsupported(graph, output, "a table of scores", "a dictionary (ZipMap)", remedy));
            }
            Some("ArgMax") if graph.outputs.len() == 1 => {
                let (expected, found) = ("a score for every label", "only the best label (ArgMax)");
                return Err(unsupported(graph, output, expected, found, "export the model without its last ArgMax"));
            }
            _ => {}
        }
    }
    let tables: Vec<ValueId> = graph.outputs.iter().copied().filter(|&v| is_table(graph, v)).collect();
    let fitting = |&&v: &&ValueId| labels.is_some() && class_count(graph, v) == labels;
    match tables.as_slice() {
        [] => Err(no_classifier(graph, graph.outputs[0], "[images, classes]")),
        [only] => Ok(*only),
        several => match several.iter().filter(fitting).copied().collect::<Vec<_>>().as_slice() {
            [only] => Ok(*only),
            _ => {
                let names: Vec<_> = several.iter().map(|&v| format!("'{}'", graph.values[v].name)).collect();
                let remedy = "export the model with the scores as its only output";
                Err(unsupported(graph, several[0], "one output of scores", &names.join(", "), remedy))
            }
        },
    }
}

fn is_table(graph: &Graph, value: ValueId) -> bool {
    graph.shape(value).is_some_and(|s| s.len() == 2) && graph.values[value].fact.dtype.is_none_or(is_float)
}

fn class_count(graph: &Graph, value: ValueId) -> Option<usize> {
    graph.shape(value).filter(|shape| shape.len() == 2)?[1]
}

fn along_classes(graph: &Graph, node: &Node, input: ValueId) -> bool {
    let rank = graph.shape(input).map_or(2, <[_]>::len) as i64;
    let default = if graph.opsets.get("").is_some_and(|&v| v < 13) { 1 } else { -1 };
    let axis = node.int("axis", default);
    rank == 2 && (axis == 1 || axis == -1)
}

/// The pooled value from which the logits are computed: the output of the last node that flattens a map to a vector.
/// `None` without such a node. Shapes must be known.
pub fn features(graph: &Graph, logits: ValueId) -> Option<ValueId> {
    let ancestors = graph.ancestors(&[logits]);
    let rank = |v: ValueId| graph.shape(v).map(<[_]>::len);
    let flattens = |node: &Node| {
        let from_map = node.inputs.iter().flatten().any(|&v| graph.tensor(v).is_none() && rank(v) > Some(2));
        from_map && node.outputs.first().is_some_and(|&v| rank(v) == Some(2))
    };
    let last = (0..graph.nodes.len()).rev().find(|at| ancestors.contains(at) && flattens(&graph.nodes[*at]))?;
    graph.nodes[last].outputs.first().copied()
}

/// Expands the single output z of a binary head to the logits [0, z] of two labels, whose softmax is [1 − σ(z), σ(z)].
pub fn expand_binary_logit(graph: &mut Graph, head: &HeadOutput) -> HeadOutput {
    let name = format!("{}.two", graph.values[head.logits].name);
    let (weights, bias) = (vec![0.0, 1.0], vec![0.0; 2]);
    let fact = graph.of_width(head.logits, 2);
    let logits = LinearLayer { name, input: head.logits, weights, bias, columns: 1 }.write(graph, fact);
    HeadOutput { logits, width: 2, activation: Activation::Softmax, stripped: head.stripped }
}

fn no_classifier(graph: &Graph, output: ValueId, expected: &str) -> crate::Error {
    let found = match graph.shape(output) {
        Some(shape) => {
            let dims: Vec<_> = shape.iter().map(|d| d.map_or("?".to_string(), |d| d.to_string())).collect();
            format!("[{}], which is no image classifier (a detector or segmenter?)", dims.join(", "))
        }
        None => "a value of unknown shape".to_string(),
    };
    unsupported(graph, output, &format!("scores of the shape {expected}"), &found, "give a classifier")
}

fn unsupported(graph: &Graph, output: ValueId, expected: &str, found: &str, remedy: &str) -> crate::Error {
    onnx::unsupported(&graph.name, format!("output '{}'", graph.values[output].name), expected, found, remedy)
}

/// Returns the logits of each head of a merged graph, whose output `logits` concatenates them. A last layer that
/// several heads share is split.
///
/// # Errors
/// `metadata` where the output is missing or has another width, or a head has no labels.
pub fn split_logits(graph: &mut Graph, heads: &[crate::labels::HeadLabels]) -> Result<Vec<ValueId>> {
    let widths: Vec<usize> = heads.iter().map(|h| h.labels.len()).collect();
    let logits = graph.outputs.iter().copied().find(|&v| graph.values[v].name == "logits");
    let bad = |found: String| ErrorKind::Metadata {
        model: graph.name.clone(),
        key: "polyhead.heads".into(),
        expected: format!("an output 'logits' of {} numbers", widths.iter().sum::<usize>()),
        found,
    };
    let logits = logits.ok_or_else(|| bad("no such output".into()))?;
    let found = class_count(graph, logits);
    if widths.is_empty() || widths.contains(&0) || found != Some(widths.iter().sum()) {
        return Err(bad(found.map_or("an unknown number".into(), |n| n.to_string())).into());
    }
    let name = graph.name.clone();
    let producers = graph.producers();
    let parts = parts(graph, &producers, logits, &widths, DEPTH);
    let apart: Vec<Option<usize>> = parts.iter().map(|&v| class_count(graph, v)).collect();
    if !apart.iter().copied().eq(widths.iter().map(|&w| Some(w))) {
        let (key, found) = ("polyhead.heads".into(), format!("{apart:?}"));
        return Err(
            ErrorKind::Metadata { model: name, key, expected: format!("heads of {widths:?} labels"), found }.into()
        );
    }
    Ok(parts)
}

/// The maximum depth of nested Concats that are split.
const DEPTH: usize = 32;

/// Splits a value along the classes into parts of these widths, which add up to its width. Concats and linear layers
/// are split without a Slice.
fn parts(
    graph: &mut Graph,
    producers: &HashMap<ValueId, usize>,
    value: ValueId,
    widths: &[usize],
    depth: usize,
) -> Vec<ValueId> {
    if widths.len() == 1 {
        return vec![value];
    }
    let node = producers.get(&value).map(|&p| graph.nodes[p].clone());
    let node = node.filter(|n| n.outputs.first() == Some(&value));
    match node {
        Some(node) if node.is("Concat") && depth > 0 => match concatenated(graph, &node, widths) {
            Some(groups) => {
                let counts: Vec<usize> = groups.iter().map(|(_, count)| *count).collect();
                let own = groups.iter().zip(ranges(&counts));
                own.flat_map(|((input, _), own)| parts(graph, producers, *input, &widths[own], depth - 1)).collect()
            }
            None => slices(graph, value, widths),
        },
        _ => rows(graph, value, widths).unwrap_or_else(|| slices(graph, value, widths)),
    }
}

/// The inputs of a Concat along the classes, and the number of widths that each covers; `None` if the widths do not
/// align.
fn concatenated(graph: &Graph, node: &Node, widths: &[usize]) -> Option<Vec<(ValueId, usize)>> {
    if ![1, -1].contains(&node.int("axis", 0)) {
        return None;
    }
    let mut rest = widths.iter();
    let mut groups = Vec::new();
    for input in &node.inputs {
        let input = (*input)?;
        let width = class_count(graph, input).filter(|&w| w > 0)?;
        let (mut sum, mut count) = (0usize, 0);
        while sum < width {
            sum = sum.checked_add(*rest.next()?)?;
            count += 1;
        }
        if sum != width {
            return None;
        }
        groups.push((input, count));
    }
    rest.next().is_none().then_some(groups)
}

/// Splits one linear layer into one per head.
fn rows(graph: &mut Graph, value: ValueId, widths: &[usize]) -> Option<Vec<ValueId>> {
    let layer = LinearLayer::of(graph, value).filter(|layer| layer.rows() == widths.iter().sum::<usize>())?;
    let parts = ranges(widths).enumerate().map(|(number, part)| {
        let fact = graph.of_width(value, part.len());
        LinearLayer { name: format!("{}.{number}", layer.name), ..layer.select(part) }.write(graph, fact)
    });
    Some(parts.collect())
}

fn slices(graph: &mut Graph, value: ValueId, widths: &[usize]) -> Vec<ValueId> {
    let parts = ranges(widths).map(|part| {
        let name = format!("{}.{}", graph.values[value].name, part.start);
        let bounds = [part.start as i64, part.end as i64, 1];
        let [start, end, axis] = bounds.map(|v| graph.add_initializer("bound", Tensor::from_i64(&[v])));
        let fact = graph.of_width(value, part.len());
        graph.add_node(name, "Slice", Attributes::new(), &[value, start, end, axis], fact)
    });
    parts.collect()
}

/// Consecutive ranges of these widths, starting at 0.
fn ranges(widths: &[usize]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    widths.iter().scan(0, |end, width| {
        *end += width;
        Some(*end - width..*end)
    })
}
