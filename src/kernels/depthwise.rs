//! Convolutions of each channel with its own window.

use super::activation::{Activation, Ready};
use super::map::sum;
use super::parallel::{each, part, parts, Shared};
use super::simd::{Kernel, Level, Simd};
use super::window::Layout;
use std::ops::Range;

/// A depthwise convolution of a size: what it computes with.
#[derive(Clone, Debug)]
pub(super) struct Depthwise {
    pub layout: Layout,
    pub kernel: [usize; 2],
    /// [C, kernel], row-major.
    pub weights: Vec<f32>,
    /// One a channel.
    pub bias: Vec<f32>,
    pub activation: Activation,
}

impl Depthwise {
    /// Computes `out` from the maps at `map`, and the average of each channel where `means` is not empty. Both places may be the
    /// same where the sizes are: every channel is copied before it is computed.
    ///
    /// # Safety
    /// `map` is valid for as many channels of the layout's size as there are biases, `out` for as many of its output's; `means` is
    /// empty or holds one number a channel.
    pub unsafe fn run(&self, level: Level, map: *const f32, out: *mut f32, means: &mut [f32]) {
        let (channels, rows) = (self.bias.len(), self.layout.output[0]);
        let pieces = parts(channels * self.layout.pixels() * self.kernel[0] * self.kernel[1]);
        // As the convolutions before and behind are cut, so that what a thread reads is mostly what it wrote. Rows of a map are read by
        // two parts where they meet: in place they would be gone.
        let by_rows = pieces > 1 && self.layout.pixels() >= channels && !std::ptr::addr_eq(map, out);
        let mut sums = vec![0.0; if means.is_empty() { 0 } else { pieces * channels }];
        let (map, out, totals) = (Shared(map.cast_mut()), Shared(out), Shared(sums.as_mut_ptr()));
        let averaged = !means.is_empty();
        each(pieces, &|index| {
            let (channels, rows) = match by_rows {
                true => (0..channels, part(rows, 1, pieces, index)),
                false => (part(channels, 1, pieces, index), 0..rows),
            };
            let mut padded = vec![0.0; self.layout.len()];
            let sums = match averaged {
                // SAFETY: each part has as many sums as there are channels.
                true => unsafe { totals.pointer().add(index * self.bias.len()) },
                false => std::ptr::null_mut(),
            };
            let (map, out) = (map.pointer().cast_const(), out.pointer());
            level.run(Channels { of: self, channels, rows, map, padded: &mut padded, out, sums });
        });
        for (channel, mean) in means.iter_mut().enumerate() {
            let total: f32 = sums.iter().skip(channel).step_by(channels).sum();
            *mean = total / self.layout.pixels() as f32;
        }
    }
}

/// Some rows of neighbouring channels, which nobody else computes.
struct Channels<'a> {
    of: &'a Depthwise,
    channels: Range<usize>,
    /// Of the output.
    rows: Range<usize>,
    map: *const f32,
    /// Room for one channel.
    padded: &'a mut [f32],
    out: *mut f32,
    /// Of the rows, one a channel; null where nobody wants them.
    sums: *mut f32,
}

impl Kernel for Channels<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: the caller's.
        unsafe {
            let ready = self.of.activation.ready::<S>();
            match (self.of.kernel, self.of.layout.stride()) {
                ([3, 3], [1, 1]) => self.each::<S, 3, 1>(&ready),
                ([3, 3], [2, 2]) => self.each::<S, 3, 2>(&ready),
                ([5, 5], [1, 1]) => self.each::<S, 5, 1>(&ready),
                ([5, 5], [2, 2]) => self.each::<S, 5, 2>(&ready),
                _ => self.each::<S, 0, 0>(&ready),
            }
        }
    }
}

impl Channels<'_> {
    /// # Safety
    /// Those of `S`; as [`Channel::rows`], or `K` is 0 for any window; places as in [`Depthwise::run`].
    #[inline(always)]
    unsafe fn each<S: Simd, const K: usize, const STRIDE: usize>(self, ready: &Ready<S>) {
        let Depthwise { layout, kernel, weights, bias, .. } = self.of;
        let (taps, size, pixels) = (kernel[0] * kernel[1], layout.source(), layout.pixels());
        for channel in self.channels {
            // SAFETY: the caller's; the map is read before the output, which may lie in its place, is written.
            unsafe {
                let map = std::slice::from_raw_parts(self.map.add(channel * size), size);
                layout.fill::<S>(map, &self.rows, self.padded);
                let out = self.out.add(channel * pixels);
                let weights = &weights[channel * taps..][..taps];
                let one = Channel { layout, kernel: *kernel, weights, bias: bias[channel], padded: &*self.padded, out };
                match K {
                    0 => one.any::<S>(self.rows.clone(), ready),
                    _ => one.rows::<S, K, STRIDE>(self.rows.clone(), ready),
                }
                if !self.sums.is_null() {
                    let width = layout.output[1];
                    let rows = std::slice::from_raw_parts(out.add(self.rows.start * width), self.rows.len() * width);
                    *self.sums.add(channel) = sum::<S>(rows);
                }
            }
        }
    }
}

struct Channel<'a> {
    layout: &'a Layout,
    kernel: [usize; 2],
    weights: &'a [f32],
    bias: f32,
    padded: &'a [f32],
    out: *mut f32,
}

/// Rows of output that are computed together.
const ROWS: usize = 4;

impl Channel<'_> {
    /// # Safety
    /// Those of `S`; the window is square, of `K` rows, `STRIDE` rows apart.
    // In WebAssembly a function of its own: engines replace their first, slow translation of a function when it is next called.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    unsafe fn rows<S: Simd, const K: usize, const STRIDE: usize>(&self, rows: Range<usize>, ready: &Ready<S>) {
        let (mut y, height) = (rows.start, rows.end);
        // SAFETY: rows up to `height` exist.
        unsafe {
            while y < height {
                // The last rows begin earlier, and some are computed a second time.
                match height.checked_sub(ROWS).filter(|&last| last >= rows.start) {
                    Some(last) => self.group::<S, K, STRIDE, ROWS>(y.min(last), ready),
                    None => {
                        for y in y..height {
                            self.group::<S, K, STRIDE, 1>(y, ready);
                        }
                    }
                }
                y += ROWS;
            }
        }
    }

    /// `R` rows of output from row `y` on.
    ///
    /// # Safety
    /// As [`rows`](Self::rows); the rows exist.
    #[inline(always)]
    unsafe fn group<S: Simd, const K: usize, const STRIDE: usize, const R: usize>(&self, y: usize, ready: &Ready<S>) {
        let [_, width] = self.layout.output;
        // SAFETY: a padded map has a vector's slack behind every row; the weights are K · K.
        unsafe {
            let base = self.padded.as_ptr().add(y * self.layout.step());
            let mut x = 0;
            while x < width {
                if K > 3 && x + 2 * S::LANES <= width {
                    let mut sums = self.sums::<S, K, STRIDE, R, 2>(base.add(x));
                    ready.apply_all(sums.as_flattened_mut());
                    for (r, sums) in sums.iter().enumerate() {
                        self.put::<S>(y + r, x, sums[0]);
                        self.put::<S>(y + r, x + S::LANES, sums[1]);
                    }
                    x += 2 * S::LANES;
                } else {
                    let first = if x + S::LANES <= width { x } else { width.saturating_sub(S::LANES) };
                    let mut sums = self.sums::<S, K, STRIDE, R, 1>(base.add(first));
                    ready.apply_all(sums.as_flattened_mut());
                    for (r, sums) in sums.iter().enumerate() {
                        self.put::<S>(y + r, first, sums[0]);
                    }
                    x = first + S::LANES;
                }
            }
        }
    }

    /// `X` vectors of each row, before the activation; `at` is the first number under the window of the first row.
    ///
    /// # Safety
    /// As [`group`](Self::group).
    #[inline(always)]
    unsafe fn sums<S: Simd, const K: usize, const STRIDE: usize, const R: usize, const X: usize>(
        &self,
        at: *const f32,
    ) -> [[S::V; X]; R] {
        let (pitch, phase) = (self.layout.pitch(), self.layout.pitch() / STRIDE);
        // SAFETY: as `group`.
        unsafe {
            let mut sums = [[S::splat(self.bias); X]; R];
            let mut weights = self.weights.as_ptr();
            let mut line = at;
            for _ in 0..K {
                for t in 0..K {
                    let weight = S::splat(*weights.add(t));
                    let line = line.add(t % STRIDE * phase);
                    for (r, sums) in sums.iter_mut().enumerate() {
                        let line = line.add(r * STRIDE * pitch);
                        for (x, sum) in sums.iter_mut().enumerate() {
                            *sum = S::mul_add(weight, S::load(line.add(t / STRIDE + x * S::LANES)), *sum);
                        }
                    }
                }
                weights = weights.add(K);
                line = line.add(pitch);
            }
            sums
        }
    }

    /// # Safety
    /// Those of `S`; the place exists.
    #[inline(always)]
    unsafe fn put<S: Simd>(&self, y: usize, x: usize, sum: S::V) {
        let width = self.layout.output[1];
        // SAFETY: a vector that fits into the row, or the row's numbers out of a buffer as wide as the widest vector.
        unsafe {
            let to = self.out.add(y * width + x);
            if x + S::LANES <= width {
                S::store(to, sum);
            } else {
                let mut buffer = [0.0f32; 16];
                S::store(buffer.as_mut_ptr(), sum);
                std::ptr::copy_nonoverlapping(buffer.as_ptr(), to, width - x);
            }
        }
    }

    /// Any window.
    ///
    /// # Safety
    /// Those of `S`.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    unsafe fn any<S: Simd>(&self, rows: Range<usize>, ready: &Ready<S>) {
        let width = self.layout.output[1];
        for y in rows {
            for x in (0..width).step_by(S::LANES) {
                // SAFETY: as `group`.
                unsafe {
                    let base = self.padded.as_ptr().add(y * self.layout.step() + x);
                    let mut sum = S::splat(self.bias);
                    for ky in 0..self.kernel[0] {
                        for kx in 0..self.kernel[1] {
                            let weight = S::splat(self.weights[ky * self.kernel[1] + kx]);
                            sum = S::mul_add(weight, S::load(base.add(self.layout.tap(ky, kx))), sum);
                        }
                    }
                    self.put::<S>(y, x, ready.apply(sum));
                }
            }
        }
    }
}
