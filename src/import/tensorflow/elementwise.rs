//! Converts operators of broadcast inputs.

use super::builder::{Builder, Layout, Operand};
use crate::error::Result;
use crate::import::graph_builder::NCHW;
use crate::onnx::{Tensor, ValueId};

impl Builder<'_> {
    /// An operator of inputs that are broadcast, in the layout in which no input needs to be transposed.
    pub(super) fn broadcast(&mut self, op: &str, inputs: &[Operand]) -> Result<Operand> {
        let rank = inputs.iter().map(Operand::rank).max().unwrap_or(0);
        let layout = common_layout(inputs);
        let mut operands = Vec::new();
        for input in inputs {
            operands.push(self.broadcast_input(input, rank, layout)?);
        }
        Ok(Operand::Computed { value: self.add(op, [], &operands)?, rank, layout })
    }

    pub(super) fn squared_difference(&mut self, inputs: &[Operand]) -> Result<Operand> {
        let difference = self.broadcast("Sub", inputs)?;
        let Operand::Computed { value, rank, layout } = difference else { return Ok(difference) };
        Ok(Operand::Computed { value: self.add("Mul", [], &[value, value])?, rank, layout })
    }

    /// An input of an operator whose output has this rank and layout.
    fn broadcast_input(&mut self, operand: &Operand, rank: usize, layout: Layout) -> Result<ValueId> {
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
