//! Converts convolutions and pooling.

use super::builder::{Builder, Operand};
use super::operator::{Filters, Window};
use crate::error::Result;
use crate::import::graph_builder::MAX_WINDOW;
use crate::onnx::{Attribute, ValueId};

impl Builder<'_> {
    pub(super) fn convolution(
        &mut self,
        inputs: &[Operand],
        window: Window,
        filters: Filters,
        dilations: [i64; 2],
        groups: usize,
    ) -> Result<Operand> {
        let [map, weights, ..] = inputs else { return Err(self.malformed("a map and filters", inputs.len())) };
        let Some(weights) = weights.constant().filter(|weights| weights.rank() == 4) else {
            return Err(self.not_covered("constant filters with four axes", "other values"));
        };
        let order = match filters {
            Filters::OutFirst => [0, 3, 1, 2],
            Filters::DepthwiseLast => [3, 0, 1, 2],
        };
        let value = self.channels_first(map)?;
        let mut operands = vec![value, self.weights(weights, &order, "filters")?];
        operands.extend(self.bias(inputs.get(2))?);
        let attributes = [
            ("strides", self.sides(window.strides)?),
            ("dilations", self.sides(dilations)?),
            ("auto_pad", padding(window)),
            ("group", Attribute::Int(groups as i64)),
        ];
        Ok(Operand::map(self.add("Conv", attributes, &operands)?))
    }

    pub(super) fn pool(&mut self, op: &str, map: &Operand, window: Window, size: [i64; 2]) -> Result<Operand> {
        let value = self.channels_first(map)?;
        let attributes = [
            ("kernel_shape", self.sides(size)?),
            ("strides", self.sides(window.strides)?),
            ("auto_pad", padding(window)),
        ];
        Ok(Operand::map(self.add(op, attributes, &[value])?))
    }

    /// The bias, if there is one.
    pub(super) fn bias(&mut self, bias: Option<&Operand>) -> Result<Option<ValueId>> {
        let Some(bias) = bias else { return Ok(None) };
        let Some(constant) = bias.constant() else { return self.as_stored(bias).map(Some) };
        let floats = self.floats(constant)?;
        Ok(Some(self.add_constant("bias", floats)))
    }

    fn sides(&self, sides: [i64; 2]) -> Result<Attribute> {
        match sides.iter().all(|side| (1..=MAX_WINDOW).contains(side)) {
            true => Ok(Attribute::Ints(sides.to_vec())),
            false => Err(self.malformed(format!("sides of 1 to {MAX_WINDOW}"), format!("{sides:?}"))),
        }
    }
}

/// TensorFlow puts the odd pixel of "same" padding below and right, as SAME_UPPER does.
fn padding(window: Window) -> Attribute {
    Attribute::String(if window.same { b"SAME_UPPER".to_vec() } else { b"VALID".to_vec() })
}
