//! Brings operators of older and newer operator sets to ours, by what changed in their meaning.

use crate::error::{ErrorKind, Result};
use crate::onnx::{Attribute, Attributes, Graph, Tensor, OPSET};

/// The oldest operator set that is read: before it, broadcasting was another one.
const OLDEST: i64 = 7;
/// The newest operator set whose changes are known here.
const NEWEST: i64 = 24;

/// Rewrites every standard node to its meaning in [`OPSET`].
///
/// # Errors
/// `unsupported-model` with the node, for an operator whose meaning differs in a way that is not covered.
pub fn reconcile(graph: &mut Graph) -> Result<()> {
    let version = graph.opsets.get("").copied().unwrap_or(OPSET);
    if !(OLDEST..=NEWEST).contains(&version) {
        let found = format!("{version}");
        let expected = format!("operator set {OLDEST} to {NEWEST}");
        return Err(unsupported(graph, "opset_import".into(), expected, found));
    }
    for at in 0..graph.nodes.len() {
        if graph.nodes[at].domain.is_empty() {
            let done = if version < OPSET { raise(graph, at, version) } else { lower(graph, at, version) };
            if let Err(expected) = done {
                let node = &graph.nodes[at];
                let place = format!("node '{}' ({})", node.title(), node.op);
                return Err(unsupported(graph, place, expected, format!("operator set {version}")));
            }
        }
    }
    graph.opsets.insert(String::new(), OPSET);
    Ok(())
}

fn unsupported(graph: &Graph, place: String, expected: String, found: String) -> crate::Error {
    let remedy = format!("export the model with operator set {OPSET}");
    ErrorKind::Unsupported { model: graph.name.clone(), place, expected, found, remedy }.into()
}

/// From an older operator set; `Err` says what would have been understood.
fn raise(graph: &mut Graph, at: usize, version: i64) -> Result<(), String> {
    let op = graph.nodes[at].op.clone();
    match op.as_str() {
        "Softmax" | "LogSoftmax" | "Hardmax" if version < 13 => coerced_axis(graph, at),
        "Clip" if version < 11 => {
            let min = graph.nodes[at].float("min", f32::NEG_INFINITY);
            let max = graph.nodes[at].float("max", f32::INFINITY);
            graph.nodes[at].attributes.clear();
            for bound in [min, max] {
                let bound = bound.is_finite().then(|| scalar(graph, at, bound));
                graph.nodes[at].inputs.push(bound);
            }
            Ok(())
        }
        "Dropout" if version < 12 => {
            graph.nodes[at].attributes.clear();
            Ok(())
        }
        "Squeeze" | "Unsqueeze" | "ReduceSum" if version < 13 => {
            to_input(graph, at, "axes");
            Ok(())
        }
        "Split" if version < 13 => {
            to_input(graph, at, "split");
            Ok(())
        }
        "Pad" if version < 11 => {
            let value = graph.nodes[at].float("value", 0.0);
            graph.nodes[at].attributes.remove("value");
            to_input(graph, at, "pads");
            let value = scalar(graph, at, value);
            graph.nodes[at].inputs.push(Some(value));
            Ok(())
        }
        "Slice" if version < 10 => {
            let rank = graph.nodes[at].ints("starts").map_or(0, |s| s.len() as i64);
            let axes = graph.nodes[at].attributes.entry("axes".to_string());
            axes.or_insert_with(|| Attribute::Ints((0..rank).collect()));
            ["starts", "ends", "axes"].iter().for_each(|name| to_input(graph, at, name));
            Ok(())
        }
        "BatchNormalization" if version < 9 && graph.nodes[at].int("spatial", 1) != 1 => {
            Err("spatial batch normalisation".to_string())
        }
        "BatchNormalization" => {
            graph.nodes[at].attributes.remove("spatial");
            Ok(())
        }
        "Upsample" => Err("Resize instead of Upsample".to_string()),
        "Resize" if version < 11 => Err("Resize of operator set 11 or newer".to_string()),
        "RoiAlign" if version < 16 => Err("RoiAlign of operator set 16 or newer".to_string()),
        "TopK" if version < 11 => Err("TopK of operator set 11 or newer".to_string()),
        _ => Ok(()),
    }
}

/// From a newer operator set; `Err` says what would have been understood.
fn lower(graph: &mut Graph, at: usize, version: i64) -> Result<(), String> {
    let op = graph.nodes[at].op.clone();
    match op.as_str() {
        "ReduceMax" | "ReduceMin" | "ReduceMean" | "ReduceProd" | "ReduceL1" | "ReduceL2" | "ReduceLogSum"
        | "ReduceLogSumExp" | "ReduceSumSquare"
            if version >= 18 =>
        {
            if graph.nodes[at].int("noop_with_empty_axes", 0) != 0 && graph.nodes[at].input(1).is_none() {
                return Err("axes to reduce".to_string());
            }
            graph.nodes[at].attributes.remove("noop_with_empty_axes");
            to_attribute(graph, at, 1, "axes")
        }
        "Split" if version >= 18 && graph.nodes[at].attributes.remove("num_outputs").is_some() => {
            let axis = graph.nodes[at].int("axis", 0);
            let size = |v: usize| {
                let shape = graph.shape(v)?;
                let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
                shape.get(axis as usize).copied().flatten()
            };
            let sizes: Option<Vec<i64>> = graph.nodes[at].outputs.iter().map(|&v| size(v).map(|s| s as i64)).collect();
            let sizes = sizes.ok_or("parts of known sizes")?;
            let value = graph.add_initializer("split", Tensor::from_i64(&sizes));
            graph.nodes[at].inputs.push(Some(value));
            Ok(())
        }
        "Pad" if version >= 18 && graph.nodes[at].input(3).is_some() => pad_all_axes(graph, at),
        "Resize" if version >= 18 => {
            let node = &mut graph.nodes[at];
            let plain = node.int("antialias", 0) == 0 && node.ints("axes").is_none();
            let stretch = node.text("keep_aspect_ratio_policy", "stretch") == "stretch";
            node.attributes.remove("antialias");
            node.attributes.remove("keep_aspect_ratio_policy");
            if plain && stretch {
                Ok(())
            } else {
                Err("Resize without antialias, axes or aspect policy".into())
            }
        }
        "AveragePool" if version >= 19 => match graph.nodes[at].attributes.remove("dilations") {
            Some(Attribute::Ints(d)) if d.iter().any(|&d| d != 1) => Err("AveragePool without dilations".into()),
            _ => Ok(()),
        },
        "Cast" if version >= 19 => {
            graph.nodes[at].attributes.remove("saturate");
            graph.nodes[at].attributes.remove("round_mode");
            Ok(())
        }
        "Gelu" if version >= 20 => gelu(graph, at),
        "GroupNormalization" | "Mish" | "Attention" | "RMSNormalization" | "RotaryEmbedding" | "GridSample"
        | "DeformConv" | "AffineGrid" | "Col2Im" | "CenterCropPad"
            if version > OPSET =>
        {
            Err(format!("an operator that operator set {OPSET} has"))
        }
        _ => Ok(()),
    }
}

/// Before operator set 13 the input was flattened at the axis; that is the same as today's softmax along the
/// last axis where nothing but this axis has more than one element behind it.
fn coerced_axis(graph: &mut Graph, at: usize) -> Result<(), String> {
    let axis = graph.nodes[at].int("axis", 1);
    let rank = graph.nodes[at].input(0).and_then(|v| graph.shape(v)).map(|s| s.len() as i64);
    let last = rank.map(|r| r - 1);
    if last == Some(if axis < 0 { axis + rank.unwrap_or(0) } else { axis }) {
        graph.nodes[at].attributes.insert("axis".into(), Attribute::Int(-1));
        return Ok(());
    }
    Err("a softmax over the last axis".to_string())
}

/// Gelu as its standard function: x/2 (1 + erf(x/√2)), or the tanh form (Hendrycks and Gimpel 2016).
fn gelu(graph: &mut Graph, at: usize) -> Result<(), String> {
    let node = &graph.nodes[at];
    let (Some(x), output) = (node.input(0), node.outputs[0]) else { return Err("an input".into()) };
    let (name, tanh) = (graph.values[output].name.clone(), node.text("approximate", "none") == "tanh");
    let fact = graph.values[output].fact.clone();
    let constant =
        |graph: &mut Graph, v: f32| graph.add_initializer(format!("{name}.constant"), Tensor::from_f32(&[], &[v]));
    let step = |graph: &mut Graph, op: &str, inputs: &[usize]| {
        graph.add_node(format!("{name}.{}", op.to_lowercase()), op, Attributes::new(), inputs, fact.clone())
    };
    let inner = if tanh {
        let (a, b) = (constant(graph, 0.044_715), constant(graph, (2.0 / std::f32::consts::PI).sqrt()));
        let square = step(graph, "Mul", &[x, x]);
        let cube = step(graph, "Mul", &[square, x]);
        let scaled = step(graph, "Mul", &[cube, a]);
        let sum = step(graph, "Add", &[x, scaled]);
        let product = step(graph, "Mul", &[sum, b]);
        step(graph, "Tanh", &[product])
    } else {
        let root = constant(graph, std::f32::consts::SQRT_2);
        let quotient = step(graph, "Div", &[x, root]);
        step(graph, "Erf", &[quotient])
    };
    let (one, half) = (constant(graph, 1.0), constant(graph, 0.5));
    let sum = step(graph, "Add", &[inner, one]);
    let product = step(graph, "Mul", &[x, sum]);
    let node = &mut graph.nodes[at];
    node.op = "Mul".to_string();
    node.attributes.clear();
    node.inputs = vec![Some(product), Some(half)];
    Ok(())
}

/// Pads of some axes as pads of all.
fn pad_all_axes(graph: &mut Graph, at: usize) -> Result<(), String> {
    let node = &graph.nodes[at];
    let rank = node.input(0).and_then(|v| graph.shape(v)).map(|s| s.len());
    let widths = graph.input_tensor(node, 1).and_then(|t| t.i64s());
    let axes = graph.input_tensor(node, 3).and_then(|t| t.i64s());
    let (Some(rank), Some(widths), Some(axes)) = (rank, widths, axes) else {
        return Err("pads and axes as constants".into());
    };
    let mut all = vec![0; 2 * rank];
    for (i, &axis) in axes.iter().enumerate() {
        let axis = if axis < 0 { axis + rank as i64 } else { axis };
        let place = usize::try_from(axis).ok().filter(|&a| a < rank).ok_or("axes of the input")?;
        all[place] = *widths.get(i).ok_or("two pads an axis")?;
        all[rank + place] = *widths.get(axes.len() + i).ok_or("two pads an axis")?;
    }
    let value = graph.add_initializer("pads", Tensor::from_i64(&all));
    let node = &mut graph.nodes[at];
    node.inputs[1] = Some(value);
    node.inputs.truncate(3);
    Ok(())
}

fn scalar(graph: &mut Graph, at: usize, value: f32) -> usize {
    let name = format!("{}.constant", graph.nodes[at].title());
    graph.add_initializer(name, Tensor::from_f32(&[], &[value]))
}

/// Moves a list attribute to the next input.
fn to_input(graph: &mut Graph, at: usize, name: &str) {
    if let Some(Attribute::Ints(values)) = graph.nodes[at].attributes.remove(name) {
        let title = format!("{}.{name}", graph.nodes[at].title());
        let value = graph.add_initializer(title, Tensor::from_i64(&values));
        graph.nodes[at].inputs.push(Some(value));
    }
}

/// Moves a constant input to a list attribute.
fn to_attribute(graph: &mut Graph, at: usize, index: usize, name: &str) -> Result<(), String> {
    let Some(value) = graph.nodes[at].input(index) else { return Ok(()) };
    let values = graph.tensor(value).and_then(|t| t.i64s()).ok_or(format!("{name} as a constant"))?;
    graph.nodes[at].inputs.truncate(index);
    graph.nodes[at].attributes.insert(name.to_string(), Attribute::Ints(values));
    Ok(())
}
