//! Thumbnails for the HTML report.

use super::fs;
use crate::image::{decode, RgbImage};
use crate::report::Thumbnails;
use base64::prelude::{Engine, BASE64_STANDARD};
use image::codecs::jpeg::JpegEncoder;
use image::imageops;
use rayon::prelude::*;
use std::path::Path;

/// The longest side, in pixels: sharp on a phone at the displayed size.
const SIDE: u32 = 160;

const QUALITY: u8 = 75;

/// The maximum total size; the remaining images are shown by name.
pub(super) const MOST_BYTES: usize = 12 << 20;

/// JPEGs as `data:` URLs of the images that can still be read, the first ones first; and their total size in bytes.
pub(super) fn thumbnails(paths: &[&str]) -> (Thumbnails, usize) {
    let mut found = Thumbnails::new();
    let mut bytes = 0;
    for batch in paths.chunks(64) {
        let small: Vec<Option<String>> = batch.par_iter().map(|path| thumbnail(path)).collect();
        for (path, address) in batch.iter().zip(small) {
            let Some(address) = address.filter(|a| bytes + a.len() <= MOST_BYTES) else { continue };
            bytes += address.len();
            found.insert(path.to_string(), address);
        }
    }
    (found, bytes)
}

fn thumbnail(path: &str) -> Option<String> {
    let RgbImage { width, height, rgb } = decode(path, &fs::read_image(Path::new(path)).ok()?).ok()?;
    let scale = (f64::from(SIDE) / f64::from(width.max(height))).min(1.0);
    let scaled = |side: u32| ((f64::from(side) * scale).round() as u32).max(1);
    let small = imageops::thumbnail(&image::RgbImage::from_raw(width, height, rgb)?, scaled(width), scaled(height));
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, QUALITY).encode_image(&small).ok()?;
    Some(format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(jpeg)))
}
