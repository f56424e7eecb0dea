//! Aligns graphs: merges their common computations into one graph.

use super::fingerprint::{fingerprint, Fingerprint};
use super::WeightComparison;
use crate::onnx::{Graph, Node, Value, ValueId, ValueKind};
use std::collections::{BTreeSet, HashMap};

/// The alignment of several graphs.
#[derive(Clone, Debug)]
pub struct Alignment {
    /// The nodes of all graphs, common ones once, with the constants of the first graph that has them.
    pub graph: Graph,
    /// For each node of `graph`, the graphs that contain it.
    pub members: Vec<BTreeSet<usize>>,
    /// For each graph, the values of `graph` that its values map to.
    pub places: Vec<HashMap<ValueId, ValueId>>,
    /// For each graph, the largest difference between its constants and the aligned ones.
    pub largest: Vec<Option<LargestDifference>>,
}

/// The largest difference between two sets of weights within the tolerance.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LargestDifference {
    pub node: String,
    pub tensor: String,
    /// [`relative_difference`](super::relative_difference).
    pub relative: f64,
}

/// Aligns canonical graphs. Inputs at the same position are one value, whatever their names; the caller has checked
/// that they agree.
pub fn align(graphs: &[Graph], weights: &dyn WeightComparison) -> Alignment {
    let mut joined =
        Alignment { graph: Graph::default(), members: Vec::new(), places: Vec::new(), largest: Vec::new() };
    let mut known: HashMap<Fingerprint, Vec<usize>> = HashMap::new();
    for (model, graph) in graphs.iter().enumerate() {
        joined.places.push(HashMap::new());
        joined.largest.push(None);
        for (domain, &version) in &graph.opsets {
            joined.graph.opsets.entry(domain.clone()).or_insert(version);
        }
        for (position, &input) in graph.inputs.iter().enumerate() {
            if position == joined.graph.inputs.len() {
                let value = &graph.values[input];
                let place = joined.graph.add_value(value.name.clone(), ValueKind::Input, value.fact.clone());
                joined.graph.inputs.push(place);
            }
            joined.places[model].insert(input, joined.graph.inputs[position]);
        }
        for node in 0..graph.nodes.len() {
            joined.insert(model, graph, node, weights, &mut known);
        }
    }
    joined
}

impl Alignment {
    /// Maps one node of a graph to an equal node of an earlier graph, or adds it.
    fn insert(
        &mut self,
        model: usize,
        graph: &Graph,
        node: usize,
        weights: &dyn WeightComparison,
        known: &mut HashMap<Fingerprint, Vec<usize>>,
    ) {
        let node = &graph.nodes[node];
        let place = |value| self.places[model].get(&value).copied();
        // Nodes are topologically sorted, so the values they read are mapped already.
        let Some((print, constants)) = fingerprint(graph, node, place) else { return };
        let candidates = known.get(&print).into_iter().flatten();
        let closest = candidates
            .filter_map(|&c| Some((c, self.distance(c, graph, &constants, weights)?)))
            // Two computations of one graph are one only where their weights are equal.
            .filter(|(c, (distance, _))| *distance == 0.0 || !self.members[*c].contains(&model))
            .min_by(|a, b| a.1 .0.total_cmp(&b.1 .0));
        let same = match closest {
            Some((same, (relative, furthest))) => {
                self.members[same].insert(model);
                let larger = self.largest[model].as_ref().is_none_or(|l| l.relative < relative);
                if let (true, Some(tensor)) = (larger, furthest) {
                    let tensor = graph.values[tensor].name.clone();
                    self.largest[model] = Some(LargestDifference { node: node.display_name(), tensor, relative });
                }
                same
            }
            None => {
                let same = self.add(model, graph, node);
                known.entry(print).or_default().push(same);
                same
            }
        };
        let outputs = self.graph.nodes[same].outputs.clone();
        self.places[model].extend(node.outputs.iter().copied().zip(outputs));
    }

    /// The largest difference between these constants and those of a node of the aligned graph, and its tensor;
    /// `None` beyond the tolerance.
    fn distance(
        &self,
        at: usize,
        graph: &Graph,
        constants: &[ValueId],
        weights: &dyn WeightComparison,
    ) -> Option<(f64, Option<ValueId>)> {
        let (_, own) = fingerprint(&self.graph, &self.graph.nodes[at], Some)?;
        let mut furthest = (0.0, None);
        for (&own, &other) in own.iter().zip(constants) {
            let apart = weights.same(self.graph.tensor(own)?, graph.tensor(other)?)?;
            if furthest.1.is_none() || apart > furthest.0 {
                furthest = (apart, Some(other));
            }
        }
        Some(furthest)
    }

    fn add(&mut self, model: usize, graph: &Graph, node: &Node) -> usize {
        let mut copy = node.clone();
        for input in copy.inputs.iter_mut().flatten() {
            let value = *input;
            let place = self.places[model].get(&value).copied();
            *input = place.unwrap_or_else(|| {
                let Value { name, source, fact } = graph.values[value].clone();
                self.graph.add_value(name, source, fact)
            });
            self.places[model].insert(value, *input);
        }
        for output in &mut copy.outputs {
            let value = &graph.values[*output];
            *output = self.graph.add_value(value.name.clone(), ValueKind::Node, value.fact.clone());
        }
        self.graph.nodes.push(copy);
        self.members.push(BTreeSet::from([model]));
        self.graph.nodes.len() - 1
    }
}
