//! Pictures to another size.

use super::kernel::Axis;
use super::Filter;
use crate::error::{Cause, ErrorKind, Result};
use crate::picture::Picture;
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

/// The wanted part of a resized picture: `y.count` rows of `x.count` RGB pixels, 0 to 255.
pub(super) fn resize(picture: &Picture, x: Axis, y: Axis, filter: Filter, antialias: bool) -> Result<Vec<f32>> {
    let kernel = match filter {
        Filter::Nearest => return Ok(nearest(picture, x, y, antialias)),
        _ if !antialias => return Ok(interpolate(picture, x, y, filter)),
        Filter::Bilinear => FilterType::Bilinear,
        Filter::Bicubic => FilterType::CatmullRom,
        Filter::Lanczos => FilterType::Lanczos3,
    };
    let rgb = convolve(picture, x, y, kernel, filter.support(), &mut Resizer::new())
        .map_err(|source| ErrorKind::Resize { source })?;
    Ok(rgb.into_iter().map(f32::from).collect())
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
    let (columns, rows) = (x.taps(filter), y.taps(filter));
    let mut out = Vec::with_capacity(columns.len() * rows.len() * 3);
    for row in &rows {
        for column in &columns {
            let mut sum = [0f32; 3];
            for (j, wy) in row.weights.iter().enumerate() {
                let start = (row.start + j) * picture.width as usize + column.start;
                let pixels = picture.rgb[start * 3..].chunks_exact(3);
                let mut line = [0f32; 3];
                for (pixel, wx) in pixels.zip(&column.weights) {
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

/// The kernel widened by the scale, columns before rows, rounded to bytes after each: Pillow's `Image.resize`.
fn convolve(
    picture: &Picture,
    x: Axis,
    y: Axis,
    kernel: FilterType,
    support: f64,
    resizer: &mut Resizer,
) -> Result<Vec<u8>, Cause> {
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(kernel));
    let (x_scale, y_scale) = (x.scale(), y.scale());
    // Only the rows that the second pass reads; one more at each end against rounding.
    let reach = support * y_scale.max(1.0) + 1.0;
    let top = (f64::from(y.first) * y_scale - reach).floor().max(0.0);
    let bottom = (f64::from(y.first + y.count) * y_scale + reach).ceil().min(f64::from(y.source));

    let source = ImageRef::new(picture.width, picture.height, &picture.rgb, PixelType::U8x3)?;
    let mut narrowed = Image::new(x.count, (bottom - top) as u32, PixelType::U8x3);
    let columns = options.crop(f64::from(x.first) * x_scale, top, f64::from(x.count) * x_scale, bottom - top);
    resizer.resize(&source, &mut narrowed, &columns)?;

    let mut resized = Image::new(x.count, y.count, PixelType::U8x3);
    let first = f64::from(y.first) * y_scale - top;
    let rows = options.crop(0.0, first, f64::from(x.count), f64::from(y.count) * y_scale);
    resizer.resize(&narrowed, &mut resized, &rows)?;
    Ok(resized.into_vec())
}
