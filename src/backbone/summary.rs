//! Summarises the shared backbone of several graphs: its size, cost and cut.

use super::{Alignment, LargestDifference};
use crate::onnx::{multiply_adds, parameters, Graph, Node, ValueId};
use serde::Serialize;
use std::collections::HashSet;

/// The part that all graphs of an alignment share.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Backbone {
    /// The values that pass from the shared part to the heads.
    pub cut: Vec<CutTensor>,
    pub nodes: usize,
    /// Constants that shared nodes read.
    pub initializers: usize,
    pub parameters: u64,
    pub bytes: u64,
    /// Per image.
    pub multiply_adds: u64,
    /// In the order of the graphs.
    pub models: Vec<ModelShare>,
}

/// A value at the cut.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct CutTensor {
    #[serde(skip)]
    pub value: ValueId,
    pub name: String,
    /// Batch first; `None` for a dimension that is symbolic.
    pub shape: Vec<Option<usize>>,
}

/// One graph of an alignment.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct ModelShare {
    pub name: String,
    /// The share of its multiply-adds that the first graph contains too, 0 to 1.
    pub shared: f64,
    pub multiply_adds: u64,
    pub parameters: u64,
    /// The nodes after the cut.
    pub head: SubgraphCost,
    /// The largest difference between weights within the tolerance.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_difference: Option<LargestDifference>,
}

/// The size and cost of some nodes of a graph.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct SubgraphCost {
    pub nodes: usize,
    /// The operators in topological order.
    pub operators: Vec<String>,
    pub parameters: u64,
    pub multiply_adds: u64,
}

/// Summarises an alignment; `outputs` are the graphs' outputs, as values of the aligned graph.
pub fn summarise(joined: &Alignment, graphs: &[Graph], outputs: &[ValueId]) -> Backbone {
    let graph = &joined.graph;
    let common = |at: usize| joined.members[at].len() == graphs.len();
    let shared: Vec<&Node> = nodes(joined, common).collect();
    let made: HashSet<ValueId> = shared.iter().flat_map(|n| &n.outputs).chain(&graph.inputs).copied().collect();
    let beyond = nodes(joined, |at| !common(at)).flat_map(|n| n.inputs.iter().flatten());
    let mut seen = HashSet::new();
    let crossing = beyond.chain(outputs).filter(|v| made.contains(v) && seen.insert(**v));
    let cut = crossing.map(|&value| {
        let shape = graph.shape(value).map(<[_]>::to_vec).unwrap_or_default();
        CutTensor { value, name: graph.values[value].name.clone(), shape }
    });
    let read: HashSet<ValueId> = shared.iter().flat_map(|n| n.inputs.iter().flatten().copied()).collect();
    let constants: Vec<_> = read.into_iter().filter_map(|v| graph.tensor(v)).collect();
    Backbone {
        cut: cut.collect(),
        nodes: shared.len(),
        initializers: constants.len(),
        parameters: parameters(graph, shared.iter().copied()),
        bytes: constants.iter().map(|t| t.bytes.len() as u64).sum(),
        multiply_adds: shared.iter().map(|n| multiply_adds(graph, n)).sum(),
        models: (0..graphs.len()).map(|model| model_share(joined, graphs, model)).collect(),
    }
}

fn model_share(joined: &Alignment, graphs: &[Graph], model: usize) -> ModelShare {
    let graph = &joined.graph;
    let of = |at: usize| joined.members[at].contains(&model);
    let work = |all: &mut dyn Iterator<Item = &Node>| all.map(|n| multiply_adds(graph, n)).sum::<u64>();
    let total = work(&mut nodes(joined, of));
    let with_first = work(&mut nodes(joined, |at| of(at) && joined.members[at].contains(&0)));
    let behind: Vec<&Node> = nodes(joined, |at| of(at) && joined.members[at].len() < graphs.len()).collect();
    ModelShare {
        name: graphs[model].name.clone(),
        shared: if total == 0 { 0.0 } else { with_first as f64 / total as f64 },
        multiply_adds: total,
        parameters: parameters(graph, nodes(joined, of)),
        head: SubgraphCost {
            nodes: behind.len(),
            operators: behind.iter().map(|n| n.op.clone()).collect(),
            parameters: parameters(graph, behind.iter().copied()),
            multiply_adds: work(&mut behind.iter().copied()),
        },
        largest_difference: joined.largest[model].clone(),
    }
}

fn nodes<'a>(joined: &'a Alignment, which: impl Fn(usize) -> bool + 'a) -> impl Iterator<Item = &'a Node> + 'a {
    joined.graph.nodes.iter().enumerate().filter(move |(at, _)| which(*at)).map(|(_, node)| node)
}
