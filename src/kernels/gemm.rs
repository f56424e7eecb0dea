//! GEMM of packed weights with unpacked columns.

use super::activation::{Activation, ActivationKernel};
use super::packing::{PackedMatrix, HEIGHT};
use super::simd::{Simd, WIDEST};
use std::ops::Range;

/// A source of columns of the right-hand matrix.
pub(super) trait Columns {
    /// Elements of scratch that [`strip`](Self::strip) needs.
    fn scratch(&self, depth: usize, width: usize) -> usize;

    /// Returns `width` columns from `first` on as a pointer to the first row and the distance between rows: either in
    /// place, or copied to `scratch`.
    ///
    /// # Safety
    /// As for `Simd`; the columns exist, and `scratch` is valid for [`scratch`](Self::scratch) elements.
    unsafe fn strip<S: Simd>(&self, first: usize, width: usize, scratch: *mut f32) -> (*const f32, usize);
}

/// The destination of the sums: `activation(sum + bias + residual)`.
#[derive(Clone, Copy)]
pub(super) struct OutputTile {
    /// [rows, columns], row-major with this distance between rows.
    pub out: *mut f32,
    /// Laid out as `out`; null if nothing is added.
    pub residual: *const f32,
    pub step: usize,
    pub activation: Activation,
}

/// Computes these rows (panels) and columns of the product.
///
/// # Safety
/// As for `Simd`. `target` is valid for all of these rows and columns, which no other thread reads or writes; `columns`
/// exist in `source`; `scratch` is valid for the source's scratch of the widest tile.
#[inline(always)]
pub(super) unsafe fn product<S: Simd>(
    weights: &PackedMatrix,
    source: &impl Columns,
    target: OutputTile,
    rows: Range<usize>,
    columns: Range<usize>,
    scratch: *mut f32,
) {
    const { assert!(S::ACROSS <= 2, "a tile for every count of vectors") };
    let widest = S::ACROSS * S::LANES;
    // SAFETY: upheld by the caller.
    let ready = unsafe { target.activation.ready::<S>() };
    let mut column = columns.start;
    while column < columns.end {
        let left = columns.end - column;
        let mut vectors = if left >= widest { S::ACROSS } else { left.div_ceil(S::LANES) };
        if vectors > 1 && vectors * S::LANES > columns.len() {
            vectors -= 1;
        }
        let width = vectors * S::LANES;
        // The last tile, if not full, starts earlier, and computes some columns a second time.
        let first = column.min(columns.end.saturating_sub(width).max(columns.start));
        let count = width.min(columns.end - first);
        // SAFETY: the columns exist, and so does the scratch.
        let (b, b_step) = unsafe { source.strip::<S>(first, count, scratch) };
        // SAFETY: the tile is inside the caller's rows and columns; fewer columns than lanes are computed in a buffer.
        unsafe {
            match (vectors, count == width) {
                (1, true) => tiles::<S, 1>(weights, b, b_step, target, &ready, rows.clone(), first),
                (_, true) => tiles::<S, 2>(weights, b, b_step, target, &ready, rows.clone(), first),
                (_, false) => narrow::<S>(weights, b, b_step, target, &ready, rows.clone(), first, count),
            }
        }
        column = first + count;
    }
}

/// # Safety
/// As [`product`]; `b` is valid for as many rows as the depth of the weights.
// Not inlined in WebAssembly: engines switch to a function's optimised code only at its next call.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
#[allow(clippy::too_many_arguments)]
unsafe fn tiles<S: Simd, const ACROSS: usize>(
    weights: &PackedMatrix,
    b: *const f32,
    b_step: usize,
    target: OutputTile,
    ready: &ActivationKernel<S>,
    rows: Range<usize>,
    column: usize,
) {
    let mut panel = rows.start;
    // A tile of one vector has too few sums to hide the latency of multiply-adds.
    let tall = S::panels() == 2 || ACROSS == 1;
    // SAFETY: upheld by the caller; panels in `rows` exist.
    unsafe {
        while tall && panel + 2 <= rows.end {
            tile::<S, 2, ACROSS>(weights, panel, b, b_step, target.at(panel * HEIGHT, column), ready);
            panel += 2;
        }
        while panel < rows.end {
            tile::<S, 1, ACROSS>(weights, panel, b, b_step, target.at(panel * HEIGHT, column), ready);
            panel += 1;
        }
    }
}

/// Fewer columns than lanes, computed in a buffer of one vector's width.
///
/// # Safety
/// As [`product`].
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
#[allow(clippy::too_many_arguments)]
unsafe fn narrow<S: Simd>(
    weights: &PackedMatrix,
    b: *const f32,
    b_step: usize,
    target: OutputTile,
    ready: &ActivationKernel<S>,
    rows: Range<usize>,
    column: usize,
    count: usize,
) {
    let mut strip = vec![0.0f32; weights.depth() * WIDEST];
    for (row, line) in strip.chunks_exact_mut(WIDEST).enumerate() {
        for (c, number) in line[..count].iter_mut().enumerate() {
            // SAFETY: `count` columns of every row are valid.
            *number = unsafe { *b.add(row * b_step + c) };
        }
    }
    for panel in rows {
        let height = HEIGHT.min(weights.rows() - panel * HEIGHT);
        let at = target.at(panel * HEIGHT, column);
        let mut buffer = [0.0f32; WIDEST * HEIGHT];
        // SAFETY: the buffer holds a panel's rows of the widest vector; the caller upholds the target's.
        unsafe {
            if !at.residual.is_null() {
                for (place, number) in places(height, count, WIDEST, at.step) {
                    buffer[place] = *at.residual.add(number);
                }
            }
            let out = buffer.as_mut_ptr();
            let residual = if at.residual.is_null() { at.residual } else { out.cast_const() };
            let inside = OutputTile { out, residual, step: WIDEST, activation: at.activation };
            tile::<S, 1, 1>(weights, panel, strip.as_ptr(), WIDEST, inside, ready);
            for (place, number) in places(height, count, WIDEST, at.step) {
                *at.out.add(number) = buffer[place];
            }
        }
    }
}

/// Pointers to the same block in two matrices of different steps.
fn places(height: usize, count: usize, a: usize, b: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..height).flat_map(move |row| (0..count).map(move |c| (row * a + c, row * b + c)))
}

impl OutputTile {
    /// The same block from this row on.
    pub fn below(self, row: usize) -> OutputTile {
        self.at(row, 0)
    }

    fn at(self, row: usize, column: usize) -> OutputTile {
        let offset = row * self.step + column;
        let residual = if self.residual.is_null() { self.residual } else { self.residual.wrapping_add(offset) };
        OutputTile { out: self.out.wrapping_add(offset), residual, ..self }
    }
}

/// One tile of `PANELS` · 4 rows and `ACROSS` vectors, whose sums stay in registers.
///
/// # Safety
/// As [`tiles`]; `target` points to the tile's first number.
#[inline(always)]
unsafe fn tile<S: Simd, const PANELS: usize, const ACROSS: usize>(
    weights: &PackedMatrix,
    panel: usize,
    b: *const f32,
    b_step: usize,
    target: OutputTile,
    ready: &ActivationKernel<S>,
) {
    let depth = weights.depth();
    let (a, bias) = (weights.from(panel).as_ptr(), weights.bias_from(panel).as_ptr());
    // SAFETY: `a` is valid for PANELS panels of `depth` · 4 numbers, `bias` for their rows, `b` for `depth` rows; only
    // rows of the matrix are stored.
    unsafe {
        let mut sums = [[[S::splat(0.0); ACROSS]; HEIGHT]; PANELS];
        for (p, sums) in sums.iter_mut().enumerate() {
            for (r, sums) in sums.iter_mut().enumerate() {
                *sums = [S::splat(*bias.add(p * HEIGHT + r)); ACROSS];
            }
        }
        let (mut a, mut b) = (a, b);
        for _ in 0..depth {
            let mut columns = [S::splat(0.0); ACROSS];
            for (c, column) in columns.iter_mut().enumerate() {
                *column = S::load(b.add(c * S::LANES));
            }
            for (p, sums) in sums.iter_mut().enumerate() {
                for (r, sums) in sums.iter_mut().enumerate() {
                    let weight = S::splat(*a.add(p * depth * HEIGHT + r));
                    for (sum, &column) in sums.iter_mut().zip(&columns) {
                        *sum = S::mul_add(weight, column, *sum);
                    }
                }
            }
            a = a.add(HEIGHT);
            b = b.wrapping_add(b_step);
        }
        let rows = weights.rows() - panel * HEIGHT;
        if !target.residual.is_null() {
            for (row, sums) in sums.as_flattened_mut().iter_mut().enumerate().take(rows) {
                for (c, sum) in sums.iter_mut().enumerate() {
                    *sum = S::add(*sum, S::load(target.residual.add(row * target.step + c * S::LANES)));
                }
            }
        }
        ready.apply_all(sums.as_flattened_mut().as_flattened_mut());
        for (row, sums) in sums.as_flattened().iter().enumerate().take(rows) {
            for (c, &sum) in sums.iter().enumerate() {
                S::store(target.out.add(row * target.step + c * S::LANES), sum);
            }
        }
    }
}
