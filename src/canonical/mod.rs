//! One form for what exporters write differently, with the same outputs.

mod activation;
mod constants;
mod contributed;
mod convolution;
mod defaults;
mod inference;
mod linear;
mod no_op;
mod operand;
mod opset;
mod pooling;
mod quantised;
mod transpose;
mod vector;
mod widen;

pub use constants::fold;
pub(crate) use convolution::Affine;
pub use quantised::check_floats;

use crate::error::{ErrorKind, Result};
use crate::onnx::{Graph, ValueId};
use std::collections::HashMap;

/// Brings a graph into the one form in which graphs are compared: constants folded, operators of
/// [`OPSET`](crate::onnx::OPSET) with explicit attributes, and one spelling for what several nodes can say.
///
/// # Errors
/// `engine` where shapes cannot be inferred; `unsupported-model` for an operator whose meaning changed between
/// its operator set and ours in a way that is not covered; `malformed-model` for a circle.
pub fn canonical(mut graph: Graph) -> Result<Graph> {
    prepare(&mut graph)?;
    constants::fold(&mut graph)?;
    inference::check(&graph)?;
    opset::reconcile(&mut graph)?;
    tidy(&mut graph)?;
    loop {
        let mut changed = false;
        for rewrite in REWRITES {
            if sweep(&mut graph, *rewrite) {
                tidy(&mut graph)?;
                changed = true;
            }
        }
        if !changed {
            return Ok(graph);
        }
    }
}

/// Makes a graph as it was read one that the engine can run: half-precision numbers as 32-bit ones, weights that
/// are stored as integers as floats, onnxruntime's fused operators spelled out.
///
/// # Errors
/// `unsupported-model` for what the engine cannot run correctly, with the node.
pub fn prepare(graph: &mut Graph) -> Result<()> {
    widen::widen(graph);
    quantised::unpack(graph)?;
    contributed::spell_out(graph)?;
    inference::check(graph)
}

/// Rewrites the node at an index, if it applies. A rewrite changes the node in place (its outputs stay) or
/// redirects the readers of its output; the nodes before it stay where they are.
type Rewrite = fn(&mut Graph, &Index, usize) -> Option<()>;

const REWRITES: &[Rewrite] = &[
    no_op::remove,
    no_op::merge_transposes,
    no_op::merge_reshapes,
    defaults::explicit,
    transpose::sink,
    operand::subtraction,
    operand::leading_ones,
    activation::clip,
    activation::from_min_max,
    activation::silu,
    activation::hard_sigmoid,
    activation::hard_swish,
    convolution::explicit_padding,
    convolution::absorb_pad,
    convolution::absorb_batch_normalization,
    convolution::absorb_scale,
    convolution::absorb_bias,
    pooling::global_average,
    pooling::flatten,
    vector::flatten_alone,
    vector::activation,
    vector::linear,
    linear::from_matmul,
    linear::normal_gemm,
    linear::absorb_bias,
    operand::batch_normalization,
];

/// Who computes a value and how often it is read.
struct Index {
    producers: HashMap<ValueId, usize>,
    uses: Vec<usize>,
}

impl Index {
    fn new(graph: &Graph) -> Index {
        Index { producers: graph.producers(), uses: graph.uses() }
    }

    /// The node that computes a value, if nothing else reads the value.
    fn sole_producer(&self, value: ValueId) -> Option<usize> {
        (self.uses.get(value) == Some(&1)).then(|| self.producers.get(&value).copied()).flatten()
    }
}

/// Offers every node to one rewrite; whether any took it.
fn sweep(graph: &mut Graph, rewrite: Rewrite) -> bool {
    let mut index = Index::new(graph);
    let mut changed = false;
    for node in 0..graph.nodes.len() {
        if rewrite(graph, &index, node).is_some() {
            changed = true;
            index = Index::new(graph);
        }
    }
    changed
}

fn tidy(graph: &mut Graph) -> Result<()> {
    if graph.tidy() {
        return Ok(());
    }
    let (model, place) = (graph.name.clone(), "the nodes".to_string());
    let (expected, found) = ("an order in which they can run".to_string(), "a circle".to_string());
    Err(ErrorKind::Malformed { model, place, expected, found }.into())
}
