//! Applies the EXIF orientation to pixels of four bytes.

use super::{check_size, RgbImage};
use crate::error::Result;

/// An EXIF orientation: a clockwise rotation by quarter turns, then a horizontal mirroring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Orientation {
    /// Quarter turns, 0 to 3.
    pub quarters: u32,
    pub mirrored: bool,
}

/// The byte order of a 4-byte pixel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteOrder {
    Rgba,
    Bgra,
}

/// An image assembled from its stored rows.
pub struct OrientedImage {
    /// Stored pixels per row.
    width: usize,
    image: RgbImage,
    /// The displayed position of the first stored pixel, and the steps to the next pixel of its row and to the next
    /// row, in pixels.
    start: isize,
    along: isize,
    down: isize,
}

/// Rows that are rotated together, so that source and destination stay in the cache.
const BLOCK: usize = 64;

impl OrientedImage {
    /// An empty image for `width` × `height` stored pixels.
    ///
    /// # Errors
    /// [`ErrorKind::Limit`](crate::error::ErrorKind::Limit) as of [`RgbImage::new`].
    pub fn new(width: u32, height: u32, turn: Orientation) -> Result<OrientedImage> {
        check_size("pixels", width.into(), height.into())?;
        let (w, h) = (width as isize, height as isize);
        // Column and row of the first stored pixel, and the steps to the next along and down.
        let (shown, first, along, down) = match turn.quarters % 4 {
            0 => ([w, h], [0, 0], [1, 0], [0, 1]),
            1 => ([h, w], [h - 1, 0], [0, 1], [-1, 0]),
            2 => ([w, h], [w - 1, h - 1], [-1, 0], [0, -1]),
            _ => ([h, w], [0, w - 1], [0, -1], [1, 0]),
        };
        let columns = if turn.mirrored { -1 } else { 1 };
        let step = |[x, y]: [isize; 2]| columns * x + y * shown[0];
        let rgb = vec![0; width as usize * height as usize * 3];
        Ok(OrientedImage {
            width: width as usize,
            image: RgbImage { width: shown[0] as u32, height: shown[1] as u32, rgb },
            start: step(first) + if turn.mirrored { shown[0] - 1 } else { 0 },
            along: step(along),
            down: step(down),
        })
    }

    /// Writes the colours of whole stored rows, the first of which is row `top`, to their displayed positions; alpha is
    /// ignored.
    /// # Panics
    /// If there are more rows than the image has.
    pub fn put(&mut self, top: u32, rows: &[u8], order: ByteOrder) {
        match order {
            ByteOrder::Rgba => self.put_pixels(top as usize, rows, |pixel| [pixel[0], pixel[1], pixel[2]]),
            ByteOrder::Bgra => self.put_pixels(top as usize, rows, |pixel| [pixel[2], pixel[1], pixel[0]]),
        }
    }

    fn put_pixels(&mut self, top: usize, rows: &[u8], colours: impl Fn(&[u8]) -> [u8; 3]) {
        let rgb = &mut self.image.rgb;
        if (self.along, self.start) == (1, 0) {
            let shown = rgb[top * self.width * 3..].chunks_exact_mut(3);
            shown.zip(rows.chunks_exact(4)).for_each(|(to, pixel)| to.copy_from_slice(&colours(pixel)));
            return;
        }
        let row = self.width * 4;
        for (index, block) in rows.chunks(BLOCK * row).enumerate() {
            let first = self.start + (top + index * BLOCK) as isize * self.down;
            for x in 0..self.width {
                let mut at = first + x as isize * self.along;
                for pixel in block[x * 4..].chunks(row) {
                    rgb[at as usize * 3..][..3].copy_from_slice(&colours(pixel));
                    at += self.down;
                }
            }
        }
    }

    /// The image, after all rows were written.
    pub fn image(self) -> RgbImage {
        self.image
    }
}

/// Whether all 4-byte pixels are opaque.
pub fn is_opaque(pixels: &[u8]) -> bool {
    pixels.chunks_exact(4).fold(255, |alpha, pixel| alpha & pixel[3]) == 255
}
