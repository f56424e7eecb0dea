//! Infers ranks and empty values without running the model.

use crate::onnx::pb::{GraphProto, NodeProto, TensorProto};
use std::collections::{HashMap, HashSet};

/// Larger constants are weights: axes, shapes and bounds are short.
const FEW: usize = 64;

/// The known properties of values, by name.
#[derive(Default)]
pub(super) struct KnownShape<'a> {
    pub ranks: HashMap<&'a str, usize>,
    /// The numbers of short constants.
    pub numbers: HashMap<&'a str, Vec<f64>>,
    /// Empty constants, and values that only pass them on.
    pub empty: HashSet<&'a str>,
}

impl<'a> KnownShape<'a> {
    /// Adds the ranks and numbers of a graph's inputs and constants.
    pub fn of(&mut self, graph: &'a GraphProto) {
        for input in &graph.input {
            if let Some(shape) = input.tensor().and_then(|tensor| tensor.shape.as_ref()) {
                self.ranks.insert(&input.name, shape.dim.len());
            }
        }
        for tensor in &graph.initializer {
            self.constant(&tensor.name, tensor);
        }
    }

    fn constant(&mut self, name: &'a str, tensor: &TensorProto) {
        self.ranks.insert(name, tensor.dims.len());
        if tensor.dims.contains(&0) {
            self.empty.insert(name);
        }
        if let Some(numbers) = numbers(tensor) {
            self.numbers.insert(name, numbers);
        }
    }

    pub fn rank(&self, node: &NodeProto, input: usize) -> Option<usize> {
        self.ranks.get(node.input.get(input)?.as_str()).copied()
    }

    /// The numbers at an input, if it is a short constant.
    pub fn input(&self, node: &NodeProto, input: usize) -> Option<&[f64]> {
        self.numbers.get(node.input.get(input)?.as_str()).map(Vec::as_slice)
    }

    /// The axes of a node: an input in newer operator sets, an attribute in older ones.
    pub fn axes(&self, node: &NodeProto, input: usize) -> Option<Vec<f64>> {
        let stated = node.named("axes").map(|a| a.ints.iter().map(|&v| v as f64).collect());
        stated.or_else(|| self.input(node, input).map(<[f64]>::to_vec))
    }

    /// Infers the outputs of a node.
    pub fn learn(&mut self, node: &'a NodeProto) {
        let Some(first) = node.output.first() else { return };
        let passed = match node.op_type.as_str() {
            "Concat" => node.input.as_slice(),
            "Cast" | "Identity" | "Reshape" | "Squeeze" | "Unsqueeze" => node.input.get(..1).unwrap_or_default(),
            _ => &[],
        };
        if !passed.is_empty() && passed.iter().all(|i| self.empty.contains(i.as_str())) {
            self.empty.insert(first);
        }
        if let ("Constant", Some(value)) = (node.op_type.as_str(), node.attribute.first()) {
            if let Some(tensor) = &value.t {
                self.constant(first, tensor);
            } else {
                let numbers: Vec<f64> = match value.ints.is_empty() {
                    true => vec![if value.f != 0.0 { f64::from(value.f) } else { value.i as f64 }],
                    false => value.ints.iter().map(|&v| v as f64).take(FEW + 1).collect(),
                };
                self.ranks.insert(first, usize::from(value.name.ends_with('s')));
                let lists = value.ints.len() + value.floats.len() + value.strings.len();
                if value.name.ends_with('s') && lists == 0 {
                    self.empty.insert(first);
                }
                if numbers.len() <= FEW {
                    self.numbers.insert(first, numbers);
                }
            }
            return;
        }
        if let Some(rank) = self.output(node) {
            // All outputs of Split have the rank of its input.
            let outputs = if node.op_type == "Split" { node.output.len() } else { 1 };
            for output in node.output.iter().take(outputs) {
                self.ranks.insert(output, rank);
            }
        }
    }

    /// The rank of the first output.
    fn output(&self, node: &NodeProto) -> Option<usize> {
        let rank = |input| self.rank(node, input);
        let kept = |name: &str| node.named(name).is_none_or(|a| a.i != 0);
        let length = |input| self.input(node, input).map(<[f64]>::len);
        match node.op_type.as_str() {
            "Add" | "Sub" | "Mul" | "Div" | "Pow" | "Max" | "Min" | "Sum" | "Mean" | "PRelu" | "Where" | "Equal"
            | "Greater" | "Less" | "And" | "Or" | "MatMul" => {
                let all = (0..node.input.len()).map(rank).collect::<Option<Vec<_>>>()?;
                all.into_iter().max().filter(|&r| node.op_type != "MatMul" || r > 1)
            }
            "Flatten" | "Gemm" => Some(2),
            "Reshape" => match node.named("shape") {
                Some(shape) => Some(shape.ints.len()),
                None => length(1),
            },
            "ConstantOfShape" => length(0),
            "Expand" => Some(rank(0)?.max(length(1)?)),
            "Shape" | "Range" | "NonZero" => Some(if node.op_type == "NonZero" { 2 } else { 1 }),
            "Gather" => (rank(0)? + rank(1)?).checked_sub(1),
            "Unsqueeze" => Some(rank(0)? + self.axes(node, 1)?.len()),
            "Squeeze" => rank(0)?.checked_sub(self.axes(node, 1)?.len()),
            "ArgMax" | "ArgMin" => rank(0)?.checked_sub(usize::from(!kept("keepdims"))),
            op if op.starts_with("Reduce") => match kept("keepdims") {
                true => rank(0),
                false => rank(0)?.checked_sub(self.axes(node, 1)?.len()),
            },
            "Abs" | "AveragePool" | "BatchNormalization" | "Cast" | "Ceil" | "Celu" | "Clip" | "Concat" | "Conv"
            | "ConvTranspose" | "CumSum" | "DepthToSpace" | "DequantizeLinear" | "Dropout" | "Elu" | "Erf" | "Exp"
            | "Floor" | "Gelu" | "GatherElements" | "GlobalAveragePool" | "GlobalMaxPool" | "GroupNormalization"
            | "HardSigmoid" | "HardSwish" | "Hardmax" | "Identity" | "LRN" | "LayerNormalization" | "LeakyRelu"
            | "Log" | "LogSoftmax" | "LpNormalization" | "MaxPool" | "Mish" | "Mod" | "Neg" | "Not" | "Pad"
            | "QuantizeLinear" | "Reciprocal" | "Relu" | "Resize" | "Round" | "ScatterElements" | "Selu"
            | "Sigmoid" | "Sign" | "Sin" | "Slice" | "Softmax" | "Softplus" | "Softsign" | "SpaceToDepth" | "Split"
            | "Sqrt" | "Swish" | "Tanh" | "Tile" | "Transpose" => rank(0),
            "InstanceNormalization" => rank(0),
            _ => None,
        }
    }
}

/// The numbers of a short tensor of common type.
fn numbers(tensor: &TensorProto) -> Option<Vec<f64>> {
    let len = tensor.dims.iter().try_fold(1i64, |n, &d| n.checked_mul(d))?;
    if usize::try_from(len).ok()? > FEW || tensor.data_location == Some(1) {
        return None;
    }
    let tensor = crate::onnx::Tensor::from_proto(tensor.clone()).ok()?;
    match tensor.i64s() {
        Some(integers) => Some(integers.into_iter().map(|v| v as f64).collect()),
        None => Some(tensor.f32s()?.into_iter().map(f64::from).collect()),
    }
}
