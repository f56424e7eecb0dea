//! Convolutions over maps [C, H, W] with fused bias, sum, gate and activation.

use super::activation::Activation;
use super::conv_geometry::{ConvParams, Layout};
use super::depthwise::Depthwise;
use super::gemm::{product, Columns, OutputTile};
use super::packing::PackedMatrix;
use super::simd::{Kernel, Simd, SimdLevel};
use super::threads::{chunk, for_each_chunk, parts, SendPtr};

/// A convolution, prepared for maps of one size.
#[derive(Clone, Debug)]
pub struct Convolution {
    inputs: usize,
    outputs: usize,
    size: [usize; 2],
    output: [usize; 2],
    activation: Activation,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    /// A 1 × 1 window: the map is the right-hand matrix without a copy.
    Pointwise(PackedMatrix),
    /// One window per channel.
    Depthwise(Depthwise),
    /// Weights per group.
    General { layout: Layout, taps: Vec<usize>, groups: Vec<PackedMatrix> },
}

/// The optional operands of fused operations.
#[derive(Clone, Copy, Debug, Default)]
pub struct FusedOps<'a> {
    /// One factor per input channel, for pointwise convolutions only: a squeeze-and-excite gate.
    pub scale: Option<&'a [f32]>,
    /// A map of the output's shape, added before the activation; not for depthwise convolutions.
    pub residual: Option<&'a [f32]>,
}

impl Convolution {
    /// `weights` [outputs, inputs / groups, kernel], row-major; `bias` one number per output channel, or empty. `None`
    /// if the sizes do not match or the window is larger than the map.
    pub fn new(
        weights: &[f32],
        bias: &[f32],
        inputs: usize,
        outputs: usize,
        groups: usize,
        window: &ConvParams,
        size: [usize; 2],
    ) -> Option<Convolution> {
        let taps: usize = window.kernel.iter().product();
        let counts = [groups, taps, inputs, outputs].into_iter().chain(size);
        let some = counts.chain(window.stride).chain(window.dilation).all(|n| n > 0);
        let grouped = some && inputs.is_multiple_of(groups) && outputs.is_multiple_of(groups);
        let biased = bias.is_empty() || bias.len() == outputs;
        if !grouped || !biased || weights.len() != outputs * (inputs / groups) * taps {
            return None;
        }
        let output = window.output(size)?;
        let plain = window.stride == [1, 1] && window.padding == [[0, 0]; 2];
        let kind = if taps == 1 && plain && groups == 1 {
            Kind::Pointwise(PackedMatrix::new(outputs, inputs, weights, bias))
        } else if groups == inputs && groups == outputs {
            let mut bias = bias.to_vec();
            bias.resize(outputs, 0.0);
            Kind::Depthwise(Depthwise::new(window, size, weights, &bias)?)
        } else {
            let (rows, depth) = (outputs / groups, inputs / groups * taps);
            let of = |group: usize| {
                let bias = if bias.is_empty() { bias } else { &bias[group * rows..(group + 1) * rows] };
                PackedMatrix::new(rows, depth, &weights[group * rows * depth..(group + 1) * rows * depth], bias)
            };
            let layout = Layout::new(window, size)?;
            let [height, width] = window.kernel;
            let places = (0..inputs / groups).flat_map(|c| (0..height).map(move |y| (c, y)));
            let taps = places.flat_map(|(c, y)| (0..width).map(move |x| (c, y, x)));
            let taps = taps.map(|(c, y, x)| c * layout.len() + layout.tap(y, x)).collect();
            Kind::General { taps, groups: (0..groups).map(of).collect(), layout }
        };
        Some(Convolution { inputs, outputs, size, output, activation: Activation::Identity, kind })
    }

    /// The same convolution, followed by this activation function.
    pub fn with_activation(self, activation: Activation) -> Convolution {
        Convolution { activation, ..self }
    }

    /// The output's shape [C, H, W].
    pub fn output(&self) -> [usize; 3] {
        [self.outputs, self.output[0], self.output[1]]
    }

    /// Whether [`FusedOps::scale`] is supported.
    pub fn is_pointwise(&self) -> bool {
        matches!(self.kind, Kind::Pointwise(_))
    }

    /// Whether the convolution is depthwise: it has no residual, and returns the mean of each channel.
    pub fn is_depthwise(&self) -> bool {
        matches!(self.kind, Kind::Depthwise(_))
    }

    /// Computes `out` [outputs, H, W] from `map` [inputs, H, W]. Depthwise convolutions also compute the mean of each
    /// output channel if `means` is not empty.
    ///
    /// # Panics
    /// If a length does not match its shape, or this kind of convolution does not support an operand.
    pub fn run(&self, level: SimdLevel, map: &[f32], beside: FusedOps, out: &mut [f32], means: &mut [f32]) {
        let pixels = self.output[0] * self.output[1];
        assert_eq!(map.len(), self.inputs * self.size[0] * self.size[1]);
        assert_eq!(out.len(), self.outputs * pixels);
        assert!(beside.residual.is_none_or(|r| r.len() == out.len() && !self.is_depthwise()));
        assert!(beside.scale.is_none_or(|s| s.len() == self.inputs && self.is_pointwise()));
        assert!(means.is_empty() || means.len() == self.outputs && self.is_depthwise());
        let target = OutputTile {
            out: out.as_mut_ptr(),
            residual: beside.residual.map_or(std::ptr::null(), <[f32]>::as_ptr),
            step: pixels,
            activation: self.activation,
        };
        match &self.kind {
            Kind::Pointwise(weights) => match beside.scale {
                None if pixels >= PACKED => multiply(level, weights, &InPlace { map, step: pixels }, target, pixels),
                // The factors are applied to the smaller operand.
                Some(scale) if pixels >= PACKED.max(self.outputs) => {
                    multiply(level, &weights.scaled(scale), &InPlace { map, step: pixels }, target, pixels)
                }
                scale => multiply(level, weights, &Packed { map, step: pixels, scale }, target, pixels),
            },
            Kind::Depthwise(depthwise) => {
                // SAFETY: the lengths are checked above.
                unsafe { depthwise.run(level, self.activation, map.as_ptr(), out.as_mut_ptr(), means) }
            }
            Kind::General { layout, taps, groups } => {
                let padded = pad(level, layout, map, self.inputs, self.size);
                let (inputs, rows) = (self.inputs / groups.len(), self.outputs / groups.len());
                for (group, weights) in groups.iter().enumerate() {
                    let padded = &padded[group * inputs * layout.len()..];
                    let target = target.below(group * rows);
                    multiply(level, weights, &Windows { padded, layout, taps }, target, pixels);
                }
            }
        }
    }

    /// Whether [`run_in_place`](Self::run_in_place) is supported: depthwise, and the output has the size of the map.
    pub fn is_in_place(&self) -> bool {
        matches!(&self.kind, Kind::Depthwise(depthwise) if depthwise.is_in_place())
    }

    /// As [`run`](Self::run), with the output in place of the map, which halves the memory traffic.
    ///
    /// # Panics
    /// If a length does not match its shape, or [`is_in_place`](Self::is_in_place) is false.
    pub fn run_in_place(&self, level: SimdLevel, map: &mut [f32], means: &mut [f32]) {
        assert_eq!(map.len(), self.inputs * self.size[0] * self.size[1]);
        assert!(means.is_empty() || means.len() == self.outputs);
        match &self.kind {
            // SAFETY: the lengths are checked above; the sizes are the same.
            Kind::Depthwise(depthwise) if self.is_in_place() => unsafe {
                depthwise.run(level, self.activation, map.as_ptr(), map.as_mut_ptr(), means);
            },
            _ => panic!("expected a depthwise convolution whose output is as large as its map"),
        }
    }
}

/// Copies all channels with their padding.
fn pad(level: SimdLevel, layout: &Layout, map: &[f32], channels: usize, size: [usize; 2]) -> Vec<f32> {
    let mut padded = vec![0.0; channels * layout.len()];
    let out = SendPtr(padded.as_mut_ptr());
    let pieces = parts(map.len());
    for_each_chunk(pieces, &|index| {
        for channel in chunk(channels, 1, pieces, index) {
            // SAFETY: the range of one channel, which only this chunk writes.
            let to = unsafe { std::slice::from_raw_parts_mut(out.pointer().add(channel * layout.len()), layout.len()) };
            level.run(Fill { layout, map: &map[channel * size[0] * size[1]..][..size[0] * size[1]], to });
        }
    });
    padded
}

struct Fill<'a> {
    layout: &'a Layout,
    map: &'a [f32],
    to: &'a mut [f32],
}

impl Kernel for Fill<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: `Convolution::run` checked the map, `pad` allocated the destination.
        unsafe { self.layout.fill::<S>(self.map, self.to) }
    }
}

/// A matrix product over all rows and columns, on all threads.
fn multiply(
    level: SimdLevel,
    weights: &PackedMatrix,
    source: &(impl Columns + Sync),
    target: OutputTile,
    columns: usize,
) {
    let pieces = parts(weights.rows() * weights.depth() * columns);
    let by_columns = columns >= weights.rows() && columns >= pieces * TILE;
    let out = SendPtr(target.out);
    let residual = SendPtr(target.residual.cast_mut());
    for_each_chunk(pieces, &|index| {
        let (rows, columns) = match by_columns {
            true => (0..weights.count(), chunk(columns, TILE, pieces, index)),
            false => (chunk(weights.count(), 1, pieces, index), 0..columns),
        };
        let target = OutputTile { out: out.pointer(), residual: residual.pointer().cast_const(), ..target };
        level.run(Part { weights, source, target, rows, columns });
    });
}

/// Columns of the widest tile.
const TILE: usize = 48;

struct Part<'a, C> {
    weights: &'a PackedMatrix,
    source: &'a C,
    target: OutputTile,
    rows: std::ops::Range<usize>,
    columns: std::ops::Range<usize>,
}

impl<C: Columns> Kernel for Part<'_, C> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let mut scratch = vec![0.0f32; self.source.scratch(self.weights.depth(), S::ACROSS * S::LANES)];
        // SAFETY: `Convolution::run` checked the lengths; chunks are disjoint.
        unsafe { product::<S>(self.weights, self.source, self.target, self.rows, self.columns, scratch.as_mut_ptr()) }
    }
}

/// The columns of a map, without a copy.
struct InPlace<'a> {
    map: &'a [f32],
    step: usize,
}

impl Columns for InPlace<'_> {
    fn scratch(&self, _: usize, _: usize) -> usize {
        0
    }

    #[inline(always)]
    unsafe fn strip<S: Simd>(&self, first: usize, _: usize, _: *mut f32) -> (*const f32, usize) {
        (self.map.as_ptr().wrapping_add(first), self.step)
    }
}

/// Smaller maps are copied strip by strip: many rows of weights read each strip, and most would span cache lines.
const PACKED: usize = 100;

/// The columns of a map, copied together, with each row scaled by its factor if there are any.
struct Packed<'a> {
    map: &'a [f32],
    step: usize,
    scale: Option<&'a [f32]>,
}

impl Columns for Packed<'_> {
    fn scratch(&self, depth: usize, width: usize) -> usize {
        depth * width
    }

    #[inline(always)]
    unsafe fn strip<S: Simd>(&self, first: usize, width: usize, scratch: *mut f32) -> (*const f32, usize) {
        let step = S::ACROSS * S::LANES;
        // SAFETY: the columns exist in every row of the map; the scratch has a row of `step` elements per row.
        unsafe {
            for (row, line) in self.map.chunks_exact(self.step).enumerate() {
                let factor = self.scale.map_or(1.0, |scale| scale[row]);
                gather::<S>(line.as_ptr().add(first), scratch.add(row * step), width, factor);
            }
        }
        (scratch, step)
    }
}

/// Multiplies `width` numbers by a factor.
///
/// # Safety
/// As for `Simd`; both pointers are valid for `width` numbers.
#[inline(always)]
unsafe fn gather<S: Simd>(from: *const f32, to: *mut f32, width: usize, factor: f32) {
    // SAFETY: upheld by the caller.
    unsafe {
        if width.is_multiple_of(S::LANES) {
            let factor = S::splat(factor);
            for c in (0..width).step_by(S::LANES) {
                S::store(to.add(c), S::mul(S::load(from.add(c)), factor));
            }
        } else {
            for c in 0..width {
                *to.add(c) = *from.add(c) * factor;
            }
        }
    }
}

/// The columns of the im2col matrix, one row per tap.
struct Windows<'a> {
    padded: &'a [f32],
    layout: &'a Layout,
    taps: &'a [usize],
}

impl Columns for Windows<'_> {
    fn scratch(&self, depth: usize, width: usize) -> usize {
        depth * width
    }

    #[inline(always)]
    unsafe fn strip<S: Simd>(&self, first: usize, width: usize, scratch: *mut f32) -> (*const f32, usize) {
        let step = S::ACROSS * S::LANES;
        let across = self.layout.output[1];
        let place = |column: usize| column / across * self.layout.step() + column % across;
        // SAFETY: taps and columns are inside the padded maps, which have room for one more vector; the scratch has
        // `depth` rows of `step` elements.
        unsafe {
            if width.is_multiple_of(S::LANES) && first % across + width <= across {
                let base = self.padded.as_ptr().add(place(first));
                for (row, &tap) in self.taps.iter().enumerate() {
                    for c in (0..width).step_by(S::LANES) {
                        S::store(scratch.add(row * step + c), S::load(base.add(tap + c)));
                    }
                }
            } else {
                for c in 0..width {
                    let base = self.padded.as_ptr().add(place(first + c));
                    for (row, &tap) in self.taps.iter().enumerate() {
                        *scratch.add(row * step + c) = *base.add(tap);
                    }
                }
            }
        }
        (scratch, step)
    }
}
