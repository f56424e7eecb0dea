//! Decodes image files to RGB8 natively.

use super::{check_header, Format, RgbImage, FORMATS};
use crate::error::{ErrorKind, Result};
use crate::limits::{IMAGE_PIXELS, IMAGE_SIDE};
use image::{DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits};
use std::io::Cursor;

/// Decodes a PNG, JPEG, WebP, GIF (first frame) or BMP file; the file's name is used only in errors.
///
/// EXIF orientation is applied, transparent pixels are composited on white, 16-bit values are scaled to 8 bits, colour
/// profiles are ignored.
///
/// # Errors
/// Those of [`check_header`]; [`ErrorKind::NotImage`] for AVIF, which only browsers decode; [`ErrorKind::BrokenImage`]
/// if the content is truncated or corrupt.
pub fn decode(name: &str, bytes: &[u8]) -> Result<RgbImage> {
    let format = check_header(name, bytes)?.format;
    if format == Format::Avif {
        let (found, remedy) = ("an AVIF image".into(), "save the image as PNG or JPEG");
        return Err(ErrorKind::NotImage { name: name.into(), expected: FORMATS, found, remedy }.into());
    }
    let broken = |source| ErrorKind::BrokenImage { name: name.into(), format: format.name(), source };
    let image = read(format, bytes).map_err(|e| broken(e.into()))?;
    let (width, height) = (image.width(), image.height());
    if image.color().has_alpha() {
        RgbImage::from_rgba(width, height, &image.into_rgba8())
    } else {
        RgbImage::new(width, height, image.into_rgb8().into_raw())
    }
}

fn read(format: Format, bytes: &[u8]) -> Result<DynamicImage, ImageError> {
    let format = match format {
        Format::Avif => ImageFormat::Avif,
        Format::Bmp => ImageFormat::Bmp,
        Format::Gif => ImageFormat::Gif,
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::WebP => ImageFormat::WebP,
    };
    let mut limits = Limits::default();
    limits.max_image_width = Some(IMAGE_SIDE as u32);
    limits.max_image_height = Some(IMAGE_SIDE as u32);
    // A pixel of 16-bit RGBA takes 8 bytes, and a decoder may hold two frames.
    limits.max_alloc = Some(IMAGE_PIXELS * 16);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    // An image with an unreadable EXIF block keeps its stored orientation, as in browsers.
    let orientation = decoder.orientation().unwrap_or(image::metadata::Orientation::NoTransforms);
    let mut image = DynamicImage::from_decoder(decoder)?;
    image.apply_orientation(orientation);
    Ok(image)
}
