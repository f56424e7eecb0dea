//! The crop of an image that the model sees.

use super::{Preprocessing, ResizeMode};
use serde::Serialize;

/// A rectangle of an image, in fractions of its width and height from the left and upper edge.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Area {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

impl Preprocessing {
    /// The smallest shorter side, in pixels, of an image that is not upscaled for the tensor. Video frames may be
    /// scaled down to it, in proportion, when they are drawn.
    pub fn shorter_side(&self) -> u32 {
        self.resize_to.unwrap_or(self.width.max(self.height))
    }

    /// The part of an image of this size that the tensor shows; larger than the image with [`ResizeMode::Letterbox`].
    pub fn area(&self, width: u32, height: u32) -> Area {
        let of = |count: u32, resized: u32| {
            let first = (f64::from(resized) - f64::from(count)) / 2.0;
            // Whole pixels, as the resize crops or pads them.
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
