//! Converts operators along axes: means, sums, softmax, norms.

use super::builder::{Builder, Operand};
use super::operator::Reduction;
use crate::error::Result;
use crate::import::graph_builder::NCHW;
use crate::onnx::{Attribute, Tensor, ValueId};

/// The smallest norm that TensorFlow Lite divides by.
const LEAST_NORM: f32 = 1e-6;

impl Builder<'_> {
    pub(super) fn reduce(&mut self, inputs: &[Operand], op: Reduction, keep_axes: bool) -> Result<Operand> {
        let [input, axes, ..] = inputs else { return Err(self.malformed("an input and axes", inputs.len())) };
        let rank = input.rank();
        let axes = self.integers(Some(axes), "axes")?;
        let mut axes = axes.into_iter().map(|axis| self.axis(axis, rank)).collect::<Result<Vec<_>>>()?;
        axes.sort_unstable();
        axes.dedup();
        let kept = if keep_axes { rank } else { rank - axes.len() };
        // The axes that remain have the same order in both layouts, unless a side remains beside the channels.
        let alike = keep_axes || axes.contains(&3) || (axes.contains(&1) && axes.contains(&2));
        if !input.is_map() || !alike {
            let value = self.as_stored(input)?;
            return Ok(Operand::as_stored(self.over(op, value, &axes, keep_axes)?, kept));
        }
        let value = self.channels_first(input)?;
        let mut moved: Vec<usize> =
            axes.iter().filter_map(|axis| NCHW.iter().position(|other| other == axis)).collect();
        moved.sort_unstable();
        let value = self.over(op, value, &moved, keep_axes)?;
        Ok(if keep_axes { Operand::map(value) } else { Operand::as_stored(value, kept) })
    }

    fn over(&mut self, op: Reduction, value: ValueId, axes: &[usize], keep_axes: bool) -> Result<ValueId> {
        let axes: Vec<i64> = axes.iter().map(|&axis| axis as i64).collect();
        let keep = ("keepdims", Attribute::Int(i64::from(keep_axes)));
        let name = match op {
            Reduction::Mean => "ReduceMean",
            Reduction::Max => "ReduceMax",
            Reduction::Min => "ReduceMin",
            Reduction::Product => "ReduceProd",
            Reduction::Sum => {
                let axes = self.add_constant("axes", Tensor::from_i64(&axes));
                return self.add("ReduceSum", [keep], &[value, axes]);
            }
        };
        self.add(name, [("axes", Attribute::Ints(axes)), keep], &[value])
    }

    /// Along the last axis of TensorFlow.
    pub(super) fn softmax(&mut self, op: &str, input: &Operand, scale: f32) -> Result<Operand> {
        let mut value = self.in_own_layout(input)?;
        if scale != 1.0 {
            let scale = self.add_scalar("scale", scale);
            value = self.add("Mul", [], &[value, scale])?;
        }
        let value = self.add(op, [("axis", Attribute::Int(last_axis(input)))], &[value])?;
        Ok(input.computed_as(value))
    }

    pub(super) fn l2_normalization(&mut self, input: &Operand) -> Result<Operand> {
        let value = self.in_own_layout(input)?;
        let attributes = [("axes", Attribute::Ints(vec![last_axis(input)])), ("keepdims", Attribute::Int(1))];
        let norm = self.add("ReduceL2", attributes, &[value])?;
        let least = self.add_scalar("least", LEAST_NORM);
        let norm = self.add("Max", [], &[norm, least])?;
        Ok(input.computed_as(self.add("Div", [], &[value, norm])?))
    }

    /// The value in the layout that it has.
    pub(super) fn in_own_layout(&mut self, operand: &Operand) -> Result<ValueId> {
        if operand.is_map() {
            self.channels_first(operand)
        } else {
            self.as_stored(operand)
        }
    }
}

impl Operand {
    /// A value of the same rank and layout.
    pub(super) fn computed_as(&self, value: ValueId) -> Operand {
        if self.is_map() {
            Operand::map(value)
        } else {
            Operand::as_stored(value, self.rank())
        }
    }
}

/// The last axis of TensorFlow in the operand's layout.
fn last_axis(operand: &Operand) -> i64 {
    if operand.is_map() {
        1
    } else {
        operand.rank() as i64 - 1
    }
}
