//! Adds the resizing of images inside a model, by TensorFlow's rules.

use super::graph_builder::GraphBuilder;
use crate::error::Result;
use crate::onnx::{Attribute, Tensor, ValueId};

/// How a pixel of the result is sampled.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sampling {
    /// Bilinear, without a wider filter for shrinking; else the nearest pixel.
    pub bilinear: bool,
    pub positions: Positions,
}

/// The position in the input of a pixel of the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Positions {
    /// Centres of pixels lie at one half.
    HalfPixel,
    /// The first and last pixels of both images coincide.
    AlignCorners,
    /// The first pixels of both images coincide.
    Asymmetric,
}

impl Sampling {
    /// The attributes of a Resize.
    pub(super) fn attributes(self) -> [(&'static str, Attribute); 3] {
        let text = |text: &str| Attribute::String(text.as_bytes().to_vec());
        // The nearest pixel: rounded half up between centres or corners, else the one before.
        let (positions, nearest) = match self.positions {
            Positions::HalfPixel => ("half_pixel", "round_prefer_ceil"),
            Positions::AlignCorners => ("align_corners", "round_prefer_ceil"),
            Positions::Asymmetric => ("asymmetric", "floor"),
        };
        [
            ("mode", text(if self.bilinear { "linear" } else { "nearest" })),
            ("coordinate_transformation_mode", text(positions)),
            ("nearest_mode", text(nearest)),
        ]
    }
}

impl GraphBuilder<'_> {
    /// A map [N, C, H, W] resized to these sides.
    pub(super) fn resize(&mut self, name: &str, map: ValueId, sides: [i64; 2], sampling: Sampling) -> Result<ValueId> {
        let part = |part: &str| format!("{name}/{part}");
        let sizes = self.node(&part("shape"), "Shape", [], &[map])?;
        let bounds = [0, 2, 0].map(|bound| self.constant(&part("bound"), Tensor::from_i64(&[bound])));
        let first = self.node(&part("first"), "Slice", [], &[sizes, bounds[0], bounds[1], bounds[2]])?;
        let sides = self.constant(&part("sides"), Tensor::from_i64(&sides));
        let sizes = self.node(&part("sizes"), "Concat", [("axis", Attribute::Int(0))], &[first, sides])?;
        let [region, scales] =
            ["no region", "no scales"].map(|name| self.constant(&part(name), Tensor::from_f32(&[0], &[])));
        self.node(name, "Resize", sampling.attributes(), &[map, region, scales, sizes])
    }
}
