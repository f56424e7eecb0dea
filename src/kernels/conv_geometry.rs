//! The geometry of a convolution: kernel size, stride, dilation, padding, and the padded layout of its input.

use super::simd::{Simd, WIDEST};

/// The geometry of a convolution window, per axis: height, then width.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvParams {
    pub kernel: [usize; 2],
    pub stride: [usize; 2],
    pub dilation: [usize; 2],
    /// Before the first and after the last element of each axis.
    pub padding: [[usize; 2]; 2],
}

impl ConvParams {
    /// Height and width of the output for a map of this size; `None` if the window is larger than the map.
    pub fn output(&self, size: [usize; 2]) -> Option<[usize; 2]> {
        let along = |axis: usize| {
            let padded = size[axis] + self.padding[axis][0] + self.padding[axis][1];
            let reach = (self.kernel[axis].checked_sub(1)?) * self.dilation[axis] + 1;
            Some(padded.checked_sub(reach)? / self.stride[axis] + 1)
        };
        Some([along(0)?, along(1)?])
    }
}

/// A padded map. Its columns are deinterleaved into as many phases as the stride is wide, so that the columns read by
/// one tap are contiguous. Rows are long enough for a vector that starts at any output column.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    window: ConvParams,
    size: [usize; 2],
    pub output: [usize; 2],
    /// Elements per phase of a row.
    phase: usize,
    rows: usize,
}

impl Layout {
    /// `None` if the window is larger than the map.
    pub fn new(window: &ConvParams, size: [usize; 2]) -> Option<Layout> {
        let output = window.output(size)?;
        let reach = |axis: usize| (window.kernel[axis] - 1) * window.dilation[axis];
        let phase = output[1].next_multiple_of(WIDEST) + reach(1) / window.stride[1] + 1;
        let rows = (output[0] - 1) * window.stride[0] + reach(0) + 1;
        Some(Layout { window: window.clone(), size, output, phase, rows })
    }

    /// Elements per row.
    fn pitch(&self) -> usize {
        self.phase * self.window.stride[1]
    }

    /// Elements from the first row under a window to the first row under the next window below.
    pub fn step(&self) -> usize {
        self.pitch() * self.window.stride[0]
    }

    /// Elements per map, with room to read one vector past the last row.
    pub fn len(&self) -> usize {
        self.rows * self.pitch() + WIDEST
    }

    /// The offset of a tap from the first one of its window.
    pub fn tap(&self, y: usize, x: usize) -> usize {
        let column = x * self.window.dilation[1];
        let stride = self.window.stride[1];
        y * self.window.dilation[0] * self.pitch() + column % stride * self.phase + column / stride
    }

    /// Copies the elements of `map` that windows read into `padded`, whose padding is already zero.
    ///
    /// # Safety
    /// As for `Simd`; `map` has the size that the layout was made for, `padded` holds [`len`](Self::len) elements.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    pub unsafe fn fill<S: Simd>(&self, map: &[f32], padded: &mut [f32]) {
        let ([top, _], [left, _]) = (self.window.padding[0], self.window.padding[1]);
        let (width, pitch) = (self.size[1], self.pitch());
        for (y, line) in map.chunks_exact(width).enumerate().take(self.rows.saturating_sub(top)) {
            let row = &mut padded[(y + top) * pitch..][..pitch];
            // SAFETY: upheld by the caller; elements beyond the row are not written.
            unsafe {
                match self.window.stride[1] {
                    1 => copy::<S>(&line[..width.min(pitch.saturating_sub(left))], row.as_mut_ptr().add(left)),
                    2 => self.deinterleave::<S>(line, row),
                    stride => self.deal_any(line, row, stride),
                }
            }
        }
    }

    /// # Safety
    /// As [`fill`](Self::fill), for one row, with stride 2.
    #[inline(always)]
    unsafe fn deinterleave<S: Simd>(&self, line: &[f32], row: &mut [f32]) {
        let left = self.window.padding[1][0];
        let phases = |odd: usize| ((left + odd) % 2 * self.phase, (left + odd) / 2);
        let ((even, even_first), (odd, odd_first)) = (phases(0), phases(1));
        let pairs = (line.len() / 2).min(self.phase.saturating_sub(even_first.max(odd_first)));
        let mut i = 0;
        // SAFETY: `pairs` elements of both phases are inside the row.
        unsafe {
            let (from, to) = (line.as_ptr(), row.as_mut_ptr());
            while i + S::LANES <= pairs {
                let (evens, odds) = S::deal(S::load(from.add(2 * i)), S::load(from.add(2 * i + S::LANES)));
                S::store(to.add(even + even_first + i), evens);
                S::store(to.add(odd + odd_first + i), odds);
                i += S::LANES;
            }
        }
        for x in 2 * i..line.len() {
            let (phase, first) = phases(x % 2);
            if first + x / 2 < self.phase {
                row[phase + first + x / 2] = line[x];
            }
        }
    }

    fn deal_any(&self, line: &[f32], row: &mut [f32], stride: usize) {
        for (x, &number) in line.iter().enumerate() {
            let column = x + self.window.padding[1][0];
            if column / stride < self.phase {
                row[column % stride * self.phase + column / stride] = number;
            }
        }
    }
}

/// Copies a row by vectors: rows are too short for a call of memcpy.
///
/// # Safety
/// As for `Simd`; `to` is valid for as many elements as `from` has.
#[inline(always)]
unsafe fn copy<S: Simd>(from: &[f32], to: *mut f32) {
    let mut i = 0;
    // SAFETY: whole vectors of both, then single elements.
    unsafe {
        while i + S::LANES <= from.len() {
            S::store(to.add(i), S::load(from.as_ptr().add(i)));
            i += S::LANES;
        }
        while i < from.len() {
            *to.add(i) = from[i];
            i += 1;
        }
    }
}
