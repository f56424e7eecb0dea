//! Lowers a graph to a tract model whose layers are this crate's kernels.
//!
//! Adjacent nodes that one pass can compute become one layer: a convolution with its activation function, the map
//! added to it, the gate before it, and the averages after it. Small operators on vectors are tract's. Any other
//! node is refused.

mod convolution;
mod elementwise;
mod fuse;
mod linear;
mod pool;
mod shape;

use super::node_check::NUMBERS;
use crate::kernels::SimdLevel;
use crate::onnx::{Graph, Node, Tensor, ValueId, ValueKind, OPSET};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use tract_onnx::prelude::*;
use tract_onnx::tract_core::internal::{IntoTensor, TypedOp};

/// The node that cannot be lowered.
#[derive(Debug)]
pub(super) struct Refused {
    /// The node's name and its operator.
    pub place: String,
    pub found: String,
}

/// A lowered value of the graph.
#[derive(Clone)]
enum Lowered {
    Constant(Arc<Tensor>),
    Wire(Wire),
    /// A map to be multiplied per channel by a gate [1, C, 1, 1].
    Gated {
        map: Wire,
        gate: OutletId,
    },
    /// A map [1, H, W, C] to be multiplied and shifted per channel.
    Normalised {
        map: Wire,
        scale: Vec<f32>,
        shift: Vec<f32>,
    },
}

/// A value of the tract model, and its shape.
#[derive(Clone)]
struct Wire {
    outlet: OutletId,
    shape: Vec<usize>,
}

/// The state of a lowering.
struct Lowering<'a> {
    graph: &'a Graph,
    /// The number of reads of each value: by nodes, as an output, or as a requested value.
    uses: Vec<usize>,
    readers: HashMap<ValueId, Vec<usize>>,
    values: HashMap<ValueId, Lowered>,
    /// Nodes that were fused into an earlier layer.
    done: HashSet<usize>,
    model: TypedModel,
    level: SimdLevel,
}

/// Lowers `graph` for an input of the shape `input`; its outputs, then `values`, are the model's outputs.
///
/// # Errors
/// The first node that has no layer here, or whose sizes do not match.
pub(super) fn lower(graph: &Graph, input: &[usize], values: &[ValueId]) -> Result<TypedModel, Refused> {
    // Other operator sets give some operators another meaning; `canonical` converts all graphs to this one.
    let set = graph.opsets.get("").copied().unwrap_or_default();
    if set != OPSET {
        return Err(Refused { place: "opset_import".into(), found: format!("operator set {set}") });
    }
    let mut uses = graph.uses();
    values.iter().for_each(|&value| uses[value] += 1);
    let mut readers: HashMap<ValueId, Vec<usize>> = HashMap::new();
    for (index, node) in graph.nodes.iter().enumerate() {
        for &value in node.inputs.iter().flatten() {
            readers.entry(value).or_default().push(index);
        }
    }
    let mut lowering = Lowering {
        graph,
        uses,
        readers,
        values: HashMap::new(),
        done: HashSet::new(),
        model: TypedModel::default(),
        level: SimdLevel::best(),
    };
    lowering.sources(input)?;
    for (index, node) in graph.nodes.iter().enumerate() {
        if !lowering.done.contains(&index) && lowering.node(node).is_none() {
            return Err(Refused { place: node.display_name(), found: node.op.clone() });
        }
    }
    lowering.finish(values)
}

impl Lowering<'_> {
    fn sources(&mut self, input: &[usize]) -> Result<(), Refused> {
        let refused = |found: String| Refused { place: "the graph's inputs".into(), found };
        for (value, entry) in self.graph.values.iter().enumerate() {
            if let ValueKind::Initializer(tensor) = &entry.source {
                self.values.insert(value, Lowered::Constant(tensor.clone()));
            }
        }
        let [value] = self.graph.inputs[..] else { return Err(refused(format!("{}", self.graph.inputs.len()))) };
        if input.first() != Some(&1) {
            return Err(refused(format!("a shape {input:?}")));
        }
        let fact = f32::fact(input);
        let source = self.model.add_source(self.graph.values[value].name.clone(), fact);
        let outlet = source.map_err(|e| refused(e.to_string()))?;
        self.values.insert(value, Lowered::Wire(Wire { outlet, shape: input.to_vec() }));
        Ok(())
    }

    fn finish(mut self, values: &[ValueId]) -> Result<TypedModel, Refused> {
        let mut outlets = Vec::new();
        for &value in self.graph.outputs.iter().chain(values) {
            let name = &self.graph.values[value].name;
            let refused = || Refused { place: format!("output '{name}'"), found: "a constant".into() };
            outlets.push(self.wire(value).ok_or_else(refused)?.outlet);
        }
        let refused = |e: TractError| Refused { place: "the graph's outputs".into(), found: e.to_string() };
        self.model.select_output_outlets(&outlets).map_err(refused)?;
        Ok(self.model)
    }

    /// Lowers one node; `None` if it is not supported.
    fn node(&mut self, node: &Node) -> Option<()> {
        if !node.domain.is_empty() {
            return None;
        }
        match node.op.as_str() {
            "Conv" => self.convolution(node),
            "GlobalAveragePool" => self.global_average(node),
            "MaxPool" | "AveragePool" => self.pool(node),
            "BatchNormalization" => self.batch_normalization(node),
            "Relu" | "Clip" | "Sigmoid" | "HardSigmoid" | "HardSwish" => self.activation(node),
            "Add" | "Sub" | "Mul" | "Div" | "Min" | "Max" | "Pow" => self.binary(node),
            "Sqrt" | "Exp" | "Log" | "Neg" | "Abs" | "Tanh" | "Erf" | "Reciprocal" => self.unary(node),
            "Gemm" | "MatMul" => self.dense(node),
            "Softmax" | "LogSoftmax" => self.softmax(node),
            op if op.starts_with("Reduce") => self.reduce(node),
            "Flatten" | "Reshape" | "Squeeze" | "Unsqueeze" => self.reshape(node),
            "Transpose" => self.transpose(node),
            "Concat" => self.concat(node),
            "Slice" => self.slice(node),
            "Split" => self.split(node),
            "Gather" => self.gather(node),
            "Pad" => self.pad(node),
            "Cast" => self.cast(node),
            "DequantizeLinear" => self.dequantize(node),
            "Identity" | "Dropout" => self.same(node),
            _ => None,
        }
    }

    /// The tensor of a constant value.
    fn constant(&self, value: ValueId) -> Option<Arc<Tensor>> {
        match self.values.get(&value)? {
            Lowered::Constant(tensor) => Some(tensor.clone()),
            _ => None,
        }
    }

    /// The numbers of a float constant.
    fn floats(&self, value: ValueId) -> Option<Vec<f32>> {
        self.constant(value)?.f32s()
    }

    /// The numbers of an integer constant.
    fn ints(&self, value: ValueId) -> Option<Vec<i64>> {
        self.constant(value)?.i64s()
    }

    /// A computed value, with deferred factors and shifts applied; `None` for constants.
    fn wire(&mut self, value: ValueId) -> Option<Wire> {
        match self.values.get(&value)?.clone() {
            Lowered::Constant(_) => None,
            Lowered::Wire(wire) => Some(wire),
            Lowered::Gated { map, gate } => self.gate(value, &map, gate),
            Lowered::Normalised { map, scale, shift } => self.normalise(value, &map, scale, shift),
        }
    }

    /// The input of a node at this index, with deferred factors and shifts applied.
    fn input(&mut self, node: &Node, index: usize) -> Option<Wire> {
        self.wire(node.input(index)?)
    }

    /// A constant or a computed value, as a value of the tract model.
    fn any(&mut self, value: ValueId) -> Option<Wire> {
        let Some(tensor) = self.constant(value) else { return self.wire(value) };
        let numbers = tract_onnx::prelude::Tensor::from_shape(&tensor.dims, &tensor.f32s()?).ok()?;
        let name = self.name(value);
        let outlet = self.model.add_const(name, numbers.into_tensor()).ok()?;
        Some(Wire { outlet, shape: tensor.dims.clone() })
    }

    /// A unique name for the node that computes a value, as tract requires.
    fn name(&self, value: ValueId) -> String {
        format!("{}#{}", self.graph.values[value].name, self.model.nodes().len())
    }

    /// Adds a tract operator to the nodes that compute a value, and returns its output.
    fn add(&mut self, value: ValueId, op: impl Into<Box<dyn TypedOp>>, inputs: &[OutletId]) -> Option<Wire> {
        let name = self.name(value);
        let outlet = *self.model.wire_node(name, op, inputs).ok()?.first()?;
        let shape = self.model.outlet_fact(outlet).ok()?.shape.as_concrete()?.to_vec();
        let numbers: f64 = shape.iter().map(|&d| d as f64).product();
        (numbers <= NUMBERS).then_some(())?;
        let wire = Wire { outlet, shape };
        self.set(value, wire.clone())?;
        Some(wire)
    }

    fn set(&mut self, value: ValueId, wire: Wire) -> Option<()> {
        self.values.insert(value, Lowered::Wire(wire));
        Some(())
    }

    /// The node that reads a value, if the value is read once.
    fn reader(&self, value: ValueId) -> Option<usize> {
        match self.readers.get(&value).map(Vec::as_slice) {
            Some(&[reader]) if self.uses[value] == 1 => Some(reader),
            _ => None,
        }
    }

    /// Dequantizes weights that are stored as integers.
    fn dequantize(&mut self, node: &Node) -> Option<()> {
        let weights = crate::onnx::dequantized(self.graph, node)?;
        self.values.insert(*node.outputs.first()?, Lowered::Constant(Arc::new(weights)));
        Some(())
    }

    fn same(&mut self, node: &Node) -> Option<()> {
        let lowered = self.values.get(&node.input(0)?)?.clone();
        self.values.insert(*node.outputs.first()?, lowered);
        // The second output of a Dropout is a mask.
        node.outputs[1..].iter().all(|&v| self.uses[v] == 0).then_some(())
    }

    /// A cast between float types is the identity, since all floats are computed in 32 bits.
    fn cast(&mut self, node: &Node) -> Option<()> {
        let to = crate::onnx::DataType::try_from(i32::try_from(node.int("to", 0)).ok()?).ok()?;
        let from_floats = self.constant(node.input(0)?).is_none_or(|tensor| tensor.is_float());
        (from_floats && crate::onnx::is_float(to)).then(|| self.same(node)).flatten()
    }
}

/// Counts an axis from the front, if it is negative.
fn axis(axis: i64, rank: usize) -> Option<usize> {
    let axis = if axis < 0 { axis + rank as i64 } else { axis };
    usize::try_from(axis).ok().filter(|&a| a < rank)
}

/// The channels, height and width of the map of one image.
fn map_shape(shape: &[usize]) -> Option<[usize; 3]> {
    match *shape {
        [1, c, h, w] if c * h * w > 0 => Some([c, h, w]),
        _ => None,
    }
}
