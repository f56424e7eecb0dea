//! Converts one operator to nodes.

use super::builder::{Builder, Operand};
use super::operator::Operator;
use crate::error::Result;
use crate::onnx::DataType;

impl Builder<'_> {
    /// Adds the nodes of an operator; returns its outputs.
    ///
    /// # Errors
    /// `unsupported-model` and `malformed-model` with the operator, `limit` for too many nodes.
    pub(in crate::import) fn apply(&mut self, operator: &Operator, inputs: &[Operand]) -> Result<Vec<Operand>> {
        let one = match inputs {
            [] => return Err(self.malformed("an input", "none")),
            [first, ..] => first,
        };
        let output = match operator {
            Operator::Identity => one.clone(),
            Operator::Convolution { window, filters, dilations, groups } => {
                self.convolution(inputs, *window, *filters, *dilations, *groups)?
            }
            Operator::MaxPool { window, size } => self.pool("MaxPool", one, *window, *size)?,
            Operator::AveragePool { window, size } => self.pool("AveragePool", one, *window, *size)?,
            Operator::FullyConnected { keep_axes } => self.fully_connected(inputs, *keep_axes)?,
            Operator::MatrixProduct { transposed } => self.matrix_products(inputs, *transposed)?,
            Operator::Function(function) => {
                let value = self.in_own_layout(one)?;
                one.computed_as(self.function(*function, value)?)
            }
            Operator::Broadcast(op) => self.broadcast(op, inputs)?,
            Operator::SquaredDifference => self.squared_difference(inputs)?,
            Operator::PRelu => self.broadcast("PRelu", inputs)?,
            Operator::Softmax { scale } => self.softmax("Softmax", one, *scale)?,
            Operator::LogSoftmax => self.softmax("LogSoftmax", one, 1.0)?,
            Operator::L2Normalization => self.l2_normalization(one)?,
            Operator::Reduce { op, keep_axes } => self.reduce(inputs, *op, *keep_axes)?,
            Operator::Reshape { shape } => self.reshape(inputs, shape.as_deref())?,
            Operator::Squeeze { axes } => self.squeeze(one, axes)?,
            Operator::ExpandDims => self.expand_dims(inputs)?,
            Operator::Transpose => self.transposition(inputs)?,
            Operator::Concatenate { axis } => self.concatenate(inputs, *axis)?,
            Operator::Pad { reflect } => self.pad(inputs, *reflect)?,
            Operator::Slice => self.slice(inputs)?,
            Operator::StridedSlice(masks) => self.strided_slice(inputs, *masks)?,
            Operator::Split { axis, sizes } => return self.split(one, *axis, sizes),
            Operator::Pack { axis } => self.pack(inputs, *axis)?,
            Operator::Unpack { axis, count } => return self.unpack(one, *axis, *count),
            Operator::Gather { axis } => self.gather(inputs, *axis)?,
            Operator::Shape => self.shape(one)?,
            Operator::Tile => self.tile(inputs)?,
            Operator::Reverse => self.reverse(inputs)?,
            Operator::SpaceToDepth { block } => self.blocks("SpaceToDepth", one, *block)?,
            Operator::DepthToSpace { block } => self.blocks("DepthToSpace", one, *block)?,
            Operator::CastToFloat => self.cast(one, DataType::Float)?,
            Operator::CastToInteger => self.cast(one, DataType::Int64)?,
            Operator::Resize(sampling) => self.resized(inputs, *sampling)?,
        };
        Ok(vec![output])
    }
}
