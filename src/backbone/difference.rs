//! Finds the first node at which two graphs differ, and the kind of difference.

use super::fingerprint::fingerprint;
use super::{relative_difference, Alignment};
use crate::onnx::Graph;
use std::fmt;

/// The first computation of a graph that the first graph does not have.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// The same operation with other constants.
    Weights {
        node: String,
        op: String,
        tensor: String,
        /// The largest [`relative_difference`] of the node's constants; `None` if they contain no floats.
        relative: Option<f64>,
    },
    /// Another operation on the same value.
    Operation {
        node: String,
        op: String,
        /// The operations of the first graph on the same value.
        expected: Vec<String>,
    },
    /// The graph ends where the first one continues, or has no other node.
    Nothing,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Difference::Weights { node, op, tensor, relative: Some(relative) } => {
                write!(f, "node '{node}' ({op}), tensor '{tensor}': other weights, largest relative difference {relative:.1e}")
            }
            Difference::Weights { node, op, tensor, relative: None } => {
                write!(f, "node '{node}' ({op}), tensor '{tensor}': other constants")
            }
            Difference::Operation { node, op, expected } if expected.is_empty() => {
                write!(f, "node '{node}' ({op}): the first model has nothing there")
            }
            Difference::Operation { node, op, expected } => {
                write!(f, "node '{node}' ({op}): the first model has {} there", expected.join(" and "))
            }
            Difference::Nothing => write!(f, "nowhere"),
        }
    }
}

/// Finds the first node of graph number `model` of an alignment that graph 0 does not have.
pub fn first_difference(joined: &Alignment, graphs: &[Graph], model: usize) -> Difference {
    let graph = &graphs[model];
    let place = |value| joined.places[model].get(&value).copied();
    let of_first = |at: &usize| joined.members[*at].contains(&0);
    let producers = joined.graph.producers();
    let reached = |value: &usize| match place(*value) {
        Some(place) => producers.get(&place).is_none_or(of_first),
        None => true,
    };
    for node in &graph.nodes {
        let own = node.outputs.first().and_then(|&v| place(v)).and_then(|p| producers.get(&p).copied());
        let parts = own.is_some_and(|own| !of_first(&own));
        let values = || node.inputs.iter().flatten().filter(|&&v| graph.tensor(v).is_none());
        if !parts || !values().all(reached) {
            continue;
        }
        let Some((print, constants)) = fingerprint(graph, node, place) else { continue };
        let twins = (0..joined.graph.nodes.len()).filter(of_first).filter_map(|at| {
            let (other, constants) = fingerprint(&joined.graph, &joined.graph.nodes[at], Some)?;
            (other == print).then_some(constants)
        });
        if let Some(kept) = twins.into_iter().next() {
            let apart = kept.iter().zip(&constants).filter_map(|(&kept, &other)| {
                let (a, b) = (joined.graph.tensor(kept)?, graph.tensor(other)?);
                (a.bytes != b.bytes).then(|| (other, relative_difference(a, b)))
            });
            let worst = apart.max_by(|a, b| a.1.unwrap_or(0.0).total_cmp(&b.1.unwrap_or(0.0)));
            let (tensor, relative) = worst.map_or((String::new(), None), |(t, r)| (graph.values[t].name.clone(), r));
            return Difference::Weights { node: node.display_name(), op: node.op.clone(), tensor, relative };
        }
        let inputs: Vec<_> = values().filter_map(|&v| place(v)).collect();
        let readers = joined.graph.nodes.iter().enumerate();
        let readers =
            readers.filter(|(at, other)| of_first(at) && other.inputs.iter().flatten().any(|v| inputs.contains(v)));
        let expected = readers.map(|(_, n)| format!("'{}' ({})", n.display_name(), n.op)).collect();
        return Difference::Operation { node: node.display_name(), op: node.op.clone(), expected };
    }
    Difference::Nothing
}
