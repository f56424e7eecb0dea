//! Builds a graph from operators, with the layout of every value.

use super::constant::{Constant, Stored};
use crate::error::{Error, Result};
use crate::import::graph_builder::{GraphBuilder, NCHW, NHWC};
use crate::onnx::{self, Attribute, Tensor, ValueId};
use std::collections::HashMap;
use std::ops::{Deref, DerefMut};

/// An input or output of an operator.
#[derive(Clone, Debug)]
pub(in crate::import) enum Operand {
    Constant(Constant),
    Computed { value: ValueId, rank: usize, layout: Layout },
}

/// The order of the axes of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Layout {
    /// As in TensorFlow.
    AsStored,
    /// [N, C, H, W] for TensorFlow's [N, H, W, C].
    ChannelsFirst,
}

impl Operand {
    pub(in crate::import) fn as_stored(value: ValueId, rank: usize) -> Operand {
        Operand::Computed { value, rank, layout: Layout::AsStored }
    }

    pub(in crate::import) fn map(value: ValueId) -> Operand {
        Operand::Computed { value, rank: 4, layout: Layout::ChannelsFirst }
    }

    pub(super) fn rank(&self) -> usize {
        match self {
            Operand::Constant(constant) => constant.rank(),
            Operand::Computed { rank, .. } => *rank,
        }
    }

    pub(super) fn is_map(&self) -> bool {
        matches!(self, Operand::Computed { layout: Layout::ChannelsFirst, .. })
    }

    pub(super) fn constant(&self) -> Option<&Constant> {
        match self {
            Operand::Constant(constant) => Some(constant),
            Operand::Computed { .. } => None,
        }
    }
}

/// A graph under construction, and the operator that is converted.
pub(in crate::import) struct Builder<'a> {
    nodes: GraphBuilder<'a>,
    /// The operator's name.
    pub name: String,
    /// The operator's kind, such as `CONV_2D`.
    pub kind: String,
    /// The number of elements of computed vectors of sizes.
    pub(super) lengths: HashMap<ValueId, usize>,
    /// Values in the other layout.
    transposed: HashMap<ValueId, ValueId>,
}

impl<'a> Deref for Builder<'a> {
    type Target = GraphBuilder<'a>;

    fn deref(&self) -> &GraphBuilder<'a> {
        &self.nodes
    }
}

impl DerefMut for Builder<'_> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.nodes
    }
}

impl<'a> Builder<'a> {
    pub(in crate::import) fn new(model: &'a str) -> Builder<'a> {
        Builder {
            nodes: GraphBuilder::new(model),
            name: String::new(),
            kind: String::new(),
            lengths: HashMap::new(),
            transposed: HashMap::new(),
        }
    }

    fn place(&self) -> String {
        format!("{} '{}'", self.kind, self.name)
    }

    pub(in crate::import) fn malformed(&self, expected: impl ToString, found: impl ToString) -> Error {
        onnx::malformed(self.model, self.place(), expected, found)
    }

    /// The error for an operator or setting that is not converted.
    pub(in crate::import) fn not_covered(&self, expected: impl ToString, found: impl ToString) -> Error {
        let remedy = "export the model as a Keras file or as ONNX";
        onnx::unsupported(self.model, self.place(), expected, found, remedy)
    }

    /// Adds a node named after the operator.
    pub(super) fn add<const N: usize>(
        &mut self,
        op: &str,
        attributes: [(&str, Attribute); N],
        inputs: &[ValueId],
    ) -> Result<ValueId> {
        let name = self.name.clone();
        self.node(&name, op, attributes, inputs)
    }

    /// Adds a constant named after the operator.
    pub(super) fn add_constant(&mut self, part: &str, tensor: Tensor) -> ValueId {
        let name = format!("{}/{part}", self.name);
        self.constant(&name, tensor)
    }

    pub(super) fn add_scalar(&mut self, part: &str, value: f32) -> ValueId {
        self.add_constant(part, Tensor::from_f32(&[], &[value]))
    }

    /// The value with its axes as in TensorFlow.
    pub(in crate::import) fn as_stored(&mut self, operand: &Operand) -> Result<ValueId> {
        match operand {
            Operand::Constant(constant) => self.weights(constant, &[], "constant"),
            Operand::Computed { value, layout: Layout::AsStored, .. } => Ok(*value),
            Operand::Computed { value, layout: Layout::ChannelsFirst, .. } => self.transposed(*value, &NHWC),
        }
    }

    /// The value of rank 4 as [N, C, H, W].
    pub(super) fn channels_first(&mut self, operand: &Operand) -> Result<ValueId> {
        if operand.rank() != 4 {
            return Err(self.malformed("a map [N, H, W, C] as its input", format!("{} axes", operand.rank())));
        }
        match operand {
            Operand::Constant(constant) => self.weights(constant, &NCHW, "constant"),
            Operand::Computed { value, layout: Layout::ChannelsFirst, .. } => Ok(*value),
            Operand::Computed { value, layout: Layout::AsStored, .. } => self.transposed(*value, &NCHW),
        }
    }

    fn transposed(&mut self, value: ValueId, axes: &[usize]) -> Result<ValueId> {
        if let Some(&known) = self.transposed.get(&value) {
            return Ok(known);
        }
        let name = format!("{}/transposed", self.graph.values[value].name);
        let moved = self.transpose(&name, value, axes)?;
        self.transposed.insert(value, moved);
        self.transposed.insert(moved, value);
        Ok(moved)
    }

    /// A constant with its axes reordered, unless `order` is empty.
    pub(super) fn weights(&mut self, constant: &Constant, order: &[usize], part: &str) -> Result<ValueId> {
        match constant.stored(order) {
            Some(Stored::Plain(tensor)) => Ok(self.add_constant(part, tensor)),
            Some(Stored::Integers { tensor, scales, zeros, axis }) => {
                let mut inputs = vec![self.add_constant(&format!("{part}/integers"), tensor)];
                inputs.push(self.add_constant(&format!("{part}/scale"), scales));
                inputs.extend(zeros.map(|zeros| self.add_constant(&format!("{part}/zero point"), zeros)));
                let name = format!("{}/{part}", self.name);
                self.node(&name, "DequantizeLinear", [("axis", Attribute::Int(axis as i64))], &inputs)
            }
            None => Err(self.not_covered("numbers with one scale, or one per channel", describe(constant))),
        }
    }

    /// The real values of a constant.
    pub(super) fn floats(&self, constant: &Constant) -> Result<Tensor> {
        constant.floats().ok_or_else(|| self.not_covered("a constant of real numbers", describe(constant)))
    }

    /// The integers of a constant input, such as axes.
    pub(in crate::import) fn integers(&self, operand: Option<&Operand>, part: &str) -> Result<Vec<i64>> {
        let found = operand.and_then(Operand::constant).and_then(Constant::integers);
        found.ok_or_else(|| self.not_covered(format!("{part} as constant integers"), "other values"))
    }

    /// An axis of a value of this rank, counted from the front.
    pub(super) fn axis(&self, axis: i64, rank: usize) -> Result<usize> {
        let counted = if axis < 0 { axis + rank as i64 } else { axis };
        let found = usize::try_from(counted).ok().filter(|&axis| axis < rank);
        found.ok_or_else(|| self.malformed(format!("an axis of {rank}"), axis))
    }
}

fn describe(constant: &Constant) -> String {
    format!("{:?} {:?}", constant.tensor.dtype, constant.tensor.dims)
}
