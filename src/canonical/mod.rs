//! Rewrites graphs of different exporters to one canonical form with the same outputs.

mod activation;
mod check_inference;
mod constant_folding;
mod contrib_ops;
mod dequantize;
mod elementwise;
mod explicit_attributes;
mod fold_into_convolution;
mod linear;
mod no_op;
mod opset;
mod pooling;
mod sink_transposes;
mod spelling;
mod to_f32;
mod vector_to_linear;

pub use constant_folding::fold_constants;
pub use dequantize::check_floats;
pub(crate) use fold_into_convolution::Affine;

use crate::error::Result;
use crate::limits;
use crate::onnx::{Graph, Node, Tensor, ValueId, ValueKind};
use std::collections::HashMap;
use std::sync::Arc;

/// Rewrites a graph to the form in which graphs are compared: constants folded, operators of
/// [`OPSET`](crate::onnx::OPSET) with explicit attributes, and one form for equivalent sets of nodes.
///
/// # Errors
/// `engine` if shapes cannot be inferred; `unsupported-model` for an operator whose meaning changed between its
/// operator set and ours in a way that is not covered; `malformed-model` for a cycle; `limit` for a graph that takes
/// too long or too much memory.
pub fn canonical(mut graph: Graph) -> Result<Graph> {
    prepare(&mut graph)?;
    constant_folding::fold_constants(&mut graph)?;
    check_inference::check(&graph)?;
    opset::reconcile(&mut graph)?;
    graph.sorted()?;
    let mut work = 0;
    for round in 1.. {
        within(&graph, "rounds of rewriting", ROUNDS, round)?;
        let mut changed = no_op::remove(&mut graph);
        graph.sorted()?;
        work += graph.nodes.len() as u64;
        within(&graph, "visits of nodes to simplify it", WORK, work)?;
        for rewrite in REWRITES {
            if sweep(&mut graph, *rewrite)? {
                graph.sorted()?;
                release(&mut graph);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    Ok(graph)
}

/// The maximum number of rounds of rewrites: the longest known chain takes five.
const ROUNDS: u64 = 1_000;

/// The maximum number of nodes offered to the rewrites in all rounds: models of thousands of nodes need five rounds.
const WORK: u64 = 20_000_000;

fn within(graph: &Graph, unit: &'static str, limit: u64, found: u64) -> Result<()> {
    limits::ensure_at_most(|| format!("model '{}'", graph.name), unit, limit, found, "simplify the model before")
}

/// Prepares a parsed graph for the engine: converts half-precision numbers to 32-bit and integer weights to floats,
/// and expands onnxruntime's fused operators.
///
/// # Errors
/// `unsupported-model` with the node, for anything that the engine cannot run correctly.
pub fn prepare(graph: &mut Graph) -> Result<()> {
    to_f32::widen(graph);
    dequantize::unpack(graph)?;
    contrib_ops::spell_out(graph)?;
    check_inference::check(graph)
}

/// Rewrites the node at an index, if the rule applies: changes this node in place and appends nodes. The node's
/// inputs and outputs may change; all other nodes stay unchanged.
type Rewrite = fn(&mut Graph, &Index, usize) -> Option<()>;

const REWRITES: &[Rewrite] = &[
    no_op::merge_transposes,
    no_op::merge_reshapes,
    explicit_attributes::explicit,
    sink_transposes::sink,
    elementwise::subtraction,
    elementwise::leading_ones,
    activation::clip,
    activation::from_min_max,
    activation::silu,
    activation::hard_sigmoid,
    activation::hard_swish,
    fold_into_convolution::explicit_padding,
    fold_into_convolution::fold_pad,
    fold_into_convolution::fold_batch_normalization,
    fold_into_convolution::fold_operand,
    pooling::global_average,
    pooling::flatten,
    vector_to_linear::flatten_alone,
    vector_to_linear::activation,
    vector_to_linear::linear,
    linear::from_matmul,
    linear::normal_gemm,
    linear::fold_bias,
    elementwise::batch_normalization,
];

/// The producer of each value and the number of its readers.
struct Index {
    producers: HashMap<ValueId, usize>,
    uses: Vec<usize>,
    /// Per node, the values that it reads and writes, as the other fields count them.
    counted: Vec<(Vec<ValueId>, Vec<ValueId>)>,
}

impl Index {
    fn new(graph: &Graph) -> Index {
        let counted = graph.nodes.iter().map(ends).collect();
        Index { producers: graph.producers(), uses: graph.uses(), counted }
    }

    /// The node that computes a value, if it has this operator.
    fn producer<'g>(&self, graph: &'g Graph, value: ValueId, op: &str) -> Option<&'g Node> {
        self.producers.get(&value).map(|&p| &graph.nodes[p]).filter(|n| n.is(op))
    }

    /// The node that computes a value, if the value has no other reader.
    fn sole_producer(&self, value: ValueId) -> Option<usize> {
        (self.uses.get(value) == Some(&1)).then(|| self.producers.get(&value).copied()).flatten()
    }

    /// Updates the counts after a rewrite of this node.
    fn update(&mut self, graph: &Graph, at: usize) {
        self.uses.resize(graph.values.len(), 0);
        let added = self.counted.len()..graph.nodes.len();
        self.counted.resize(graph.nodes.len(), Default::default());
        for node in std::iter::once(at).chain(added) {
            let (reads, writes) = std::mem::replace(&mut self.counted[node], ends(&graph.nodes[node]));
            for value in reads {
                self.uses[value] -= 1;
            }
            for value in writes {
                if self.producers.get(&value) == Some(&node) {
                    self.producers.remove(&value);
                }
            }
            let (reads, writes) = &self.counted[node];
            for &value in reads {
                self.uses[value] += 1;
            }
            self.producers.extend(writes.iter().map(|&value| (value, node)));
        }
    }
}

fn ends(node: &Node) -> (Vec<ValueId>, Vec<ValueId>) {
    (node.inputs.iter().flatten().copied().collect(), node.outputs.clone())
}

/// Offers every node to one rewrite; returns whether it applied to any.
fn sweep(graph: &mut Graph, rewrite: Rewrite) -> Result<bool> {
    let mut index = Index::new(graph);
    let mut changed = false;
    let mut bytes = 0;
    for node in 0..graph.nodes.len() {
        let values = graph.values.len();
        if rewrite(graph, &index, node).is_some() {
            changed = true;
            index.update(graph, node);
            let added = (values..graph.values.len()).filter_map(|v| graph.tensor(v));
            bytes += added.map(|t| t.bytes.len() as u64).sum::<u64>();
            within(graph, "bytes of rewritten weights", 2 * limits::MODEL_BYTES, bytes)?;
        }
    }
    Ok(changed)
}

/// Removes the constants that nothing reads any more.
fn release(graph: &mut Graph) {
    let uses = graph.uses();
    for (value, uses) in graph.values.iter_mut().zip(uses) {
        if uses == 0 && matches!(value.source, ValueKind::Initializer(_)) {
            value.source = ValueKind::Initializer(Arc::new(Tensor::from_i64(&[])));
        }
    }
}
