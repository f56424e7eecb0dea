//! Depthwise convolutions.
//!
//! Computes as many channels together as a vector has lanes: rows of their maps are copied, padded, to [H, W,
//! channels], where every tap of a window is a whole vector at a fixed distance, for maps of any width.

use super::activation::{Activation, ActivationKernel};
use super::conv_geometry::ConvParams;
use super::simd::{Kernel, Simd, SimdLevel, WIDEST};
use super::threads::{chunk, for_each_chunk, parts, SendPtr};
use std::ops::Range;

/// A depthwise convolution for maps of one size.
#[derive(Clone, Debug)]
pub(super) struct Depthwise {
    window: ConvParams,
    size: [usize; 2],
    output: [usize; 2],
    channels: usize,
    /// [taps, channels], padded with zeros for a vector of any width.
    weights: Vec<f32>,
    /// One per channel, padded likewise.
    bias: Vec<f32>,
}

/// Pixels that are computed before they are transposed back: few enough that they and their input stay in the L1 cache.
const BAND: usize = 512;

impl Depthwise {
    /// `weights` [channels, kernel], row-major; one bias per channel. `None` if the window is larger than the map.
    pub fn new(window: &ConvParams, size: [usize; 2], weights: &[f32], bias: &[f32]) -> Option<Depthwise> {
        let output = window.output(size)?;
        let (channels, taps) = (bias.len(), window.kernel[0] * window.kernel[1]);
        let padded = channels + WIDEST;
        let mut by_tap = vec![0.0; taps * padded];
        for (channel, weights) in weights.chunks_exact(taps).enumerate() {
            for (tap, &weight) in weights.iter().enumerate() {
                by_tap[tap * padded + channel] = weight;
            }
        }
        let mut bias = bias.to_vec();
        bias.resize(padded, 0.0);
        Some(Depthwise { window: window.clone(), size, output, channels, weights: by_tap, bias })
    }

    /// Computes `out` from `map`, and the mean of each channel if `means` is not empty. `map` and `out` may be the same
    /// if [`is_in_place`](Self::is_in_place) is true: every row is copied before its place is overwritten.
    ///
    /// # Safety
    /// `map` is valid for one map per channel, `out` for one output per channel; `means` is empty or has one number per
    /// channel.
    pub unsafe fn run(
        &self,
        level: SimdLevel,
        activation: Activation,
        map: *const f32,
        out: *mut f32,
        means: &mut [f32],
    ) {
        let pixels = self.output[0] * self.output[1];
        let pieces = parts(self.channels * pixels * self.window.kernel[0] * self.window.kernel[1]);
        // Divided like the neighbouring convolutions, so that a thread mostly reads what it wrote. Two chunks read the
        // rows where they meet, which an in-place run would have overwritten.
        let by_rows = pieces > 1 && pixels >= self.channels && !std::ptr::addr_eq(map, out);
        let mut sums = vec![0.0; if means.is_empty() { 0 } else { pieces * self.channels }];
        let (map, out, totals) = (SendPtr(map.cast_mut()), SendPtr(out), SendPtr(sums.as_mut_ptr()));
        let averaged = !means.is_empty();
        for_each_chunk(pieces, &|index| {
            let (channels, rows) = match by_rows {
                true => (0..self.channels, chunk(self.output[0], 1, pieces, index)),
                false => (chunk(self.channels, WIDEST / 2, pieces, index), 0..self.output[0]),
            };
            let sums = match averaged {
                // SAFETY: each chunk has one sum per channel.
                true => unsafe { totals.pointer().add(index * self.channels) },
                false => std::ptr::null_mut(),
            };
            let (map, out) = (map.pointer().cast_const(), out.pointer());
            level.run(Channels { of: self, activation, channels, rows, map, out, sums });
        });
        for (channel, mean) in means.iter_mut().enumerate() {
            let total: f32 = sums.iter().skip(channel).step_by(self.channels).sum();
            *mean = total / pixels as f32;
        }
    }

    /// Whether the output may overwrite the map.
    pub fn is_in_place(&self) -> bool {
        self.size == self.output && self.window.stride == [1, 1]
    }

    /// The distance from the first to the last row or column under a window.
    fn reach(&self, axis: usize) -> usize {
        (self.window.kernel[axis] - 1) * self.window.dilation[axis]
    }

    /// Pixels per padded row: those under windows, and all of the map's.
    fn pitch(&self) -> usize {
        let reached = (self.output[1] - 1) * self.window.stride[1] + self.reach(1) + 1;
        reached.max(self.window.padding[1][0] + self.size[1])
    }

    /// Output rows that are computed before they are transposed back.
    fn band(&self) -> usize {
        (BAND / self.output[1]).clamp(1, self.output[0])
    }

    /// Padded rows that this many output rows read.
    fn source(&self, rows: usize) -> usize {
        (rows - 1) * self.window.stride[0] + self.reach(0) + 1
    }
}

/// Some rows of neighbouring channels, computed by one chunk alone.
struct Channels<'a> {
    of: &'a Depthwise,
    activation: Activation,
    channels: Range<usize>,
    /// Output rows.
    rows: Range<usize>,
    map: *const f32,
    out: *mut f32,
    /// The sum of the rows per channel; null if not needed.
    sums: *mut f32,
}

impl Kernel for Channels<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: upheld by the caller.
        unsafe {
            let ready = self.activation.ready::<S>();
            let ConvParams { kernel, stride, dilation, .. } = self.of.window;
            match (kernel, stride[1], dilation) {
                ([3, 3], 1, [1, 1]) => self.blocks::<S, 3, 1>(&ready),
                ([3, 3], 2, [1, 1]) => self.blocks::<S, 3, 2>(&ready),
                ([5, 5], 1, [1, 1]) => self.blocks::<S, 5, 1>(&ready),
                ([5, 5], 2, [1, 1]) => self.blocks::<S, 5, 2>(&ready),
                _ => self.blocks::<S, 0, 0>(&ready),
            }
        }
    }
}

impl Channels<'_> {
    /// Any window if `K` is 0, else a contiguous window of `K` · `K` with a horizontal stride of `STRIDE`.
    ///
    /// # Safety
    /// As for `Simd`; pointers as in [`Depthwise::run`].
    #[inline(always)]
    unsafe fn blocks<S: Simd, const K: usize, const STRIDE: usize>(self, ready: &ActivationKernel<S>) {
        let of = self.of;
        let (band, [height, width], step) = (of.band(), of.output, of.window.stride[0]);
        let pixels = height * width;
        let taps = of.window.kernel[0] * of.window.kernel[1];
        let mut padded = vec![0.0f32; of.source(band) * of.pitch() * S::LANES];
        let mut computed = vec![0.0f32; band * width * S::LANES];
        let mut weights = vec![0.0f32; taps * S::LANES];
        for first in self.channels.clone().step_by(S::LANES) {
            let count = S::LANES.min(self.channels.end - first);
            // SAFETY: the channels exist, with the weights and biases of a whole vector of them.
            unsafe {
                for tap in 0..taps {
                    let from = of.weights.as_ptr().add(tap * (of.channels + WIDEST) + first);
                    S::store(weights.as_mut_ptr().add(tap * S::LANES), S::load(from));
                }
                let map = self.map.add(first * of.size[0] * of.size[1]);
                let out = self.out.add(first * pixels);
                let bias = S::load(of.bias.as_ptr().add(first));
                let mut total = S::splat(0.0);
                // The padded rows before this one are already copied.
                let mut end = self.rows.start * step;
                for y in self.rows.clone().step_by(band) {
                    let rows = band.min(self.rows.end - y);
                    let top = y * step;
                    if y > self.rows.start && top < end {
                        let row = of.pitch() * S::LANES;
                        padded.copy_within((band * step) * row..(end - (y - band) * step) * row, 0);
                    }
                    let need = top + of.source(rows);
                    of.fill::<S>(map, count, end.max(top)..need, top, &mut padded);
                    end = need;
                    let tile = Tiles { of, weights: &weights, bias, padded: &padded, rows };
                    tile.all::<K, STRIDE>(ready, &mut computed);
                    let computed = &computed[..rows * width * S::LANES];
                    if !self.sums.is_null() {
                        for pixel in computed.chunks_exact(S::LANES) {
                            total = S::add(total, S::load(pixel.as_ptr()));
                        }
                    }
                    spread::<S>(computed, out.add(y * width), pixels, count);
                }
                if !self.sums.is_null() {
                    let mut totals = [0.0f32; WIDEST];
                    S::store(totals.as_mut_ptr(), total);
                    std::ptr::copy_nonoverlapping(totals.as_ptr(), self.sums.add(first), count);
                }
            }
        }
    }
}

impl Depthwise {
    /// Copies these padded rows of `count` channels to `padded`, whose first row is `top`. Columns of padding are
    /// already zero.
    ///
    /// # Safety
    /// As for `Simd`; `map` is valid for the channels' maps; `padded` holds the rows.
    // Not inlined in WebAssembly: engines switch to a function's optimised code only at its next call.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    unsafe fn fill<S: Simd>(&self, map: *const f32, count: usize, rows: Range<usize>, top: usize, padded: &mut [f32]) {
        let [height, width] = self.size;
        let [before, left] = self.window.padding.map(|[before, _]| before);
        for row in rows {
            let to = &mut padded[((row - top) * self.pitch() + left) * S::LANES..][..width * S::LANES];
            let y = row.wrapping_sub(before);
            if y >= height {
                to.fill(0.0);
                continue;
            }
            // SAFETY: the row exists in every channel's map.
            unsafe { gather::<S>(map.add(y * width), height * width, count, to) }
        }
    }
}

/// Transposes neighbouring elements of `count` channels, `step` apart, to one vector of channels per element.
///
/// # Safety
/// As for `Simd`; `from` is valid for as many elements per channel as `to` has vectors; `count` is at most the number
/// of lanes.
#[inline(always)]
unsafe fn gather<S: Simd>(from: *const f32, step: usize, count: usize, to: &mut [f32]) {
    let width = to.len() / S::LANES;
    // SAFETY: squares of a vector's width are inside the row; the last one starts earlier.
    unsafe {
        if count == S::LANES && width >= S::LANES {
            let mut x = 0;
            while x < width {
                let first = x.min(width - S::LANES);
                S::transpose(from.add(first), step, to.as_mut_ptr().add(first * S::LANES), S::LANES);
                x += S::LANES;
            }
        } else {
            for (x, pixel) in to.chunks_exact_mut(S::LANES).enumerate() {
                for (channel, number) in pixel[..count].iter_mut().enumerate() {
                    *number = *from.add(channel * step + x);
                }
            }
        }
    }
}

/// The inverse of [`gather`].
///
/// # Safety
/// As for `Simd`; `to` is valid for as many elements per channel as `from` has vectors; `count` is at most the number
/// of lanes.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
unsafe fn spread<S: Simd>(from: &[f32], to: *mut f32, step: usize, count: usize) {
    let width = from.len() / S::LANES;
    // SAFETY: as `gather`.
    unsafe {
        if count == S::LANES && width >= S::LANES {
            let mut x = 0;
            while x < width {
                let first = x.min(width - S::LANES);
                S::transpose(from.as_ptr().add(first * S::LANES), S::LANES, to.add(first), step);
                x += S::LANES;
            }
        } else {
            for (x, pixel) in from.chunks_exact(S::LANES).enumerate() {
                for (channel, &number) in pixel[..count].iter().enumerate() {
                    *to.add(channel * step + x) = number;
                }
            }
        }
    }
}

/// Computes output rows from their padded rows.
struct Tiles<'a, S: Simd> {
    of: &'a Depthwise,
    /// [taps, lanes]
    weights: &'a [f32],
    bias: S::V,
    padded: &'a [f32],
    rows: usize,
}

impl<S: Simd> Tiles<'_, S> {
    /// # Safety
    /// As for `Simd`; the window matches `K` and `STRIDE`; `padded` has the rows that are read, `out` has room for the
    /// output.
    #[inline(always)]
    unsafe fn all<const K: usize, const STRIDE: usize>(&self, ready: &ActivationKernel<S>, out: &mut [f32]) {
        let width = self.of.output[1];
        let computed = |tile: usize| width.div_ceil(tile) * tile;
        // SAFETY: upheld by the caller.
        unsafe {
            match width {
                7.. if computed(7) <= computed(4) => self.rows::<K, STRIDE, 7>(ready, out),
                4.. => self.rows::<K, STRIDE, 4>(ready, out),
                _ => self.rows::<K, STRIDE, 1>(ready, out),
            }
        }
    }

    /// # Safety
    /// As [`all`](Self::all); a row has at least `X` pixels.
    #[cfg_attr(target_arch = "wasm32", inline(never))]
    #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
    unsafe fn rows<const K: usize, const STRIDE: usize, const X: usize>(
        &self,
        ready: &ActivationKernel<S>,
        out: &mut [f32],
    ) {
        let width = self.of.output[1];
        let pitch = self.of.pitch() * S::LANES;
        let [down, across] = self.of.window.stride;
        for row in 0..self.rows {
            let mut x = 0;
            while x < width {
                // The last tile starts earlier, and computes some pixels a second time.
                let first = x.min(width - X);
                // SAFETY: upheld by the caller: the tile is inside the row, and windows are inside the padded rows.
                unsafe {
                    let at = self.padded.as_ptr().add(row * down * pitch + first * across * S::LANES);
                    let mut sums = match K {
                        0 => self.any::<X>(at, pitch),
                        _ => self.sums::<K, STRIDE, X>(at, pitch),
                    };
                    ready.apply_all(&mut sums);
                    for (i, &sum) in sums.iter().enumerate() {
                        S::store(out.as_mut_ptr().add((row * width + first + i) * S::LANES), sum);
                    }
                }
                x += X;
            }
        }
    }

    /// Computes `X` neighbouring pixels, before the activation; `at` is the first element under the first pixel's
    /// window.
    ///
    /// # Safety
    /// As [`all`](Self::all).
    #[inline(always)]
    unsafe fn sums<const K: usize, const STRIDE: usize, const X: usize>(
        &self,
        at: *const f32,
        pitch: usize,
    ) -> [S::V; X] {
        let mut sums = [self.bias; X];
        let (mut line, mut weights) = (at, self.weights.as_ptr());
        // SAFETY: upheld by the caller.
        unsafe {
            for _ in 0..K {
                for t in 0..K {
                    let weight = S::load(weights.add(t * S::LANES));
                    for (x, sum) in sums.iter_mut().enumerate() {
                        *sum = S::mul_add(weight, S::load(line.add((x * STRIDE + t) * S::LANES)), *sum);
                    }
                }
                weights = weights.add(K * S::LANES);
                line = line.add(pitch);
            }
        }
        sums
    }

    /// As [`sums`](Self::sums), for any window.
    ///
    /// # Safety
    /// As [`all`](Self::all).
    #[inline(always)]
    unsafe fn any<const X: usize>(&self, at: *const f32, pitch: usize) -> [S::V; X] {
        let ConvParams { kernel, stride, dilation, .. } = &self.of.window;
        let mut sums = [self.bias; X];
        // SAFETY: upheld by the caller.
        unsafe {
            for y in 0..kernel[0] {
                for t in 0..kernel[1] {
                    let weight = S::load(self.weights.as_ptr().add((y * kernel[1] + t) * S::LANES));
                    let line = at.add(y * dilation[0] * pitch + t * dilation[1] * S::LANES);
                    for (x, sum) in sums.iter_mut().enumerate() {
                        *sum = S::mul_add(weight, S::load(line.add(x * stride[1] * S::LANES)), *sum);
                    }
                }
            }
        }
        sums
    }
}
