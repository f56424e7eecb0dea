//! Block features: the pooled features and pooled outputs of earlier shared blocks.
//!
//! Statistics of earlier blocks tell labels apart that the last features do not (compare Head2Toe, Evci et al. 2022). The
//! blocks are found by structure: a value of the shared layers that everything behind it depends on alone.

use crate::onnx::{attributes, Attribute, Attributes, DataType, Graph, TypeAndShape, ValueId};
use serde::{Deserialize, Serialize};

/// What is taken of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Pooling {
    /// The pooled features as they are.
    Features,
    /// The average over the image, a number a channel.
    Average,
    /// The largest value in the image, a number a channel.
    Maximum,
    /// The standard deviation over the image (divided by the number of places, not one less), a number a channel.
    Deviation,
}

impl Pooling {
    /// All of them, in the order of [`FeatureLayout`].
    pub const ALL: [Pooling; 4] = [Pooling::Features, Pooling::Average, Pooling::Maximum, Pooling::Deviation];
}

/// What is taken of a map.
const MAPPED: [Pooling; 3] = [Pooling::Average, Pooling::Maximum, Pooling::Deviation];

/// A run of numbers of one kind from one value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
pub struct FeatureRange {
    /// The value of the canonical graph.
    pub value: String,
    pub pool: Pooling,
    /// How many numbers.
    pub width: usize,
}

/// What the numbers φ of an image are, in their order: the pooled features (of each head, where the heads share
/// none), then average, maximum and standard deviation of each tapped value.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
pub struct FeatureLayout(pub Vec<FeatureRange>);

/// At most so many channels are tapped, which gives three times as many numbers.
pub const CHANNELS: usize = 768;
/// At most so many values are tapped: the last ones.
pub const TAPS: usize = 5;

/// The places of a graph from which φ is computed.
#[derive(Clone, Debug, Default)]
pub struct BlockFeatures {
    /// [N, D] each, distinct.
    features: Vec<ValueId>,
    /// [N, C, H, W] each, from the first block to the last.
    maps: Vec<ValueId>,
}

impl FeatureLayout {
    /// What the sections are and how wide.
    pub fn kinds(&self) -> Vec<(Pooling, usize)> {
        self.0.iter().map(|section| (section.pool, section.width)).collect()
    }

    /// D, how many numbers there are.
    pub fn width(&self) -> usize {
        self.0.iter().map(|s| s.width).sum()
    }

    /// The kinds of its sections.
    pub fn pools(&self) -> Vec<Pooling> {
        Pooling::ALL.into_iter().filter(|pool| self.0.iter().any(|s| s.pool == *pool)).collect()
    }

    /// The sections of these kinds.
    pub fn only(&self, pools: &[Pooling]) -> FeatureLayout {
        FeatureLayout(self.0.iter().filter(|s| pools.contains(&s.pool)).cloned().collect())
    }

    /// The places in φ of this layout's numbers, where φ has the layout `whole`; `None` where one is missing there.
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
    /// Finds the places in a canonical graph; `features` holds the pooled value of each head.
    pub fn find(graph: &Graph, features: &[ValueId]) -> BlockFeatures {
        let mut distinct: Vec<ValueId> = Vec::new();
        for &value in features {
            if !distinct.contains(&value) {
                distinct.push(value);
            }
        }
        let mut maps = stages(graph, &distinct);
        let mut left = CHANNELS;
        // The last blocks first; one that is too wide is passed over.
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

    /// What φ consists of.
    pub fn layout(&self, graph: &Graph) -> FeatureLayout {
        let section = |value: ValueId, pool| {
            let width = graph.dim(value, 1).unwrap_or(0);
            FeatureRange { value: graph.values[value].name.clone(), pool, width }
        };
        let features = self.features.iter().map(|&v| section(v, Pooling::Features));
        let maps = self.maps.iter().flat_map(|&v| MAPPED.map(|pool| section(v, pool)));
        FeatureLayout(features.chain(maps).collect())
    }

    /// Adds the nodes that compute the sections of these kinds, in the order of [`layout`](Self::layout), as one value
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

/// The outputs of blocks, from the first to the last, with their channels. A block's output is an image-like value
/// through which everything goes: at that point of the running order no other value is still to be read. Of
/// neighbours of one width the last counts; a value wider than the next one is the inside of a block (an expansion);
/// the value that the features themselves average says nothing new.
fn stages(graph: &Graph, features: &[ValueId]) -> Vec<(ValueId, usize)> {
    let mut shared: Option<std::collections::HashSet<usize>> = None;
    let mut needed = std::collections::HashSet::new();
    for &value in features {
        let ancestors = graph.ancestors(&[value]);
        needed.extend(ancestors.iter().copied());
        shared = Some(shared.map_or(ancestors.clone(), |s| s.intersection(&ancestors).copied().collect()));
    }
    let shared = shared.unwrap_or_default();
    // How often a value is still to be read by what the features need.
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

/// √(mean (x − mean x)²): the difference first, since x² − mean² would lose the digits that the answer consists of.
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
