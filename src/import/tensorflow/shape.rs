//! Converts operators that move elements: reshape, transpose, concatenate, pad.

use super::builder::{Builder, Layout, Operand};
use crate::error::Result;
use crate::import::graph_builder::{NCHW, NHWC};
use crate::onnx::{Attribute, DataType, Tensor, ValueId};

impl Builder<'_> {
    pub(super) fn reshape(&mut self, inputs: &[Operand], shape: Option<&[i64]>) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let constant = || inputs.get(1).and_then(|shape| self.integers(Some(shape), "the shape").ok());
        let Some(shape) = shape.map(<[i64]>::to_vec).or_else(constant) else {
            return self.reshape_computed(inputs);
        };
        let value = self.as_stored(input)?;
        // A vector as a map of one pixel is the same in both layouts.
        if let &[batch, 1, 1, channels] = shape.as_slice() {
            return Ok(Operand::map(self.reshaped(value, &[batch, channels, 1, 1])?));
        }
        Ok(Operand::as_stored(self.reshaped(value, &shape)?, shape.len()))
    }

    /// A reshape to a computed shape, whose rank is the number of packed sizes.
    fn reshape_computed(&mut self, inputs: &[Operand]) -> Result<Operand> {
        let [input, shape] = inputs else { return Err(self.malformed("an input and a shape", inputs.len())) };
        let (value, sizes) = (self.as_stored(input)?, self.as_stored(shape)?);
        let Some(rank) = self.lengths.get(&sizes).copied() else {
            return Err(self.not_covered("a shape of a known number of axes", "a computed one"));
        };
        Ok(Operand::as_stored(self.add("Reshape", [], &[value, sizes])?, rank))
    }

    fn reshaped(&mut self, value: ValueId, shape: &[i64]) -> Result<ValueId> {
        let shape = self.add_constant("shape", Tensor::from_i64(shape));
        self.add("Reshape", [], &[value, shape])
    }

    pub(super) fn squeeze(&mut self, input: &Operand, axes: &[i64]) -> Result<Operand> {
        let rank = input.rank();
        let axes = axes.iter().map(|&axis| self.axis(axis, rank)).collect::<Result<Vec<_>>>()?;
        if axes.is_empty() {
            return Err(self.not_covered("stated axes of length 1", "none"));
        }
        let value = self.as_stored(input)?;
        let kept = rank.checked_sub(axes.len()).ok_or_else(|| self.malformed("an axis once", "twice"))?;
        Ok(Operand::as_stored(self.squeezed(value, &axes)?, kept))
    }

    pub(super) fn squeezed(&mut self, value: ValueId, axes: &[usize]) -> Result<ValueId> {
        let axes: Vec<i64> = axes.iter().map(|&axis| axis as i64).collect();
        let axes = self.add_constant("axes", Tensor::from_i64(&axes));
        self.add("Squeeze", [], &[value, axes])
    }

    pub(super) fn expand_dims(&mut self, inputs: &[Operand]) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let axes = self.integers(inputs.get(1), "the axis")?;
        let &[axis] = axes.as_slice() else { return Err(self.malformed("one axis", axes.len())) };
        let rank = input.rank() + 1;
        let axis = self.axis(axis, rank)?;
        let value = self.as_stored(input)?;
        Ok(Operand::as_stored(self.unsqueezed(value, axis)?, rank))
    }

    pub(super) fn unsqueezed(&mut self, value: ValueId, axis: usize) -> Result<ValueId> {
        let axes = self.add_constant("axes", Tensor::from_i64(&[axis as i64]));
        self.add("Unsqueeze", [], &[value, axes])
    }

    pub(super) fn transposition(&mut self, inputs: &[Operand]) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let rank = input.rank();
        let order = self.integers(inputs.get(1), "the order of axes")?;
        let order = order.into_iter().map(|axis| self.axis(axis, rank)).collect::<Result<Vec<_>>>()?;
        let mut sorted = order.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..rank) {
            return Err(self.malformed("each axis once", format!("{order:?}")));
        }
        let value = self.as_stored(input)?;
        let name = self.name.clone();
        Ok(Operand::as_stored(self.transpose(&name, value, &order)?, rank))
    }

    pub(super) fn concatenate(&mut self, inputs: &[Operand], axis: i64) -> Result<Operand> {
        let Some(first) = inputs.first() else { return Err(self.malformed("inputs", "none")) };
        let rank = first.rank();
        if inputs.iter().any(|input| input.rank() != rank) {
            return Err(self.malformed("inputs of one number of axes", "others"));
        }
        let axis = self.axis(axis, rank)?;
        let map = inputs.iter().any(Operand::is_map);
        let mut values = Vec::new();
        for input in inputs {
            values.push(if map { self.channels_first(input)? } else { self.as_stored(input)? });
        }
        let axis = if map { moved(axis) } else { axis };
        let value = self.add("Concat", [("axis", Attribute::Int(axis as i64))], &values)?;
        if rank == 1 {
            let lengths = inputs.iter().map(|input| self.length(input));
            if let Some(length) = lengths.sum::<Option<usize>>() {
                self.lengths.insert(value, length);
            }
        }
        Ok(if map { Operand::map(value) } else { Operand::as_stored(value, rank) })
    }

    pub(super) fn pad(&mut self, inputs: &[Operand], reflect: bool) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let rank = input.rank();
        let pads = self.integers(inputs.get(1), "the padding")?;
        let Some(sides) = Some(pads.as_chunks::<2>()).filter(|(sides, rest)| sides.len() == rank && rest.is_empty())
        else {
            return Err(self.malformed(format!("padding of {rank} axes"), pads.len()));
        };
        // Maps stay as they are; an image in front of a convolution becomes one.
        let map = rank == 4;
        let order: Vec<usize> = if map { NCHW.to_vec() } else { (0..rank).collect() };
        let ends = [0, 1].iter().flat_map(|&end| order.iter().map(move |&axis| (axis, end)));
        let pads: Vec<i64> = ends.map(|(axis, end)| sides.0[axis][end]).collect();
        let mut operands = vec![if map { self.channels_first(input)? } else { self.as_stored(input)? }];
        operands.push(self.add_constant("pads", Tensor::from_i64(&pads)));
        if let Some(value) = inputs.get(2) {
            let constant = value.constant().map(|constant| self.floats(constant)).transpose()?;
            let Some(number) = constant.and_then(|number| number.scalar()) else {
                return Err(self.not_covered("padding with one constant", "others"));
            };
            operands.push(self.add_scalar("value", number));
        }
        let mode = Attribute::String(if reflect { b"reflect".to_vec() } else { b"constant".to_vec() });
        let value = self.add("Pad", [("mode", mode)], &operands)?;
        Ok(if map { Operand::map(value) } else { Operand::as_stored(value, rank) })
    }

    pub(super) fn tile(&mut self, inputs: &[Operand]) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let copies = self.integers(inputs.get(1), "the number of copies")?;
        if copies.len() != input.rank() {
            return Err(self.malformed(format!("{} numbers of copies", input.rank()), copies.len()));
        }
        let value = self.as_stored(input)?;
        let copies = self.add_constant("copies", Tensor::from_i64(&copies));
        Ok(Operand::as_stored(self.add("Tile", [], &[value, copies])?, input.rank()))
    }

    /// Both orders of channels, [block row, block column, channel], are those of ONNX.
    pub(super) fn blocks(&mut self, op: &str, input: &Operand, block: i64) -> Result<Operand> {
        let value = self.channels_first(input)?;
        Ok(Operand::map(self.add(op, [("blocksize", Attribute::Int(block))], &[value])?))
    }

    pub(super) fn shape(&mut self, input: &Operand) -> Result<Operand> {
        let value = self.in_own_layout(input)?;
        let mut sizes = self.add("Shape", [], &[value])?;
        if input.is_map() {
            let order = self.add_constant("order", Tensor::from_i64(&NHWC.map(|axis| axis as i64)));
            sizes = self.add("Gather", [], &[sizes, order])?;
        }
        self.lengths.insert(sizes, input.rank());
        Ok(Operand::as_stored(sizes, 1))
    }

    pub(super) fn cast(&mut self, input: &Operand, to: DataType) -> Result<Operand> {
        let value = self.in_own_layout(input)?;
        let cast = self.add("Cast", [("to", Attribute::Int(to as i64))], &[value])?;
        Ok(input.computed_as(cast))
    }

    /// The number of elements of a vector, if it is known.
    fn length(&self, operand: &Operand) -> Option<usize> {
        match operand {
            Operand::Constant(constant) => Some(constant.tensor.len()),
            Operand::Computed { value, layout: Layout::AsStored, .. } => self.lengths.get(value).copied(),
            Operand::Computed { .. } => None,
        }
    }
}

/// The position in [N, C, H, W] of an axis of [N, H, W, C].
pub(super) fn moved(axis: usize) -> usize {
    NHWC[axis]
}
