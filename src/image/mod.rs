//! An image as RGB8 pixels, with limits that are checked before allocation.

use crate::error::{ErrorKind, Result};
use crate::limits::{self, IMAGE_BYTES, IMAGE_PIXELS, IMAGE_SIDE};
use imagesize::{Compression, ImageType};

const FORMATS: &str = "a PNG, JPEG, WebP, GIF or BMP image";

/// RGB8 pixels, row by row from the top, 3 bytes per pixel (sRGB values as stored; colour profiles are ignored).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbImage {
    pub width: u32,
    pub height: u32,
    /// `width · height · 3` bytes.
    pub rgb: Vec<u8>,
}

impl RgbImage {
    /// An image of `width · height · 3` bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Pixels`] if the number of bytes does not match the size or a side is 0, [`ErrorKind::Limit`] beyond
    /// [`IMAGE_SIDE`] and [`IMAGE_PIXELS`].
    pub fn new(width: u32, height: u32, rgb: Vec<u8>) -> Result<RgbImage> {
        check_pixels(width, height, 3, rgb.len())?;
        Ok(RgbImage { width, height, rgb })
    }

    /// An image from `width · height · 4` bytes, RGBA with straight (not premultiplied) alpha, composited on white.
    ///
    /// Each value becomes `(c·a + 255·(255 − a)) / 255`, rounded to nearest.
    ///
    /// # Errors
    /// As [`RgbImage::new`].
    pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Result<RgbImage> {
        check_pixels(width, height, 4, rgba.len())?;
        let mut upright = OrientedImage::new(width, height, Orientation::default())?;
        upright.put(0, rgba, ByteOrder::Rgba);
        let mut image = upright.image();
        if !is_opaque(rgba) {
            for (colours, pixel) in image.rgb.chunks_exact_mut(3).zip(rgba.chunks_exact(4)) {
                let alpha = u32::from(pixel[3]);
                for colour in colours {
                    *colour = ((u32::from(*colour) * alpha + 255 * (255 - alpha) + 127) / 255) as u8;
                }
            }
        }
        Ok(image)
    }
}

fn check_pixels(width: u32, height: u32, channels: usize, found: usize) -> Result<()> {
    let expected = width as u64 * height as u64 * channels as u64;
    if expected == 0 || expected != found as u64 {
        let expected = format!("{width} × {height} × {channels} bytes, more than 0");
        return Err(ErrorKind::Pixels { expected, found }.into());
    }
    check_size("pixels", width.into(), height.into())
}

/// An image format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Decoded by browsers only.
    Avif,
    Bmp,
    Gif,
    Jpeg,
    Png,
    WebP,
}

impl Format {
    /// The name for display.
    pub fn name(self) -> &'static str {
        match self {
            Format::Avif => "AVIF",
            Format::Bmp => "BMP",
            Format::Gif => "GIF",
            Format::Jpeg => "JPEG",
            Format::Png => "PNG",
            Format::WebP => "WebP",
        }
    }
}

/// The header of an image file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dimensions {
    pub format: Format,
    /// In pixels as stored, before any EXIF orientation.
    pub width: u32,
    /// In pixels as stored, before any EXIF orientation.
    pub height: u32,
}

/// Reads the format and the size of an image file without allocating pixels; the file's name is used only in errors.
///
/// A JPEG must have its end marker, because decoders fill missing data with grey.
///
/// # Errors
/// [`ErrorKind::NotImage`] with the detected file type, [`ErrorKind::BrokenImage`] if the header or the end is missing,
/// [`ErrorKind::Limit`] beyond [`IMAGE_BYTES`], [`IMAGE_SIDE`] and [`IMAGE_PIXELS`].
pub fn check_header(name: &str, bytes: &[u8]) -> Result<Dimensions> {
    check_bytes(name, bytes.len() as u64)?;
    let format = match imagesize::image_type(bytes) {
        Ok(ImageType::Heif(Compression::Av1)) => Format::Avif,
        Ok(ImageType::Bmp) => Format::Bmp,
        Ok(ImageType::Gif) => Format::Gif,
        Ok(ImageType::Jpeg) => Format::Jpeg,
        Ok(ImageType::Png) => Format::Png,
        Ok(ImageType::Webp) => Format::WebP,
        other => {
            let found = if bytes.is_empty() { "an empty file" } else { foreign_format(other.ok(), bytes) };
            let remedy = if bytes.is_empty() { "choose another file" } else { "save the image as PNG or JPEG" };
            return Err(
                ErrorKind::NotImage { name: name.into(), expected: FORMATS, found: found.into(), remedy }.into()
            );
        }
    };
    let broken = |source| ErrorKind::BrokenImage { name: name.into(), format: format.name(), source };
    let (width, height) = match format {
        Format::Bmp => bmp_size(bytes).ok_or_else(|| broken("the file ends in its header".into()))?,
        _ => imagesize::blob_size(bytes).map(|s| (s.width as u64, s.height as u64)).map_err(|e| broken(e.into()))?,
    };
    if width == 0 || height == 0 {
        return Err(broken(format!("a size of {width} × {height} pixels").into()).into());
    }
    check_size(&format!("image '{name}'"), width, height)?;
    if format == Format::Jpeg && !jpeg_ends(bytes) {
        return Err(broken("no end-of-image marker".into()).into());
    }
    Ok(Dimensions { format, width: width as u32, height: height as u32 })
}

/// Checks the size of a file before it is read.
///
/// # Errors
/// [`ErrorKind::Limit`] beyond [`IMAGE_BYTES`].
pub fn check_bytes(name: &str, found: u64) -> Result<()> {
    limits::ensure_at_most(|| format!("image '{name}'"), "bytes", IMAGE_BYTES, found, "save the image smaller")
}

fn check_size(subject: &str, width: u64, height: u64) -> Result<()> {
    let within =
        |unit, limit, found| limits::ensure_at_most(|| subject.into(), unit, limit, found, "scale the image down");
    within("pixels a side", IMAGE_SIDE, width.max(height))?;
    within("pixels", IMAGE_PIXELS, width * height)
}

/// Width and height of a BMP. A negative height means rows from the top; `imagesize` reads it as 4 billion.
fn bmp_size(bytes: &[u8]) -> Option<(u64, u64)> {
    let word = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    if word(14)? == 12 {
        let sides = word(18)?;
        return Some((u64::from(sides & 0xffff), u64::from(sides >> 16)));
    }
    let side = |at| Some(u64::from((word(at)? as i32).unsigned_abs()));
    Some((side(18)?, side(22)?))
}

/// Whether a JPEG's compressed data ends with the end-of-image marker. The segments before the data are skipped, as
/// embedded thumbnails have markers of their own.
fn jpeg_ends(bytes: &[u8]) -> bool {
    let mut at = 2;
    while let Some(&[0xff, marker, high, low]) = bytes.get(at..at + 4) {
        match marker {
            // Start of scan.
            0xda => return bytes[at..].windows(2).any(|pair| pair == [0xff, 0xd9]),
            // A fill byte before a marker.
            0xff => at += 1,
            _ => at += 2 + usize::from(u16::from_be_bytes([high, low])),
        }
    }
    false
}

/// A description of a file that cannot be decoded.
fn foreign_format(known: Option<ImageType>, bytes: &[u8]) -> &'static str {
    match known {
        Some(ImageType::Heif(Compression::Hevc)) => return "a HEIC image",
        Some(ImageType::Heif(_)) if bytes.get(4..8) == Some(b"ftyp") && !heif_brand(bytes) => return "a video",
        Some(ImageType::Heif(_)) => return "a HEIF image",
        Some(ImageType::Tiff) => return "a TIFF image",
        Some(ImageType::Jxl) => return "a JPEG XL image",
        Some(ImageType::Psd) => return "a Photoshop file",
        Some(ImageType::Ico) => return "an icon file",
        Some(ImageType::Exr | ImageType::Hdr) => return "a high-dynamic-range image",
        Some(ImageType::Qoi) => return "a QOI image",
        Some(ImageType::Dds | ImageType::Ktx2 | ImageType::Vtf) => return "a texture file",
        _ => {}
    }
    let start = &bytes[..bytes.len().min(1024)];
    let text = String::from_utf8_lossy(start).to_lowercase();
    if start.starts_with(b"%PDF") {
        "a PDF document"
    } else if start.starts_with(b"PK\x03\x04") {
        "a ZIP archive"
    } else if text.contains("<svg") {
        "an SVG drawing"
    } else if text.contains("<html") {
        "an HTML page"
    } else if is_text(start) {
        "a text file"
    } else {
        "an unknown kind of file"
    }
}

/// Whether an ISO media file names a still-image brand.
fn heif_brand(bytes: &[u8]) -> bool {
    matches!(bytes.get(8..12), Some(b"mif1" | b"mif2" | b"msf1" | b"miaf" | b"jpeg" | b"jpgs" | b"avci" | b"avcs"))
}

fn is_text(start: &[u8]) -> bool {
    let valid = match std::str::from_utf8(start) {
        Ok(_) => true,
        // A character cut by the end of the sample does not make the data binary.
        Err(e) => e.error_len().is_none(),
    };
    valid && !start.iter().any(|&b| b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r' | 0x0c))
}

#[cfg(feature = "cli")]
mod decode;
mod orientation;
pub mod preprocess;
#[cfg(feature = "cli")]
pub use decode::decode;
pub use orientation::{is_opaque, ByteOrder, Orientation, OrientedImage};
