//! Refuses attributes that would make the engine panic, loop or exhaust memory.

use super::node_check::{At, NUMBERS};
use super::rank_inference::KnownShape;
use super::wiring;
use crate::error::Result;
use crate::onnx::pb::{GraphProto, ModelProto, NodeProto, TensorProto};
use crate::onnx::{self, malformed};
use std::ops::RangeInclusive;

/// The maximum of sizes, strides and the like; no image has more pixels per row.
const WIDTH: f64 = 65_536.0;
/// The maximum rank of a value of unknown rank.
const RANK: usize = 8;

/// Checks every node of a model.
///
/// # Errors
/// `malformed-model` with the node and what is wrong; `limit` for a constant of too many numbers.
pub(super) fn check(model: &str, proto: &ModelProto) -> Result<()> {
    let Some(graph) = &proto.graph else { return Ok(()) };
    wiring::check(model, graph)?;
    check_graph(model, graph, KnownShape::default())
}

fn check_graph<'a>(model: &str, graph: &'a GraphProto, mut known: KnownShape<'a>) -> Result<()> {
    graph.initializer.iter().try_for_each(|tensor| check_tensor(model, tensor))?;
    known.of(graph);
    for node in &graph.node {
        node.attribute.iter().filter_map(|a| a.t.as_ref()).try_for_each(|tensor| check_tensor(model, tensor))?;
        // The engine reads only the operator's name, whatever its domain.
        check_node(model, node, &known)?;
        known.learn(node);
        for inner in node.attribute.iter().filter_map(|a| a.g.as_ref()) {
            check_graph(model, inner, KnownShape::default())?;
        }
    }
    Ok(())
}

/// The engine relies on the stated size of a tensor, and reads raw bytes as strings.
fn check_tensor(model: &str, tensor: &TensorProto) -> Result<()> {
    let wrong = |(expected, found)| malformed(model, format!("tensor '{}'", tensor.name), expected, found);
    onnx::check_tensor(tensor).map(drop).map_err(wrong)
}

fn check_node(model: &str, node: &NodeProto, known: &KnownShape) -> Result<()> {
    let at = At { model, node };
    at.connected()?;
    at.axed(known)?;
    at.filled(known)?;
    let rank = known.rank(node, 0);
    match node.op_type.as_str() {
        "Conv" | "ConvTranspose" | "ConvInteger" | "QLinearConv" | "MaxPool" | "AveragePool" | "LpPool" => {
            window(&at, known)
        }
        "Flatten" => at.within("axis", &at.int("axis"), axes(rank.map(|r| r + 1), 0)),
        "LayerNormalization" => {
            // The scale has the normalised axes, and no value has fewer axes.
            let rank = rank.or_else(|| known.rank(node, 1).map(|r| r.min(RANK / 2)));
            at.within("axis", &at.int("axis"), axes(rank, 0))
        }
        "Softmax" | "LogSoftmax" | "Hardmax" | "Concat" | "Gather" | "GatherElements" | "ScatterElements"
        | "ArgMax" | "ArgMin" | "TopK" | "LpNormalization" => at.within("axis", &at.int("axis"), axes(rank, 0)),
        "Split" => {
            at.within("axis", &at.int("axis"), axes(rank, 0))?;
            at.within("num_outputs", &at.int("num_outputs"), 1.0..=WIDTH)?;
            at.within("split", &at.ints("split"), 0.0..=NUMBERS)
        }
        "Squeeze" => at.within("axes", &known.axes(node, 1).unwrap_or_default(), axes(rank, 0)),
        "Unsqueeze" => {
            let stated = known.axes(node, 1).unwrap_or_default();
            at.within("axes", &stated, axes(rank, stated.len()))
        }
        op if op.starts_with("Reduce") => at.within("axes", &known.axes(node, 1).unwrap_or_default(), axes(rank, 0)),
        "Slice" => {
            let stated = node.named("axes").map(|_| at.ints("axes"));
            let stated = stated.or_else(|| known.input(node, 3).map(<[f64]>::to_vec));
            at.within("axes", &stated.unwrap_or_default(), axes(rank, 0))?;
            let steps = known.input(node, 4).unwrap_or_default();
            at.ensure(!steps.contains(&0.0), || ("steps other than 0", format!("{steps:?}")))
        }
        "Transpose" => permutation(&at, rank),
        "Pad" => {
            let axes_given = known.input(node, 3);
            at.within("axes", axes_given.unwrap_or_default(), axes(rank, 0))?;
            let stated = node.named("pads").map(|_| at.ints("pads"));
            let Some(pads) = stated.or_else(|| known.input(node, 1).map(<[f64]>::to_vec)) else { return Ok(()) };
            at.within("pads", &pads, -WIDTH..=WIDTH)?;
            let sides = axes_given.map(<[f64]>::len).or(rank).unwrap_or(pads.len() / 2);
            at.length("pads", pads.len(), 2 * sides)
        }
        "Reshape" => {
            let shape = known.input(node, 1).unwrap_or_default();
            at.within("shape", shape, -1.0..=NUMBERS)?;
            let open = shape.iter().filter(|&&d| d == -1.0).count();
            at.ensure(open < 2, || ("at most one dimension of -1", format!("{shape:?}")))?;
            at.few(shape.iter().map(|d| d.abs().max(1.0)).product())
        }
        "Expand" | "Tile" => {
            let shape = known.input(node, 1).unwrap_or_default();
            at.within("shape", shape, 0.0..=NUMBERS)?;
            at.few(shape.iter().product())
        }
        "ConstantOfShape" => {
            let shape = known.input(node, 0).unwrap_or_default();
            at.within("shape", shape, 0.0..=f64::INFINITY)?;
            at.few(shape.iter().product())
        }
        "RandomNormal" | "RandomUniform" => {
            let shape = at.ints("shape");
            at.within("shape", &shape, 0.0..=f64::INFINITY)?;
            at.few(shape.iter().product())
        }
        "OneHot" => at.within("depth", known.input(node, 1).unwrap_or_default(), 0.0..=NUMBERS),
        "Range" => {
            let bound = |input| known.input(node, input).and_then(|v| v.first().copied());
            at.ensure(bound(2) != Some(0.0), || ("a step other than 0", "0"))?;
            match (bound(0), bound(1), bound(2)) {
                (Some(start), Some(limit), Some(step)) => at.few((limit - start) / step),
                _ => Ok(()),
            }
        }
        "Resize" | "Upsample" => {
            let scales = known.input(node, if node.op_type == "Resize" && node.input.len() > 2 { 2 } else { 1 });
            at.within("scales", scales.unwrap_or_default(), 1.0 / WIDTH..=WIDTH)?;
            at.within("sizes", known.input(node, 3).unwrap_or_default(), 1.0..=WIDTH)
        }
        "DepthToSpace" | "SpaceToDepth" => at.within("blocksize", &at.int("blocksize"), 1.0..=WIDTH),
        "GroupNormalization" => at.within("num_groups", &at.int("num_groups"), 1.0..=WIDTH),
        "GatherND" => at.within("batch_dims", &at.int("batch_dims"), 0.0..=RANK as f64),
        "LRN" => at.within("size", &at.int("size"), 1.0..=WIDTH),
        _ => Ok(()),
    }
}

/// Checks a sliding window: kernel, strides and dilations of 1 or more per spatial axis, padding on both sides.
fn window(at: &At, known: &KnownShape) -> Result<()> {
    let (node, kernel) = (at.node, at.ints("kernel_shape"));
    at.within("kernel_shape", &kernel, 1.0..=WIDTH)?;
    at.few(kernel.iter().product::<f64>() * 16.0)?;
    at.within("strides", &at.ints("strides"), 1.0..=WIDTH)?;
    at.within("dilations", &at.ints("dilations"), 1.0..=WIDTH)?;
    at.within("pads", &at.ints("pads"), 0.0..=WIDTH)?;
    at.within("output_padding", &at.ints("output_padding"), 0.0..=WIDTH)?;
    at.within("output_shape", &at.ints("output_shape"), 1.0..=WIDTH)?;
    at.within("group", &at.int("group"), 1.0..=WIDTH * 16.0)?;
    let weights = node.op_type.starts_with("Conv").then(|| known.rank(node, 1)).flatten();
    let rank = weights.or_else(|| known.rank(node, 0));
    let axes = rank.map(|r| r.saturating_sub(2)).or((!kernel.is_empty()).then_some(kernel.len()));
    let Some(axes) = axes else { return Ok(()) };
    at.ensure(axes > 0, || ("a map [N, C, height, width]", format!("{} axes", rank.unwrap_or_default())))?;
    for (name, sides) in [("kernel_shape", 1), ("strides", 1), ("dilations", 1), ("pads", 2), ("output_padding", 1)] {
        if node.named(name).is_some() {
            at.length(name, at.ints(name).len(), sides * axes)?;
        }
    }
    at.ensure(!kernel.is_empty() || !node.op_type.ends_with("Pool"), || ("kernel_shape", "none"))
}

fn permutation(at: &At, rank: Option<usize>) -> Result<()> {
    let Some(perm) = at.node.named("perm").map(|a| &a.ints) else { return Ok(()) };
    let mut sorted = perm.clone();
    sorted.sort_unstable();
    let named = sorted.iter().copied().eq(0..perm.len() as i64);
    at.ensure(named, || ("perm to name every axis once", format!("{perm:?}")))?;
    at.length("perm", perm.len(), rank.unwrap_or(perm.len()))
}

/// The valid range of an axis, counted from either end, including `added` new axes.
fn axes(rank: Option<usize>, added: usize) -> RangeInclusive<f64> {
    let rank = (rank.unwrap_or(RANK) + added) as f64;
    -rank..=rank - 1.0
}
