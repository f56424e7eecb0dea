//! Pictures to another size.
//!
//! The antialiased resize is Pillow's own integer arithmetic (`Resample.c` of Pillow 13: weights of 22 fractional bits, bytes
//! between the two passes), so that every platform gives Pillow's bytes. SIMD crates keep weights of 16 bits: one level
//! off in about one value of a hundred, which moves a probability by up to 0.01.

use super::kernel::{Axis, Window};
use super::Filter;
use crate::picture::Picture;

/// The wanted part of a resized picture: `y.count` rows of `x.count` RGB pixels, 0 to 255.
pub(super) fn resize(picture: &Picture, x: Axis, y: Axis, filter: Filter, antialias: bool) -> Vec<f32> {
    match filter {
        Filter::Nearest => nearest(picture, x, y, antialias),
        _ if antialias => convolve(picture, x, y, filter).into_iter().map(f32::from).collect(),
        _ => interpolate(picture, x, y, filter),
    }
}

/// Nearest pixels; `stepped` as in [`Axis::nearest`].
fn nearest(picture: &Picture, x: Axis, y: Axis, stepped: bool) -> Vec<f32> {
    let (columns, rows) = (x.nearest(stepped), y.nearest(stepped));
    let mut out = Vec::with_capacity(columns.len() * rows.len() * 3);
    for row in rows {
        let row = row as usize * picture.width as usize;
        for &column in &columns {
            let at = (row + column as usize) * 3;
            out.extend(picture.rgb[at..at + 3].iter().map(|&v| f32::from(v)));
        }
    }
    out
}

/// The kernel at its own width whatever the scale, in floats: `tf.image.resize(antialias=False)`.
fn interpolate(picture: &Picture, x: Axis, y: Axis, filter: Filter) -> Vec<f32> {
    let columns = x.windows(filter, false, |w| w as f32);
    let rows = y.windows(filter, false, |w| w as f32);
    let mut out = Vec::with_capacity(columns.len() * rows.len() * 3);
    for row in &rows {
        for column in &columns {
            let mut sum = [0f32; 3];
            for (j, wy) in row.weights.iter().enumerate() {
                let start = (row.start + j) * picture.width as usize + column.start;
                let mut line = [0f32; 3];
                for (pixel, wx) in picture.rgb[start * 3..].chunks_exact(3).zip(&column.weights) {
                    for (l, &v) in line.iter_mut().zip(pixel) {
                        *l += wx * f32::from(v);
                    }
                }
                for (s, l) in sum.iter_mut().zip(line) {
                    *s += wy * l;
                }
            }
            out.extend(sum);
        }
    }
    out
}

/// Fractional bits of a weight: 8 bits of a level and 2 bits of overshoot are left of 32.
const BITS: u32 = 22;

/// The kernel widened by the scale, one axis after the other: Pillow's `Image.resize`.
fn convolve(picture: &Picture, x: Axis, y: Axis, filter: Filter) -> Vec<u8> {
    let fixed = |w: f64| (w * f64::from(1u32 << BITS)).round() as i32;
    let mut columns = x.windows(filter, true, fixed);
    let mut rows = y.windows(filter, true, fixed);
    let width = picture.width as usize;
    let source = &picture.rgb[..];
    let shrinks = |axis: Axis| i64::from(axis.source) - i64::from(axis.resized);
    // Pillow's order, seen where a sharp edge overshoots; an axis that keeps its size is the identity.
    let rows_first = shrinks(y) > 0 && shrinks(y) > 2 * shrinks(x);
    if rows_first {
        let used = shift(&mut columns);
        let flat = mix_rows(source, width, used, &rows);
        let width = flat.len() / 3 / rows.len();
        mix_columns(&flat, width, &columns)
    } else {
        let used = shift(&mut rows);
        let narrow = mix_columns(&source[used.start * width * 3..used.end * width * 3], width, &columns);
        mix_rows(&narrow, columns.len(), 0..columns.len(), &rows)
    }
}

/// The source pixels that any window reads; the windows are moved to count from the first of them.
fn shift(windows: &mut [Window<i32>]) -> std::ops::Range<usize> {
    let start = windows.iter().map(|w| w.start).min().unwrap_or(0);
    let end = windows.iter().map(|w| w.start + w.weights.len()).max().unwrap_or(0);
    windows.iter_mut().for_each(|w| w.start -= start);
    start..end
}

/// One output column a window, of every row of RGB pixels.
fn mix_columns(source: &[u8], width: usize, windows: &[Window<i32>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(source.len() / width * windows.len());
    for row in source.chunks_exact(width * 3) {
        for window in windows {
            let [mut r, mut g, mut b] = [1 << (BITS - 1); 3];
            for (pixel, weight) in row[window.start * 3..].chunks_exact(3).zip(&window.weights) {
                r += weight * i32::from(pixel[0]);
                g += weight * i32::from(pixel[1]);
                b += weight * i32::from(pixel[2]);
            }
            out.extend([level(r), level(g), level(b)]);
        }
    }
    out
}

/// One output row a window, of the `used` columns of RGB pixels.
fn mix_rows(source: &[u8], width: usize, used: std::ops::Range<usize>, windows: &[Window<i32>]) -> Vec<u8> {
    let mut out = Vec::with_capacity(windows.len() * used.len() * 3);
    let mut sums = vec![0i32; used.len() * 3];
    for window in windows {
        sums.fill(1 << (BITS - 1));
        for (j, weight) in window.weights.iter().enumerate() {
            let row = (window.start + j) * width;
            let values = &source[(row + used.start) * 3..(row + used.end) * 3];
            for (sum, &v) in sums.iter_mut().zip(values) {
                *sum += weight * i32::from(v);
            }
        }
        out.extend(sums.iter().map(|&sum| level(sum)));
    }
    out
}

fn level(sum: i32) -> u8 {
    (sum >> BITS).clamp(0, 255) as u8
}
