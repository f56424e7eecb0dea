//! Converts the resizing of images inside a model.

use super::builder::{Builder, Operand};
use super::operator::Resize;
use crate::error::Result;
use crate::onnx::{Attribute, Tensor};

impl Builder<'_> {
    /// TensorFlow's rules for the sampled positions, by ONNX's names.
    pub(super) fn resize(&mut self, inputs: &[Operand], resize: Resize) -> Result<Operand> {
        let Some(input) = inputs.first() else { return Err(self.malformed("an input", "none")) };
        let sides = self.integers(inputs.get(1), "height and width")?;
        if sides.len() != 2 || sides.iter().any(|&side| side < 1) {
            return Err(self.malformed("height and width", format!("{sides:?}")));
        }
        let value = self.channels_first(input)?;
        let text = |text: &str| Attribute::String(text.as_bytes().to_vec());
        let positions = match (resize.align_corners, resize.half_pixel_centers) {
            (true, _) => "align_corners",
            (false, true) => "half_pixel",
            (false, false) => "asymmetric",
        };
        // The nearest pixel: rounded half up between centres or corners, else the one before.
        let nearest = if positions == "asymmetric" { "floor" } else { "round_prefer_ceil" };
        let attributes = [
            ("mode", text(if resize.bilinear { "linear" } else { "nearest" })),
            ("coordinate_transformation_mode", text(positions)),
            ("nearest_mode", text(nearest)),
        ];
        let sizes = self.add("Shape", [], &[value])?;
        let bounds = [0, 2, 0].map(|bound| self.add_constant("bound", Tensor::from_i64(&[bound])));
        let first = self.add("Slice", [], &[sizes, bounds[0], bounds[1], bounds[2]])?;
        let sides = self.add_constant("sides", Tensor::from_i64(&sides));
        let sizes = self.add("Concat", [("axis", Attribute::Int(0))], &[first, sides])?;
        let none = self.add_constant("no scales", Tensor::from_f32(&[0], &[]));
        let region = self.add_constant("no region", Tensor::from_f32(&[0], &[]));
        Ok(Operand::map(self.add("Resize", attributes, &[value, region, none, sizes])?))
    }
}
