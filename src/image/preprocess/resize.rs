//! Resizes images.
//!
//! `fast_image_resize`, configured to reproduce Pillow: one axis per pass, rounded to bytes after each pass, on 16-bit
//! pixels. Its 8-bit pixels use 16-bit weights, which is up to 6 levels off; its 16-bit pixels use 32-bit weights and
//! have SIMD in WebAssembly, unlike floats. The remaining differences are ties between two levels, decided by the last
//! bit of a weight: 2 of 1000 values of the reference images, 14 of 150 528 of noise at 4000 × 3000, by one level. All
//! sums are integers, so results are the same with and without SIMD. The image is widened in strips, which are resized
//! on all threads.

use super::resize_axis::Axis;
use super::Filter;
use crate::error::{ErrorKind, Result};
use crate::image::RgbImage;
use crate::kernels::{chunk, map_chunks, threads};
use fast_image_resize::images::{TypedImage, TypedImageRef};
use fast_image_resize::pixels::{F32x3, InnerPixel, U16x3};
use fast_image_resize::{FilterType, PixelTrait, ResizeAlg, ResizeOptions, Resizer};
use std::ops::Range;

/// Source pixels that are widened together: 1.5 MiB, 3 as floats. The weights are recomputed for every strip: 30 µs.
const STRIP: usize = 1 << 18;
/// The rows, and the values of a row, that the library resizes together.
const ROWS: usize = 4;
const COLUMNS: usize = 16;

/// Resizes to the wanted part of the image: `y.count` rows of `x.count` RGB pixels, 0 to 255.
///
/// # Errors
/// [`ErrorKind::Resize`] if the library rejects the sizes.
pub(super) fn resize(image: &RgbImage, x: Axis, y: Axis, filter: Filter, antialias: bool) -> Result<Vec<f32>> {
    let (filter, support) = match filter {
        Filter::Nearest => return Ok(nearest(image, x, y, antialias)),
        Filter::Bilinear => (FilterType::Bilinear, 1.0),
        Filter::Bicubic => (FilterType::CatmullRom, 2.0),
        Filter::Lanczos => (FilterType::Lanczos3, 3.0),
    };
    if antialias {
        let bytes = convolve(image, x, y, filter, support)?;
        return Ok(bytes.rgb.into_iter().map(f32::from).collect());
    }
    interpolate(image, x, y, filter, support)
}

/// Nearest-neighbour sampling; `stepped` as in [`Axis::nearest`].
///
/// The library's own nearest filter picks the neighbour if a centre is between two pixels: 1 of 200 of Pillow's pixels,
/// 1 of 500 of TensorFlow's.
fn nearest(image: &RgbImage, x: Axis, y: Axis, stepped: bool) -> Vec<f32> {
    let (columns, rows) = (x.nearest(stepped), y.nearest(stepped));
    let mut out = Vec::with_capacity(columns.len() * rows.len() * 3);
    for row in rows {
        let row = row as usize * image.width as usize;
        for &column in &columns {
            let at = (row + column as usize) * 3;
            out.extend(image.rgb[at..at + 3].iter().map(|&v| f32::from(v)));
        }
    }
    out
}

/// Interpolates with the filter's own width at every scale, fractions kept: `tf.image.resize(antialias=False)`.
fn interpolate(image: &RgbImage, x: Axis, y: Axis, filter: FilterType, support: f64) -> Result<Vec<f32>> {
    let (left, width) = x.span(&(0..image.width));
    let length = (f64::from(image.width) * y.scale()) as usize;
    let scaled = strips(0..y.count, length, 1, |wanted| {
        let chunk = Axis { first: y.first + wanted.start, count: wanted.len() as u32, ..y };
        // The window of a pixel may be longer than its filter.
        let rows = chunk.read(support.max(y.scale() / 2.0));
        let (top, height) = chunk.span(&rows);
        let source = Strip::<F32x3>::new(image.width, rows.len() as u32, [row_bytes(image, &rows)], f32::from);
        source.scale(ResizeAlg::Interpolation(filter), [left, top, width, height], [x.count, chunk.count])
    })?;
    Ok(scaled.iter().flat_map(|pixels| F32x3::components(pixels)).copied().collect())
}

/// Resizes with the filter widened by the scale, one axis after the other: Pillow's `Image.resize`.
fn convolve(image: &RgbImage, x: Axis, y: Axis, filter: FilterType, support: f64) -> Result<RgbImage> {
    let filter = ResizeAlg::Convolution(filter);
    let read = |axis: Axis| axis.read(support * axis.scale().max(1.0));
    // The axis order of Pillow 13 (`ImagingResampleInner`), visible where a sharp edge overshoots. Up to Pillow 12 the
    // columns came first always; the two differ on ordinary portraits too, if the width is near its target.
    if y.loss() > 0 && y.loss() > 2 * x.loss() {
        let columns = read(x);
        let flat = scale_rows(filter, image, &columns, y.span(&(0..y.source)), y.count)?;
        scale_columns(filter, &flat, &(0..flat.height), x.span(&columns), x.count)
    } else {
        let rows = read(y);
        let narrow = scale_columns(filter, image, &rows, x.span(&(0..x.source)), x.count)?;
        scale_rows(filter, &narrow, &(0..narrow.width), y.span(&rows), y.count)
    }
}

/// Resizes the `rows` of an image horizontally: `count` columns from those in `span` (start, length).
fn scale_columns(
    filter: ResizeAlg,
    image: &RgbImage,
    rows: &Range<u32>,
    (left, width): (f64, f64),
    count: u32,
) -> Result<RgbImage> {
    let height = rows.end - rows.start;
    if left == 0.0 && width == f64::from(count) && image.width == count {
        return Ok(RgbImage { width: count, height, rgb: row_bytes(image, rows).to_vec() });
    }
    let scaled = strips(rows.clone(), image.width as usize, ROWS, |chunk| {
        let height = chunk.len() as u32;
        let source = Strip::<U16x3>::new(image.width, height, [row_bytes(image, &chunk)], wide);
        source.scale(filter, [left, 0.0, width, height.into()], [count, height])
    })?;
    let mut rgb = Vec::with_capacity(rows.len() * count as usize * 3);
    for pixels in &scaled {
        rgb.extend(U16x3::components(pixels).iter().map(level));
    }
    Ok(RgbImage { width: count, height, rgb })
}

/// Resizes the `columns` of an image vertically: `count` rows from those in `span` (start, length).
fn scale_rows(
    filter: ResizeAlg,
    image: &RgbImage,
    columns: &Range<u32>,
    (top, height): (f64, f64),
    count: u32,
) -> Result<RgbImage> {
    if top == 0.0 && height == f64::from(count) && image.height == count && columns.len() as u32 == image.width {
        return Ok(image.clone());
    }
    let scaled = strips(columns.clone(), image.height as usize, COLUMNS, |chunk| {
        let width = chunk.len() as u32;
        let bytes = chunk.start as usize * 3..chunk.end as usize * 3;
        let rows = image.rgb.chunks_exact(image.width as usize * 3).map(|row| &row[bytes.clone()]);
        let source = Strip::<U16x3>::new(width, image.height, rows, wide);
        Ok((chunk.len(), source.scale(filter, [0.0, top, width.into(), height], [width, count])?))
    })?;
    let mut rgb = Vec::with_capacity(columns.len() * count as usize * 3);
    for row in 0..count as usize {
        for (width, pixels) in &scaled {
            rgb.extend(U16x3::components(&pixels[row * width..][..*width]).iter().map(level));
        }
    }
    Ok(RgbImage { width: columns.len() as u32, height: count, rgb })
}

/// Applies `scale` to strips of these lines, each `length` pixels long; strips begin at multiples of `unit` lines.
fn strips<R: Send + Sync>(
    lines: Range<u32>,
    length: usize,
    unit: usize,
    scale: impl Fn(Range<u32>) -> Result<R> + Sync,
) -> Result<Vec<R>> {
    let parts =
        (lines.len() * length).div_ceil(STRIP).max(1).next_multiple_of(threads()).min(lines.len().div_ceil(unit));
    let strip = |index| {
        let strip = chunk(lines.len(), unit, parts, index);
        scale(lines.start + strip.start as u32..lines.start + strip.end as u32)
    };
    map_chunks(parts, &strip).into_iter().collect()
}

fn row_bytes<'a>(image: &'a RgbImage, rows: &Range<u32>) -> &'a [u8] {
    let row = image.width as usize * 3;
    &image.rgb[rows.start as usize * row..rows.end as usize * row]
}

/// Maps 0..255 to 0..65 535.
fn wide(value: u8) -> u16 {
    u16::from(value) * 257
}

/// Maps back to 0..255. Values that the library rounded half up stay so: 128.5 of 257 is half a level.
fn level(value: &u16) -> u8 {
    ((u32::from(*value) + 128) / 257) as u8
}

/// Rows of RGB.
struct Strip<P> {
    width: u32,
    height: u32,
    pixels: Vec<P>,
}

impl<P: PixelTrait> Strip<P> {
    /// An image of `height` rows as bytes.
    fn new<'a>(
        width: u32,
        height: u32,
        rows: impl IntoIterator<Item = &'a [u8]>,
        value: impl Fn(u8) -> P::Component,
    ) -> Strip<P> {
        let mut pixels = vec![P::default(); width as usize * height as usize];
        let mut rest = P::components_mut(&mut pixels);
        for row in rows {
            let (here, below) = rest.split_at_mut(row.len());
            here.iter_mut().zip(row).for_each(|(to, &from)| *to = value(from));
            rest = below;
        }
        Strip { width, height, pixels }
    }

    /// The crop `[left, top, width, height]` resized to `[width, height]` pixels.
    fn scale(
        &self,
        filter: ResizeAlg,
        [left, top, part_width, part_height]: [f64; 4],
        [width, height]: [u32; 2],
    ) -> Result<Vec<P>> {
        let options = ResizeOptions::new().resize_alg(filter).crop(left, top, part_width, part_height);
        let mut pixels = vec![P::default(); width as usize * height as usize];
        let source = TypedImageRef::new(self.width, self.height, &self.pixels).map_err(refused)?;
        let mut scaled = TypedImage::from_pixels_slice(width, height, &mut pixels).map_err(refused)?;
        Resizer::new().resize_typed(&source, &mut scaled, &options).map_err(refused)?;
        Ok(pixels)
    }
}

fn refused(error: impl std::error::Error + Send + Sync + 'static) -> ErrorKind {
    ErrorKind::Resize { source: Box::new(error) }
}
