//! Converts operators of broadcast inputs.

use super::builder::{Builder, Layout, Operand};
use crate::error::Result;
use crate::import::graph_builder::NCHW;
use crate::onnx::{Tensor, ValueId};

impl Builder<'_> {
    /// An operator of two inputs, in the layout in which no input needs to be transposed.
    pub(super) fn binary(&mut self, op: &str, inputs: &[Operand]) -> Result<Operand> {
        let [a, b] = inputs else { return Err(self.malformed("two inputs", inputs.len())) };
        let rank = a.rank().max(b.rank());
        let layout = common_layout(inputs);
        let mut value = |operand: &Operand| self.broadcast(operand, rank, layout);
        let operands = [value(a)?, value(b)?];
        Ok(Operand::Computed { value: self.add(op, [], &operands)?, rank, layout })
    }

    pub(super) fn squared_difference(&mut self, inputs: &[Operand]) -> Result<Operand> {
        let difference = self.binary("Sub", inputs)?;
        let Operand::Computed { value, rank, layout } = difference else { return Ok(difference) };
        Ok(Operand::Computed { value: self.add("Mul", [], &[value, value])?, rank, layout })
    }

    /// An input of an operator whose output has this rank and layout.
    fn broadcast(&mut self, operand: &Operand, rank: usize, layout: Layout) -> Result<ValueId> {
        let map = layout == Layout::ChannelsFirst;
        let Some(constant) = operand.constant() else {
            return if map && operand.rank() == 4 { self.channels_first(operand) } else { self.as_stored(operand) };
        };
        // Small constants only: an elementwise operator reads no weights.
        let Some(mut floats) = constant.floats() else { return self.as_stored(operand) };
        if floats.len() == 1 && rank > 0 {
            floats.dims = Vec::new();
        } else if map {
            floats = channels_first(floats);
        }
        Ok(self.add_constant("constant", floats))
    }
}

/// The layout of the output: channels first if an input is so, and no other has fewer axes.
fn common_layout(inputs: &[Operand]) -> Layout {
    let computed = |operand: &&Operand| operand.constant().is_none();
    let fits = |operand: &Operand| [0, 4].contains(&operand.rank());
    let constants = inputs.iter().filter(|operand| operand.constant().is_some());
    match inputs.iter().any(Operand::is_map)
        && inputs.iter().filter(computed).all(fits)
        && constants.clone().all(|operand| operand.rank() <= 4)
    {
        true => Layout::ChannelsFirst,
        false => Layout::AsStored,
    }
}

/// A constant of at most four axes, broadcast to maps, with channels first.
fn channels_first(mut tensor: Tensor) -> Tensor {
    let missing = 4 - tensor.dims.len();
    tensor.dims.splice(0..0, std::iter::repeat_n(1, missing));
    tensor.transposed(&NCHW)
}
