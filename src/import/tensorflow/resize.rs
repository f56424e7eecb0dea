//! Converts the resizing of images inside a model.

use super::builder::{Builder, Operand};
use crate::error::Result;
use crate::import::resize::Sampling;

impl Builder<'_> {
    pub(super) fn resized(&mut self, inputs: &[Operand], sampling: Sampling) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let sides = self.integers(inputs.get(1), "height and width")?;
        let &[height @ 1..=i64::MAX, width @ 1..=i64::MAX] = sides.as_slice() else {
            return Err(self.malformed("height and width", format!("{sides:?}")));
        };
        let map = self.channels_first(input)?;
        let name = self.name.clone();
        Ok(Operand::map(self.resize(&name, map, [height, width], sampling)?))
    }
}
