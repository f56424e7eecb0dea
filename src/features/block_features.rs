//! Block features: the pooled features and pooled outputs of earlier shared blocks.
//!
//! Statistics of earlier blocks separate labels that the last features do not (compare Head2Toe, Evci et al. 2022).
//! The blocks are found by structure: a value of the shared layers on which alone everything after it depends.

use crate::onnx::{attributes, Attribute, Attributes, DataType, Graph, TypeAndShape, ValueId};
use serde::{Deserialize, Serialize};

/// The statistic that is taken of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The pooled features as they are.
    Features,
    /// The average over the image, one number per channel.
    Average,
    /// The maximum over the image, one number per channel.
    Maximum,
    /// The standard deviation over the image (divided by the number of positions, not one less), one number per
    /// channel.
    Deviation,
}

impl Pooling {
    /// All of them, in the order of [`FeatureLayout`].
    pub const ALL: [Pooling; 4] = [Pooling::Features, Pooling::Average, Pooling::Maximum, Pooling::Deviation];
}

/// The statistics of a map.
const MAPPED: [Pooling; 3] = [Pooling::Average, Pooling::Maximum, Pooling::Deviation];

/// A range of numbers of one kind from one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
pub struct FeatureRange {
    /// The value of the canonical graph.
    pub value: String,
    pub pool: Pooling,
    /// The number of features.
    pub width: usize,
}

/// The layout of the numbers φ of an image: the pooled features (of each head, if the heads share none), then
/// average, maximum and standard deviation of each tapped value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
pub struct FeatureLayout(pub Vec<FeatureRange>);

/// The maximum number of tapped channels; each gives three numbers.
pub const CHANNELS: usize = 768;
/// The maximum number of tapped values, counted from the last one.
pub const TAPS: usize = 5;

/// The values of a graph from which φ is computed.
#[derive(Clone, Debug, Default)]
pub struct BlockFeatures {
    /// Each [N, D], distinct.
    features: Vec<ValueId>,
    /// Each [N, C, H, W], from the first block to the last.
    maps: Vec<ValueId>,
}

impl FeatureLayout {
    /// The kinds and widths of the ranges.
    pub fn kinds(&self) -> Vec<(Pooling, usize)> {
        self.0.iter().map(|section| (section.pool, section.width)).collect()
    }

    /// D, the number of features.
    pub fn width(&self) -> usize {
        self.0.iter().map(|s| s.width).sum()
    }

    /// The kinds of the ranges.
    pub fn pools(&self) -> Vec<Pooling> {
        Pooling::ALL.into_iter().filter(|pool| self.0.iter().any(|s| s.pool == *pool)).collect()
    }

    /// The ranges of these kinds.
    pub fn only(&self, pools: &[Pooling]) -> FeatureLayout {
        FeatureLayout(self.0.iter().filter(|s| pools.contains(&s.pool)).cloned().collect())
    }

    /// The indices of this layout's features in φ of the layout `whole`; `None` if one is missing there.
    pub fn columns(&self, whole: &FeatureLayout) -> Option<Vec<usize>> {
        let mut columns = Vec::with_capacity(self.width());
        for section in &self.0 {
            let at = whole.0.iter().position(|s| s == section)?;
            let first: usize = whole.0[..at].iter().map(|s| s.width).sum();
            columns.extend(first..first + section.width);
        }
        Some(columns)
    }
}

impl BlockFeatures {
    /// Finds the values in a canonical graph; `features` are the pooled values of the heads.
    pub fn find(graph: &Graph, features: &[ValueId]) -> BlockFeatures {
        let mut distinct: Vec<ValueId> = Vec::new();
        for &value in features {
            if !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        let mut maps = stages(graph, &distinct);
        let mut left = CHANNELS;
        // The last blocks first; one that is too wide is skipped.
        maps.reverse();
        maps.retain(|&(_, channels)| {
            channels <= left && {
                left -= channels;
                true
            }
        });
        maps.truncate(TAPS);
        maps.reverse();
        BlockFeatures { features: distinct, maps: maps.into_iter().map(|(value, _)| value).collect() }
    }

    /// The layout of φ.
    pub fn layout(&self, graph: &Graph) -> FeatureLayout {
        let section = |value: ValueId, pool| {
            let width = graph.dim(value, 1).unwrap_or(0);
            FeatureRange { value: graph.values[value].name.clone(), pool, width }
        };
        let features = self.features.iter().map(|&v| section(v, Pooling::Features));
        let maps = self.maps.iter().flat_map(|&v| MAPPED.map(|pool| section(v, pool)));
        FeatureLayout(features.chain(maps).collect())
    }

    /// Adds the nodes that compute the ranges of these kinds, in the order of [`layout`](Self::layout), as one value
    /// [N, D].
    pub fn write(&self, graph: &mut Graph, pools: &[Pooling]) -> ValueId {
        let mut parts = Vec::new();
        if pools.contains(&Pooling::Features) {
            parts.extend(&self.features);
        }
        for &map in &self.maps {
            let average = global(graph, map, "GlobalAveragePool", "average");
            for pool in MAPPED.into_iter().filter(|pool| pools.contains(pool)) {
                let pooled = match pool {
                    Pooling::Maximum => global(graph, map, "GlobalMaxPool", "maximum"),
                    Pooling::Deviation => deviation(graph, map, average),
                    _ => average,
                };
                parts.push(flat(graph, pooled));
            }
        }
        match parts[..] {
            [only] => only,
            _ => graph.concatenate("taps", &parts),
        }
    }
}

/// The outputs of blocks, from the first to the last, with their number of channels. A block's output is an NCHW
/// value that everything passes through: at that point of the topological order no other value has readers left. Of
/// adjacent values of equal width the last one counts; a value wider than the next one is inside a block (an
/// expansion); the value whose average is the features themselves adds nothing.
fn stages(graph: &Graph, features: &[ValueId]) -> Vec<(ValueId, usize)> {
    let mut shared: Option<std::collections::HashSet<usize>> = None;
    let mut needed = std::collections::HashSet::new();
    for &value in features {
        let ancestors = graph.ancestors(&[value]);
        needed.extend(ancestors.iter().copied());
        shared = Some(shared.map_or(ancestors.clone(), |s| s.intersection(&ancestors).copied().collect()));
    }
    let shared = shared.unwrap_or_default();
    // The number of remaining reads of each value by the nodes that the features need.
    let mut reads = vec![0usize; graph.values.len()];
    for &node in &needed {
        for &value in graph.nodes[node].inputs.iter().flatten().filter(|&&v| graph.tensor(v).is_none()) {
            reads[value] += 1;
        }
    }
    let mut open = graph.inputs.iter().filter(|&&v| reads[v] > 0).count();
    let mut convolved = false;
    let mut found: Vec<(ValueId, usize)> = Vec::new();
    for at in (0..graph.nodes.len()).filter(|at| shared.contains(at)) {
        let node = &graph.nodes[at];
        for &value in node.inputs.iter().flatten().filter(|&&v| graph.tensor(v).is_none()) {
            reads[value] = reads[value].saturating_sub(1);
            open -= usize::from(reads[value] == 0 && open > 0);
        }
        open += node.outputs.iter().filter(|&&v| reads[v] > 0).count();
        convolved |= node.is("Conv");
        let &[output] = node.outputs.as_slice() else { continue };
        let width = match graph.shape(output) {
            Some(&[_, Some(channels), Some(height), Some(width)]) if height * width > 1 => channels,
            _ => continue,
        };
        if open != 1 || reads[output] == 0 || !convolved || node.is("Transpose") {
            continue;
        }
        match found.last_mut() {
            Some(last) if last.1 == width => last.0 = output,
            _ => found.push((output, width)),
        }
    }
    let averaged = |value: ValueId| graph.nodes.iter().any(|n| n.is("GlobalAveragePool") && n.input(0) == Some(value));
    let outer = |at: &usize| {
        let narrower = found.get(at + 1).is_some_and(|next| next.1 < found[*at].1);
        !narrower && !averaged(found[*at].0)
    };
    (0..found.len()).filter(outer).map(|at| found[at]).collect()
}

/// [N, `rest`…] with the batch of a value.
fn fact(graph: &Graph, like: ValueId, rest: &[Option<usize>]) -> TypeAndShape {
    TypeAndShape { dtype: Some(DataType::Float), shape: Some([&[graph.dim(like, 0)], rest].concat()) }
}

fn named(graph: &Graph, value: ValueId, what: &str) -> String {
    format!("{}.{what}", graph.values[value].name)
}

/// [N, C, 1, 1] of a map.
fn global(graph: &mut Graph, map: ValueId, op: &str, what: &str) -> ValueId {
    let fact = fact(graph, map, &[graph.dim(map, 1), Some(1), Some(1)]);
    graph.add_node(named(graph, map, what), op, Attributes::new(), &[map], fact)
}

/// √(mean (x − mean x)²): the difference first, because cancellation in x² − mean² would lose the digits of the
/// result.
fn deviation(graph: &mut Graph, map: ValueId, average: ValueId) -> ValueId {
    let whole = graph.values[map].fact.clone();
    let apart = graph.add_node(named(graph, map, "centred"), "Sub", Attributes::new(), &[map, average], whole.clone());
    let square = graph.add_node(named(graph, map, "squared"), "Mul", Attributes::new(), &[apart, apart], whole);
    let variance = global(graph, square, "GlobalAveragePool", "average");
    let fact = graph.values[variance].fact.clone();
    graph.add_node(named(graph, map, "deviation"), "Sqrt", Attributes::new(), &[variance], fact)
}

fn flat(graph: &mut Graph, pooled: ValueId) -> ValueId {
    let fact = fact(graph, pooled, &[graph.dim(pooled, 1)]);
    let axis = attributes([("axis", Attribute::Int(1))]);
    graph.add_node(named(graph, pooled, "flat"), "Flatten", axis, &[pooled], fact)
}
