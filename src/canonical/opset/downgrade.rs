//! Downgrades operators of newer operator sets to the supported one.

use super::{front, only, split_sizes, to_attribute};
use crate::canonical::spelling::Spelling;
use crate::onnx::{Attribute, Attributes, Graph, Tensor, TypeAndShape, OPSET};

/// Rewrites a node of a newer operator set; `Err` states the supported form.
pub(super) fn lower(graph: &mut Graph, at: usize, version: i64) -> Result<(), String> {
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
        "Split" => {
            graph.nodes[at].attributes.remove("num_outputs");
            split_sizes(graph, at)
        }
        "Pad" if version >= 19 && graph.nodes[at].text("mode", "constant") == "wrap" => {
            Err("Pad that does not wrap around".to_string())
        }
        "Pad" if version >= 18 && graph.nodes[at].input(3).is_some() => pad_all_axes(graph, at),
        "Resize" if version >= 18 => {
            let node = &mut graph.nodes[at];
            let plain = node.int("antialias", 0) == 0 && node.ints("axes").is_none();
            let plain = plain && node.text("coordinate_transformation_mode", "half_pixel") != "half_pixel_symmetric";
            let stretch = node.text("keep_aspect_ratio_policy", "stretch") == "stretch";
            node.attributes.remove("antialias");
            node.attributes.remove("keep_aspect_ratio_policy");
            only(plain && stretch, "Resize without antialias, axes, symmetric pixels or aspect policy")
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
        "GroupNormalization" if version < 21 => Err("GroupNormalization of operator set 21 or newer".to_string()),
        "GroupNormalization" => group_normalization(graph, at),
        "GridSample" if version >= 20 => grid_sample(graph, at),
        "Gelu" | "Mish" | "Swish" if op != "Gelu" || version >= 20 => {
            let node = &graph.nodes[at];
            let x = node.input(0).ok_or("an input")?;
            let (tanh, alpha) = (node.text("approximate", "none") == "tanh", node.float("alpha", 1.0));
            let spelling = Spelling::of(graph, at);
            match op.as_str() {
                "Gelu" => spelling.gelu(x, tanh),
                "Mish" => spelling.mish(x),
                _ => spelling.swish(x, alpha),
            }
            Ok(())
        }
        "LpPool" if version >= 18 => {
            let node = &graph.nodes[at];
            let plain =
                node.int("ceil_mode", 0) == 0 && node.ints("dilations").is_none_or(|d| d.iter().all(|&d| d == 1));
            ["ceil_mode", "dilations"].iter().for_each(|name| drop(graph.nodes[at].attributes.remove(*name)));
            only(plain, "LpPool without ceil_mode or dilations")
        }
        // Operators that are newer than our set and have no equivalent in it here.
        "AffineGrid"
        | "Attention"
        | "BitCast"
        | "BitwiseAnd"
        | "BitwiseNot"
        | "BitwiseOr"
        | "BitwiseXor"
        | "CausalConvWithState"
        | "CenterCropPad"
        | "Col2Im"
        | "CumProd"
        | "DeformConv"
        | "ImageDecoder"
        | "LinearAttention"
        | "RMSNormalization"
        | "RegexFullMatch"
        | "RotaryEmbedding"
        | "StringConcat"
        | "StringSplit"
        | "TensorScatter" => Err(format!("an operator that operator set {OPSET} has")),
        _ => Ok(()),
    }
}

/// Operator set 20 renamed the modes and added volumes.
fn grid_sample(graph: &mut Graph, at: usize) -> Result<(), String> {
    let node = &graph.nodes[at];
    if node.input(0).and_then(|v| graph.shape(v)).map(<[_]>::len) != Some(4) {
        return Err("GridSample of images [N, C, height, width]".into());
    }
    let mode = match node.text("mode", "linear").as_str() {
        "linear" => "bilinear",
        "cubic" => "bicubic",
        "nearest" => "nearest",
        other => return Err(format!("GridSample by linear, cubic or nearest, not {other}")),
    };
    graph.nodes[at].attributes.insert("mode".into(), Attribute::String(mode.into()));
    Ok(())
}

/// Writes the pads of some axes as pads of all axes.
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
        let place = front(axis, rank).filter(|&a| a < rank).ok_or("axes of the input")?;
        all[place] = *widths.get(i).ok_or("two pads an axis")?;
        all[rank + place] = *widths.get(axes.len() + i).ok_or("two pads an axis")?;
    }
    let value = graph.add_initializer("pads", Tensor::from_i64(&all));
    let node = &mut graph.nodes[at];
    node.inputs[1] = Some(value);
    node.inputs.truncate(3);
    Ok(())
}

/// Group normalisation (Wu and He 2018) as torch's exporter writes it: instance normalisation of each group, then a
/// factor and a summand per channel.
fn group_normalization(graph: &mut Graph, at: usize) -> Result<(), String> {
    let node = &graph.nodes[at];
    let output = node.outputs[0];
    let (Some(x), groups, epsilon) = (node.input(0), node.int("num_groups", 1), node.float("epsilon", 1e-5)) else {
        return Err("an input".into());
    };
    let shape = graph.shape(x).map(<[_]>::to_vec).ok_or("an input of known shape")?;
    let channels = shape.get(1).copied().flatten().ok_or("a known number of channels")?;
    let count = usize::try_from(groups).ok().filter(|&g| g > 0 && channels % g == 0).ok_or("groups of equal size")?;
    let sizes: Option<Vec<i64>> = shape.iter().skip(1).map(|d| d.map(|d| d as i64)).collect();
    let mut whole = vec![shape[0].map_or(0, |n| n as i64)];
    whole.extend(sizes.ok_or("an image of known size")?);
    let mut dims = vec![1; shape.len() - 1];
    dims[0] = channels;
    let parameter = |index| {
        let values = graph.input_tensor(node, index).and_then(|t| t.f32s()).ok_or("scale and bias as constants")?;
        (values.len() == channels).then(|| Tensor::from_f32(&dims, &values)).ok_or("one scale and bias a channel")
    };
    let (scale, bias) = (parameter(1)?, parameter(2)?);
    let (name, fact) = (graph.values[output].name.clone(), graph.values[output].fact.clone());
    let groups = graph.add_initializer(format!("{name}.groups"), Tensor::from_i64(&[0, groups, -1]));
    let whole = graph.add_initializer(format!("{name}.shape"), Tensor::from_i64(&whole));
    let scale = graph.add_initializer(format!("{name}.scale"), scale);
    let bias = graph.add_initializer(format!("{name}.bias"), bias);
    let ones = graph.add_initializer(format!("{name}.ones"), Tensor::from_f32(&[count], &vec![1.0; count]));
    let zeros = graph.add_initializer(format!("{name}.zeros"), Tensor::from_f32(&[count], &vec![0.0; count]));
    let rest = shape.iter().skip(1).copied().product::<Option<usize>>().map(|n| n / count);
    let rows = TypeAndShape { shape: Some(vec![shape[0], Some(count), rest]), ..fact.clone() };
    let mut step = |title: &str, op: &str, attributes: Attributes, inputs: &[usize], fact: &TypeAndShape| {
        graph.add_node(format!("{name}.{title}"), op, attributes, inputs, fact.clone())
    };
    let grouped = step("grouped", "Reshape", Attributes::new(), &[x, groups], &rows);
    let epsilon = Attributes::from([("epsilon".to_string(), Attribute::Float(epsilon))]);
    let normal = step("normal", "InstanceNormalization", epsilon, &[grouped, ones, zeros], &rows);
    let channels = step("channels", "Reshape", Attributes::new(), &[normal, whole], &fact);
    let scaled = step("scaled", "Mul", Attributes::new(), &[channels, scale], &fact);
    graph.nodes[at].set("Add", Attributes::new(), &[scaled, bias]);
    Ok(())
}
