//! Maps the pixels of a resized axis to source coordinates.

use std::ops::Range;

/// One axis of a resize: `source` pixels are resized to `resized` pixels, of which `count` from `first` on are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Axis {
    pub source: u32,
    pub resized: u32,
    pub first: u32,
    pub count: u32,
}

impl Axis {
    /// Keeps all resized pixels.
    pub fn whole(source: u32, resized: u32) -> Axis {
        Axis { source, resized, first: 0, count: resized }
    }

    /// Keeps the middle `count` pixels; an odd surplus leaves the smaller margin before them.
    pub fn middle(source: u32, resized: u32, count: u32) -> Axis {
        Axis { source, resized, first: (resized - count) / 2, count }
    }

    /// Source pixels per resized pixel.
    pub fn scale(&self) -> f64 {
        f64::from(self.source) / f64::from(self.resized)
    }

    /// The number of pixels that the axis loses; negative if it grows.
    pub fn loss(&self) -> i64 {
        i64::from(self.source) - i64::from(self.resized)
    }

    /// The source pixels that a filter with a radius of `reach` source pixels reads.
    pub fn read(&self, reach: f64) -> Range<u32> {
        let centre = |i: u32| (f64::from(i) + 0.5) * self.scale();
        let start = (centre(self.first) - reach).floor().max(0.0) as u32;
        let end = (centre(self.first + self.count - 1) + reach).ceil() as u32;
        start..end.min(self.source)
    }

    /// The kept pixels as start and length in source pixels, counted from `kept.start`, within `kept`.
    pub fn span(&self, kept: &Range<u32>) -> (f64, f64) {
        let start = f64::from(self.first) * self.scale() - f64::from(kept.start);
        let start = start.max(0.0);
        (start, (f64::from(self.count) * self.scale()).min(f64::from(kept.end - kept.start) - start))
    }

    /// The nearest source pixel of every kept pixel: the one under its centre.
    ///
    /// Pillow accumulates the step pixel by pixel (`ImagingScaleAffine`), which decides some centres that are exactly
    /// between two pixels. `stepped` reproduces this; without it the centre is exact, as in TensorFlow.
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
}
