//! The affine map from image levels to the first layer: preprocessing and scaling inside the graph.

use crate::canonical::Affine;
use crate::image::preprocess::Preprocessing;
use crate::onnx::{Graph, Node, ValueId};
use serde::Serialize;

/// The nodes at the start of a graph that scale and transpose its input.
pub(super) struct InputScaling {
    /// The value that the first other node reads.
    pub end: ValueId,
    /// In execution order.
    pub nodes: Vec<Node>,
    /// Per channel of the tensor: scale · input + shift.
    scale: Vec<f64>,
    shift: Vec<f64>,
    /// The channel axis of `end`.
    axis: usize,
}

/// The values that the levels 0 and 255 map to, for R, G and B.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ChannelRange([[f64; 2]; 3]);

/// The tolerance for equal maps, relative to the span of their values.
const SAME: f64 = 1e-5;

impl InputScaling {
    /// The scaling at the start of a canonical graph; `None` if its input is not a three-channel image. Only
    /// per-channel maps are included, so that zero padding after them keeps its meaning.
    pub(super) fn of(graph: &Graph) -> Option<InputScaling> {
        let input = *graph.inputs.first()?;
        let axis = match graph.shape(input)? {
            [_, Some(3), _, _] => 1,
            [_, _, _, Some(3)] => 3,
            _ => return None,
        };
        let mut prefix = InputScaling { end: input, nodes: Vec::new(), scale: vec![1.0; 3], shift: vec![0.0; 3], axis };
        let uses = graph.uses();
        while uses[prefix.end] == 1 {
            let Some(node) = graph.nodes.iter().find(|n| n.inputs.contains(&Some(prefix.end))) else { break };
            if !prefix.take(graph, node) {
                break;
            }
        }
        Some(prefix)
    }

    /// Appends a node that only scales or transposes.
    fn take(&mut self, graph: &Graph, node: &Node) -> bool {
        let Some(&output) = node.outputs.first().filter(|_| node.outputs.len() == 1) else { return false };
        if node.is("Transpose") {
            let place = node.ints("perm").and_then(|p| p.iter().position(|&a| a == self.axis as i64));
            let Some(place) = place else { return false };
            self.axis = place;
        } else {
            let affine = match Affine::of_batch_normalization(graph, node, 3) {
                Some(affine) if self.axis == 1 => affine,
                Some(_) => return false,
                None => match Affine::of_operand(graph, node, self.axis, 4, 3) {
                    Some((input, affine)) if input == self.end => affine,
                    _ => return false,
                },
            };
            // A channel multiplied by 0 would equal any other one.
            if affine.scale.contains(&0.0) {
                return false;
            }
            for channel in 0..3 {
                self.scale[channel] *= affine.scale[channel];
                self.shift[channel] = self.shift[channel] * affine.scale[channel] + affine.shift[channel];
            }
        }
        self.nodes.push(node.clone());
        self.end = output;
        true
    }

    /// Whether it has nodes other than transpositions.
    pub(super) fn scales(&self) -> bool {
        self.nodes.iter().any(|n| !n.is("Transpose"))
    }

    /// The names of its scaling nodes, for messages.
    pub(super) fn node_names(&self) -> Vec<String> {
        self.nodes.iter().filter(|n| !n.is("Transpose")).map(|n| n.display_name()).collect()
    }

    /// Whether two prefixes end with images of the same layout and size.
    pub(super) fn ends_like(&self, graph: &Graph, other: &InputScaling, of: &Graph) -> bool {
        let size = |graph: &Graph, value| graph.shape(value).and_then(|s| s.get(1..)).map(<[_]>::to_vec);
        self.axis == other.axis && size(graph, self.end).is_some() && size(graph, self.end) == size(of, other.end)
    }

    /// Whether two prefixes have the same nodes with the same constants.
    pub(super) fn alike(&self, graph: &Graph, other: &InputScaling, of: &Graph) -> bool {
        let constants = |graph: &Graph, node: &Node| -> Vec<_> {
            node.inputs.iter().flatten().map(|&v| graph.tensor(v).cloned()).collect()
        };
        let pairs = self.nodes.iter().zip(&other.nodes);
        self.nodes.len() == other.nodes.len()
            && pairs.clone().all(|(a, b)| a.op == b.op && a.domain == b.domain && a.attributes == b.attributes)
            && pairs.clone().all(|(a, b)| constants(graph, a) == constants(of, b))
    }

    /// The values that the levels map to after a preprocessing and this prefix.
    pub(super) fn levels(&self, preprocessing: &Preprocessing) -> ChannelRange {
        let mut levels = ChannelRange([[0.0; 2]; 3]);
        for (channel, colour) in preprocessing.channels.colours().into_iter().enumerate() {
            let (mean, std) = (f64::from(preprocessing.mean[colour]), f64::from(preprocessing.std[colour]));
            levels.0[colour] = preprocessing.range.map(|v| {
                let value = (f64::from(v) - mean) / std;
                self.scale[channel] * value + self.shift[channel]
            });
        }
        levels
    }

    /// The preprocessing with the range, mean and std that map to these levels at the first layer.
    pub(super) fn solve(&self, levels: &ChannelRange, preprocessing: &Preprocessing) -> Preprocessing {
        let mut ends = [[0.0; 2]; 3];
        for (channel, colour) in preprocessing.channels.colours().into_iter().enumerate() {
            ends[colour] = levels.0[colour].map(|v| (v - self.shift[channel]) / self.scale[channel]);
        }
        let mut solved = Preprocessing { mean: [0.0; 3], std: [1.0; 3], ..preprocessing.clone() };
        if ChannelRange(ends).uniform() {
            // Stated ranges are short decimal numbers.
            solved.range = ends[0].map(|v| ((v * 1e5).round() / 1e5) as f32);
        } else {
            solved.range = [0.0, 1.0];
            for (colour, [low, high]) in ends.into_iter().enumerate() {
                solved.std[colour] = (1.0 / (high - low)) as f32;
                solved.mean[colour] = (-low / (high - low)) as f32;
            }
        }
        solved
    }
}

impl ChannelRange {
    pub(super) fn agree(&self, other: &ChannelRange) -> bool {
        let span = self.0.iter().map(|[low, high]| (high - low).abs()).fold(0.0, f64::max);
        let pairs = self.0.iter().flatten().zip(other.0.iter().flatten());
        pairs.into_iter().all(|(a, b)| (a - b).abs() <= SAME * span)
    }

    fn uniform(&self) -> bool {
        self.0.iter().all(|of| ChannelRange([*of; 3]).agree(&ChannelRange([self.0[0]; 3])))
    }
}

impl std::fmt::Display for ChannelRange {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        let number = |v: f64| (v * 1e3).round() / 1e3 + 0.0;
        let span = |[low, high]: [f64; 2]| format!("{} to {}", number(low), number(high));
        if self.uniform() {
            return f.write_str(&span(self.0[0]));
        }
        write!(f, "R {}, G {}, B {}", span(self.0[0]), span(self.0[1]), span(self.0[2]))
    }
}
