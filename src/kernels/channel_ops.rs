//! Per-channel operations on maps: affine maps, sums, averages, deviations.

use super::activation::Activation;
use super::simd::{Kernel, Simd, SimdLevel, WIDEST};
use super::threads::{chunk, for_each_chunk, parts, SendPtr};

/// `out` = activation(`map` · scale + shift) with one scale and one shift per channel.
///
/// # Panics
/// If the lengths do not match.
pub fn affine(level: SimdLevel, map: &[f32], scale: &[f32], shift: &[f32], activation: Activation, out: &mut [f32]) {
    assert!(
        map.len() == out.len()
            && scale.len() == shift.len()
            && !scale.is_empty()
            && map.len().is_multiple_of(scale.len())
    );
    let pixels = map.len() / scale.len();
    channels(out, scale.len(), &|channel, out| {
        let map = &map[channel * pixels..][..pixels];
        level.run(Affine { map, scale: scale[channel], shift: shift[channel], activation, out });
    });
}

/// `out` = activation(`a` + `b`).
///
/// # Panics
/// If the lengths differ.
pub fn add(level: SimdLevel, a: &[f32], b: &[f32], activation: Activation, out: &mut [f32]) {
    assert!(a.len() == b.len() && a.len() == out.len());
    level.run(Add { a, b, activation, out });
}

/// Transposes [H, W, channels] to [channels, H, W].
///
/// # Panics
/// If the lengths do not match.
pub fn channels_first(map: &[f32], channels: usize, out: &mut [f32]) {
    assert!(channels > 0 && map.len() == out.len() && map.len().is_multiple_of(channels));
    for (channel, plane) in out.chunks_exact_mut((map.len() / channels).max(1)).enumerate() {
        for (to, pixel) in plane.iter_mut().zip(map.chunks_exact(channels)) {
            *to = pixel[channel];
        }
    }
}

/// The mean of each channel; `map` is [means.len(), H, W].
///
/// # Panics
/// If the lengths do not match.
pub fn means(level: SimdLevel, map: &[f32], means: &mut [f32]) {
    assert!(!means.is_empty() && map.len().is_multiple_of(means.len()));
    let pixels = map.len() / means.len();
    channels(means, means.len(), &|channel, mean| {
        let map = &map[channel * pixels..][..pixels];
        mean[0] = level.run(Reduce::<false> { map, from: 0.0 }) / pixels as f32
    });
}

/// The mean and the population standard deviation (divided by H · W) of each channel.
///
/// # Panics
/// If the lengths do not match.
pub fn deviations(level: SimdLevel, map: &[f32], means: &[f32], deviations: &mut [f32]) {
    assert!(!means.is_empty() && map.len().is_multiple_of(means.len()) && deviations.len() == means.len());
    let pixels = map.len() / means.len();
    channels(deviations, means.len(), &|channel, out| {
        let map = &map[channel * pixels..][..pixels];
        out[0] = (level.run(Reduce::<true> { map, from: means[channel] }) / pixels as f32).sqrt();
    });
}

/// Calls `work` with every channel's index and its part of `out`, on all threads.
fn channels(out: &mut [f32], count: usize, work: &(dyn Fn(usize, &mut [f32]) + Sync)) {
    let (pixels, pieces) = (out.len() / count, parts(out.len()));
    let out = SendPtr(out.as_mut_ptr());
    for_each_chunk(pieces, &|index| {
        for channel in chunk(count, 1, pieces, index) {
            // SAFETY: the range of one channel, which only this chunk writes.
            work(channel, unsafe { std::slice::from_raw_parts_mut(out.pointer().add(channel * pixels), pixels) });
        }
    });
}

/// The sum of all numbers, or of their squared differences from `from`; in four parallel vectors.
///
/// # Safety
/// As for `Simd`.
#[inline(always)]
unsafe fn reduce<S: Simd, const SQUARES: bool>(numbers: &[f32], from: f32) -> f32 {
    const SIDE: usize = 4;
    // SAFETY: whole vectors of the slice, and a buffer as wide as the widest vector.
    unsafe {
        let mut sums = [S::splat(0.0); SIDE];
        let middle = S::splat(from);
        let blocks = numbers.chunks_exact(SIDE * S::LANES);
        let tail = blocks.remainder();
        for block in blocks {
            for (side, sum) in sums.iter_mut().enumerate() {
                let x = S::load(block.as_ptr().add(side * S::LANES));
                *sum = match SQUARES {
                    true => S::mul_add(S::sub(x, middle), S::sub(x, middle), *sum),
                    false => S::add(x, *sum),
                };
            }
        }
        let mut buffer = [0.0f32; WIDEST];
        S::store(buffer.as_mut_ptr(), S::add(S::add(sums[0], sums[1]), S::add(sums[2], sums[3])));
        let rest = tail.iter().map(|x| if SQUARES { (x - from) * (x - from) } else { *x });
        buffer.iter().sum::<f32>() + rest.sum::<f32>()
    }
}

struct Reduce<'a, const SQUARES: bool> {
    map: &'a [f32],
    from: f32,
}

impl<const SQUARES: bool> Kernel for Reduce<'_, SQUARES> {
    type Output = f32;

    #[inline(always)]
    unsafe fn run<S: Simd>(self) -> f32 {
        // SAFETY: upheld by the caller.
        unsafe { reduce::<S, SQUARES>(self.map, self.from) }
    }
}

/// Applies a vector expression to slices: whole vectors first, then the rest through buffers.
macro_rules! elementwise {
    ($S:ident, $len:expr, $out:expr, [$($from:ident),*], $vector:expr) => {{
        let (len, out) = ($len, $out);
        let mut at = 0;
        while at + $S::LANES <= len {
            $(let $from = $S::load($from.add(at));)*
            $S::store(out.add(at), $vector);
            at += $S::LANES;
        }
        if at < len {
            let mut buffer = [0.0f32; WIDEST];
            $(
                std::ptr::copy_nonoverlapping($from.add(at), buffer.as_mut_ptr(), len - at);
                let $from = $S::load(buffer.as_ptr());
            )*
            $S::store(buffer.as_mut_ptr(), $vector);
            std::ptr::copy_nonoverlapping(buffer.as_ptr(), out.add(at), len - at);
        }
    }};
}

struct Affine<'a> {
    map: &'a [f32],
    scale: f32,
    shift: f32,
    activation: Activation,
    out: &'a mut [f32],
}

impl Kernel for Affine<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: both slices have the same length.
        unsafe {
            let (scale, shift) = (S::splat(self.scale), S::splat(self.shift));
            let (x, out) = (self.map.as_ptr(), self.out.as_mut_ptr());
            let ready = self.activation.ready::<S>();
            elementwise!(S, self.map.len(), out, [x], ready.apply(S::mul_add(x, scale, shift)));
        }
    }
}

struct Add<'a> {
    a: &'a [f32],
    b: &'a [f32],
    activation: Activation,
    out: &'a mut [f32],
}

impl Kernel for Add<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        // SAFETY: all slices have the same length.
        unsafe {
            let (a, b, out) = (self.a.as_ptr(), self.b.as_ptr(), self.out.as_mut_ptr());
            let ready = self.activation.ready::<S>();
            elementwise!(S, self.a.len(), out, [a, b], ready.apply(S::add(a, b)));
        }
    }
}
