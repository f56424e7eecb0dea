//! Finds the heads of a merged graph that are linear on globally averaged maps.

use crate::labels::HeadLabels;
use crate::onnx::pb::{GraphProto, NodeProto, TensorProto};
use crate::onnx::{self, dequantize, ModelProto, Tensor};
use std::collections::HashMap;

/// The tensors from which class activation maps are computed, per head.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    /// The names of the last maps, without repetition.
    pub maps: Vec<String>,
    /// In the order of the heads; `None` if a head is not linear on the average of a map.
    pub heads: Vec<Option<LinearHead>>,
}

/// A head that is linear on the average of a map.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearHead {
    /// The map's index in [`Plan::maps`].
    pub map: usize,
    /// [labels, channels], row-major; `None` if the map's own channels are the labels.
    pub weights: Option<Vec<f32>>,
}

/// The maximum number of nodes between the logits and the map.
const DEPTH: usize = 64;

/// The plan of a merged model; reads only its structure and the weights of its last layers.
pub fn plan(proto: &ModelProto, heads: &[HeadLabels]) -> Plan {
    let mut plan = Plan { maps: Vec::new(), heads: vec![None; heads.len()] };
    let Some(graph) = &proto.graph else { return plan };
    let known = Known::new(graph);
    let parts = known.parts("logits", DEPTH);
    let widths: Vec<usize> = heads.iter().map(|h| h.labels.len()).collect();
    let total = widths.iter().sum();
    let mut first = 0;
    for (head, width) in widths.into_iter().enumerate() {
        plan.heads[head] = part_of(&parts, first, width, total).map(|(map, weights)| {
            let place = plan.maps.iter().position(|m| m == map).unwrap_or_else(|| {
                plan.maps.push(map.to_string());
                plan.maps.len() - 1
            });
            LinearHead { map: place, weights }
        });
        first += width;
    }
    plan
}

/// Adjacent logits that one layer computes; unknown by default.
#[derive(Debug, Default)]
struct Part<'a> {
    /// The number of logits; `None` if the structure does not define it.
    width: Option<usize>,
    map: Option<&'a str>,
    /// [width, channels].
    weights: Option<Vec<f32>>,
}

/// The map and the weights of `width` logits from `first` on, if one part contains them all.
fn part_of<'a>(parts: &[Part<'a>], first: usize, width: usize, total: usize) -> Option<(&'a str, Option<Vec<f32>>)> {
    let sum = |parts: &[Part]| parts.iter().try_fold(0, |sum, part| Some(sum + part.width?));
    let part = (0..parts.len()).find_map(|at| {
        // With one part of unknown width, the parts before it are counted from the front, those after it from the
        // end.
        let start = sum(&parts[..at]).or_else(|| total.checked_sub(sum(&parts[at..])?))?;
        let end = sum(&parts[..=at]).or_else(|| total.checked_sub(sum(&parts[at + 1..])?))?;
        (start <= first && first + width <= end).then_some((&parts[at], start, end))
    });
    let (part, start, end) = part?;
    let weights = match &part.weights {
        Some(weights) => {
            let channels = weights.len().checked_div(end - start)?;
            Some(weights.get((first - start) * channels..(first - start + width) * channels)?.to_vec())
        }
        None if (start, end) == (first, first + width) => None,
        None => return None,
    };
    Some((part.map?, weights))
}

/// A graph's nodes by output name, and its constants by name.
struct Known<'a> {
    nodes: HashMap<&'a str, &'a NodeProto>,
    tensors: HashMap<&'a str, &'a TensorProto>,
}

impl<'a> Known<'a> {
    fn new(graph: &'a GraphProto) -> Known<'a> {
        let outputs = |node: &'a NodeProto| node.output.iter().map(move |name| (name.as_str(), node));
        Known {
            nodes: graph.node.iter().flat_map(outputs).collect(),
            tensors: graph.initializer.iter().map(|t| (t.name.as_str(), t)).collect(),
        }
    }

    /// The parts of a vector of logits, in order.
    fn parts(&self, value: &str, depth: usize) -> Vec<Part<'a>> {
        let Some((node, depth)) = self.nodes.get(value).zip(depth.checked_sub(1)) else { return vec![Part::default()] };
        let input = |at: usize| node.input.get(at).map(String::as_str).unwrap_or_default();
        match standard(node) {
            "Identity" | "Dropout" => self.parts(input(0), depth),
            "Concat" if [1, -1].contains(&int(node, "axis", 0)) => {
                node.input.iter().flat_map(|name| self.parts(name, depth)).collect()
            }
            "Gemm" | "MatMul" => vec![self.linear(node).unwrap_or_default()],
            // A separate bias.
            "Add" if self.tensors.contains_key(input(1)) => self.parts(input(0), depth),
            _ => vec![Part { map: self.averaged(value), ..Part::default() }],
        }
    }

    fn linear(&self, node: &'a NodeProto) -> Option<Part<'a>> {
        let (rows, factor) = match node.op_type.as_str() {
            "Gemm" => (int(node, "transB", 0) == 1, node.named("alpha").map_or(1.0, |a| a.f)),
            _ => (false, 1.0),
        };
        let tensor = self.tensor(node.input.get(1)?)?;
        let (&[first, second], values) = (tensor.dims.as_slice(), tensor.f32s()?) else { return None };
        let (labels, channels) = if rows { (first, second) } else { (second, first) };
        let place = |label: usize, k: usize| if rows { label * channels + k } else { k * labels + label };
        let places = (0..labels).flat_map(|label| (0..channels).map(move |k| place(label, k)));
        let weights = places.map(|at| Some(values.get(at)? * factor)).collect::<Option<_>>()?;
        let plain = int(node, "transA", 0) == 0;
        let map = node.input.first().filter(|_| plain).and_then(|name| self.averaged(name));
        Some(Part { width: Some(labels), map, weights: Some(weights) })
    }

    /// A constant, also if it is stored in fewer bits.
    fn tensor(&self, name: &str) -> Option<Tensor> {
        if let Some(&tensor) = self.tensors.get(name) {
            return Tensor::from_proto(tensor.clone()).ok();
        }
        let node = self.nodes.get(name)?;
        let input = |at: usize| {
            let tensor: &TensorProto = self.tensors.get(node.input.get(at)?.as_str())?;
            Tensor::from_proto(tensor.clone()).ok()
        };
        match standard(node) {
            "Cast" => input(0),
            "DequantizeLinear" => dequantize(&input(0)?, &input(1)?, input(2).as_ref(), int(node, "axis", 1)),
            _ => None,
        }
    }

    /// The map whose average over all positions a vector is.
    fn averaged(&self, vector: &str) -> Option<&'a str> {
        let mut node = *self.nodes.get(vector)?;
        for _ in 0..DEPTH {
            let input = node.input.first()?;
            match standard(node) {
                "Flatten" | "Reshape" | "Squeeze" | "Identity" | "Dropout" => node = self.nodes.get(input.as_str())?,
                "GlobalAveragePool" => return Some(input),
                "ReduceMean" if node.named("axes").is_some_and(|a| a.ints == [2, 3]) => return Some(input),
                _ => return None,
            }
        }
        None
    }
}

/// The operator, if it is in the standard domain.
fn standard(node: &NodeProto) -> &str {
    if onnx::standard(&node.domain).is_empty() {
        &node.op_type
    } else {
        ""
    }
}

fn int(node: &NodeProto, name: &str, default: i64) -> i64 {
    node.named(name).map_or(default, |a| a.i)
}
