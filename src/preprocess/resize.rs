//! Pictures to another size.
//!
//! `fast_image_resize`, used so that its results are Pillow's: one axis a pass, rounded to bytes after each, on 16-bit
//! pixels. Its 8-bit pixels keep weights of 16 bits, which is up to 6 levels off; those of 16 bits keep 32 and have SIMD in
//! WebAssembly too, which floats have not. What is left are ties between two levels, which the last bit of a weight
//! decides: 2 of 1000 values of the reference pictures, 14 of 150 528 of noise at 4000 × 3000, by one level.
//! All sums are whole numbers: the same with SIMD as without. A strip of the picture is widened at a time.

use super::axis::Axis;
use super::Filter;
use crate::error::{ErrorKind, Result};
use crate::picture::Picture;
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{F32x3, U16x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use std::ops::Range;

/// Source rows (or columns) that are widened at one time: 6 MiB at the longest side, 12 as floats. Without antialiasing at
/// least those of one row of the result.
const STRIP: u32 = 64;

/// The wanted part of a resized picture: `y.count` rows of `x.count` RGB pixels, 0 to 255.
///
/// # Errors
/// [`ErrorKind::Resize`] where the library refuses the sizes.
pub(super) fn resize(picture: &Picture, x: Axis, y: Axis, filter: Filter, antialias: bool) -> Result<Vec<f32>> {
    let (filter, support) = match filter {
        Filter::Nearest => return Ok(nearest(picture, x, y, antialias)),
        Filter::Bilinear => (FilterType::Bilinear, 1.0),
        Filter::Bicubic => (FilterType::CatmullRom, 2.0),
        Filter::Lanczos => (FilterType::Lanczos3, 3.0),
    };
    if antialias {
        let bytes = convolve(picture, x, y, filter, support)?;
        return Ok(bytes.rgb.into_iter().map(f32::from).collect());
    }
    interpolate(picture, x, y, filter, support)
}

/// Nearest pixels; `stepped` as in [`Axis::nearest`].
///
/// The library's own nearest takes the neighbour where a centre lies between two pixels: 1 of 200 of Pillow's, 1 of 500
/// of TensorFlow's.
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

/// The filter at its own width whatever the scale, fractions kept: `tf.image.resize(antialias=False)`.
fn interpolate(picture: &Picture, x: Axis, y: Axis, filter: FilterType, support: f64) -> Result<Vec<f32>> {
    let mut scaler = Scaler::new(ResizeAlg::Interpolation(filter));
    let (left, width) = x.span(&(0..picture.width));
    let step = ((f64::from(STRIP) / y.scale()) as u32).max(1);
    let mut out = Vec::with_capacity(x.count as usize * y.count as usize * 3);
    for first in (0..y.count).step_by(step as usize) {
        let part = Axis { first: y.first + first, count: step.min(y.count - first), ..y };
        // The window of a pixel may be longer than its filter.
        let rows = part.read(support.max(y.scale() / 2.0));
        let (top, height) = part.span(&rows);
        let pixels = row_bytes(picture, &rows).chunks_exact(3).map(float).collect();
        let source = Strip { width: picture.width, height: rows.end - rows.start, pixels };
        let scaled = scaler.scale(&source, [left, top, width, height], x.count, part.count)?;
        out.extend(scaled.iter().flat_map(|pixel| pixel.0));
    }
    Ok(out)
}

/// The filter widened by the scale, one axis after the other: Pillow's `Image.resize`.
fn convolve(picture: &Picture, x: Axis, y: Axis, filter: FilterType, support: f64) -> Result<Picture> {
    let mut scaler = Scaler::new(ResizeAlg::Convolution(filter));
    let read = |axis: Axis| axis.read(support * axis.scale().max(1.0));
    // The order of Pillow 13 (`ImagingResampleInner`), seen where a sharp edge overshoots. Up to Pillow 12 the columns came
    // first always; the two part on ordinary portraits too, where the width is near its target.
    if y.loss() > 0 && y.loss() > 2 * x.loss() {
        let columns = read(x);
        let flat = scale_rows(&mut scaler, picture, &columns, y.span(&(0..y.source)), y.count)?;
        scale_columns(&mut scaler, &flat, &(0..flat.height), x.span(&columns), x.count)
    } else {
        let rows = read(y);
        let narrow = scale_columns(&mut scaler, picture, &rows, x.span(&(0..x.source)), x.count)?;
        scale_rows(&mut scaler, &narrow, &(0..narrow.width), y.span(&rows), y.count)
    }
}

/// The `rows` of a picture at another width: `count` columns from those in `span` (start, length).
fn scale_columns(
    scaler: &mut Scaler,
    picture: &Picture,
    rows: &Range<u32>,
    (left, width): (f64, f64),
    count: u32,
) -> Result<Picture> {
    let height = rows.end - rows.start;
    if left == 0.0 && width == f64::from(count) && picture.width == count {
        return Ok(Picture { width: count, height, rgb: row_bytes(picture, rows).to_vec() });
    }
    let mut rgb = Vec::with_capacity(rows.len() * count as usize * 3);
    for start in rows.clone().step_by(STRIP as usize) {
        let part = start..(start + STRIP).min(rows.end);
        let height = part.end - part.start;
        let pixels = row_bytes(picture, &part).chunks_exact(3).map(wide).collect();
        let source = Strip { width: picture.width, height, pixels };
        let scaled = scaler.scale(&source, [left, 0.0, width, height.into()], count, height)?;
        rgb.extend(scaled.iter().flat_map(|pixel| pixel.0.map(level)));
    }
    Ok(Picture { width: count, height, rgb })
}

/// The `columns` of a picture at another height: `count` rows from those in `span` (start, length).
fn scale_rows(
    scaler: &mut Scaler,
    picture: &Picture,
    columns: &Range<u32>,
    (top, height): (f64, f64),
    count: u32,
) -> Result<Picture> {
    if top == 0.0 && height == f64::from(count) && picture.height == count && columns.len() as u32 == picture.width {
        return Ok(picture.clone());
    }
    let mut rgb = vec![0; columns.len() * count as usize * 3];
    for start in columns.clone().step_by(STRIP as usize) {
        let part = start..(start + STRIP).min(columns.end);
        let width = part.end - part.start;
        let bytes = part.start as usize * 3..part.end as usize * 3;
        let rows = picture.rgb.chunks_exact(picture.width as usize * 3);
        let pixels = rows.flat_map(|row| row[bytes.clone()].chunks_exact(3).map(wide)).collect();
        let source = Strip { width, height: picture.height, pixels };
        let scaled = scaler.scale(&source, [0.0, top, width.into(), height], width, count)?;
        let offset = (part.start - columns.start) as usize * 3;
        for (line, scaled) in rgb.chunks_exact_mut(columns.len() * 3).zip(scaled.chunks_exact(width as usize)) {
            for (to, from) in line[offset..].chunks_exact_mut(3).zip(scaled) {
                to.copy_from_slice(&from.0.map(level));
            }
        }
    }
    Ok(Picture { width: columns.end - columns.start, height: count, rgb })
}

fn row_bytes<'a>(picture: &'a Picture, rows: &Range<u32>) -> &'a [u8] {
    let row = picture.width as usize * 3;
    &picture.rgb[rows.start as usize * row..rows.end as usize * row]
}

fn float(rgb: &[u8]) -> F32x3 {
    F32x3::new([rgb[0].into(), rgb[1].into(), rgb[2].into()])
}

/// 0 to 255 as 0 to 65 535.
fn wide(rgb: &[u8]) -> U16x3 {
    U16x3::new([rgb[0], rgb[1], rgb[2]].map(|v| u16::from(v) * 257))
}

/// Back to 0 to 255. What the library rounded half up is so again: 128.5 of 257 is half a level.
fn level(value: u16) -> u8 {
    ((u32::from(value) + 128) / 257) as u8
}

/// Rows of RGB.
struct Strip<P> {
    width: u32,
    height: u32,
    pixels: Vec<P>,
}

/// The library's resize with one algorithm; keeps its buffers from strip to strip.
struct Scaler {
    resizer: Resizer,
    algorithm: ResizeAlg,
}

impl Scaler {
    fn new(algorithm: ResizeAlg) -> Scaler {
        Scaler { resizer: Resizer::new(), algorithm }
    }

    /// The part `[left, top, width, height]` of a strip as `height` rows of `width` pixels.
    fn scale<P: PixelTrait>(&mut self, strip: &Strip<P>, part: [f64; 4], width: u32, height: u32) -> Result<Vec<P>> {
        let [left, top, part_width, part_height] = part;
        let options = ResizeOptions::new().resize_alg(self.algorithm).crop(left, top, part_width, part_height);
        let mut pixels = vec![P::default(); width as usize * height as usize];
        let source = TypedImageRef::new(strip.width, strip.height, &strip.pixels).map_err(refused)?;
        let mut scaled = TypedImage::from_pixels_slice(width, height, &mut pixels).map_err(refused)?;
        self.resizer.resize_typed(&source, &mut scaled, &options).map_err(refused)?;
        Ok(pixels)
    }
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> ErrorKind {
    ErrorKind::Resize { source: Box::new(error) }
}
