//! Which source pixels make one output pixel along one axis, and how much each counts.

use super::Filter;
use std::f64::consts::PI;

/// One axis of a resize: `source` pixels become `resized`, of which `count` from `first` on are wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    pub source: u32,
    pub resized: u32,
    pub first: u32,
    pub count: u32,
}

impl Axis {
    /// Source pixels per output pixel.
    pub fn scale(&self) -> f64 {
        f64::from(self.source) / f64::from(self.resized)
    }

    /// The nearest source pixel of every wanted output pixel: the one under its centre.
    ///
    /// Pillow adds up the step pixel by pixel (`ImagingScaleAffine`), which decides some centres that lie exactly between
    /// two pixels; with `stepped` so does this, without it the centre is exact.
    pub fn nearest(&self, stepped: bool) -> Vec<u32> {
        let last = self.source - 1;
        let wanted = self.first..self.first + self.count;
        if stepped {
            let scale = self.scale();
            let mut centre = scale * 0.5;
            let positions = (0..wanted.end).map(|_| {
                let here = centre;
                centre += scale;
                (here as u32).min(last)
            });
            return positions.skip(self.first as usize).collect();
        }
        let centre = |i: u32| (2 * u64::from(i) + 1) * u64::from(self.source) / (2 * u64::from(self.resized));
        wanted.map(|i| (centre(i) as u32).min(last)).collect()
    }

    /// The weighted source pixels of every wanted output pixel, centres at half pixels.
    ///
    /// With `widen` the filter is stretched by the scale when shrinking (antialiasing). Weights outside the picture are
    /// dropped and the rest scaled to a sum of 1, then handed through `number`. Pillow's `precompute_coeffs`.
    pub fn windows<T>(&self, filter: Filter, widen: bool, number: impl Fn(f64) -> T) -> Vec<Window<T>> {
        let scale = self.scale();
        let stretch = if widen { scale.max(1.0) } else { 1.0 };
        let reach = filter.support() * stretch;
        let window = |i: u32| {
            let centre = (f64::from(i) + 0.5) * scale;
            let start = (centre - reach + 0.5).max(0.0) as u32;
            let end = ((centre + reach + 0.5) as u32).min(self.source);
            let weights: Vec<f64> =
                (start..end).map(|x| filter.weight((f64::from(x) + 0.5 - centre) / stretch)).collect();
            let sum: f64 = weights.iter().sum();
            Window { start: start as usize, weights: weights.into_iter().map(|w| number(w / sum)).collect() }
        };
        (self.first..self.first + self.count).map(window).collect()
    }
}

/// The source pixels from `start` on that make one output pixel.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Window<T> {
    pub start: usize,
    /// They add up to 1 (in the unit of `T`).
    pub weights: Vec<T>,
}

impl Filter {
    /// How far the kernel reaches from its centre, in pixels.
    pub(super) fn support(self) -> f64 {
        match self {
            Filter::Nearest => 0.5,
            Filter::Bilinear => 1.0,
            Filter::Bicubic => 2.0,
            Filter::Lanczos => 3.0,
        }
    }

    /// The kernel at `x` pixels from its centre: triangle, Keys' cubic with a = −0.5, Lanczos with 3 lobes.
    fn weight(self, x: f64) -> f64 {
        let x = x.abs();
        match self {
            Filter::Nearest => f64::from(x <= 0.5),
            Filter::Bilinear => (1.0 - x).max(0.0),
            Filter::Bicubic if x < 1.0 => (1.5 * x - 2.5) * x * x + 1.0,
            Filter::Bicubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Filter::Lanczos if x < 3.0 => sinc(x) * sinc(x / 3.0),
            Filter::Bicubic | Filter::Lanczos => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 {
        1.0
    } else {
        (x * PI).sin() / (x * PI)
    }
}
