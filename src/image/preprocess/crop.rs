//! The crop of an image that a model sees.

use super::{Preprocessing, ResizeMode};
use serde::Serialize;

/// A rectangle of an image: fractions of its width and height from its left and upper edge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Preprocessing {
    /// How many pixels the shorter side of an image must have for no pixel of the tensor to be made up: a video's frames may be
    /// scaled down to them, in proportion, where they are drawn.
    pub fn shorter_side(&self) -> u32 {
        self.resize_to.unwrap_or(self.width.max(self.height))
    }

    /// The part of an image of this size that the tensor shows; with [`ResizeMode::Letterbox`] more than the image.
    pub fn area(&self, width: u32, height: u32) -> Area {
        let of = |count: u32, resized: u32| {
            let first = (f64::from(resized) - f64::from(count)) / 2.0;
            // Whole pixels, as they are cut off or added.
            let first = if first < 0.0 { -(-first).floor() } else { first.floor() };
            (first / f64::from(resized), f64::from(count) / f64::from(resized))
        };
        let (resized_width, resized_height) = match self.fit {
            ResizeMode::Squash => (self.width, self.height),
            ResizeMode::CentreCrop => self.covering(width, height),
            ResizeMode::Letterbox => self.inside(width, height),
        };
        let ((x, width), (y, height)) = (of(self.width, resized_width), of(self.height, resized_height));
        Area { x, y, width, height }
    }
}
