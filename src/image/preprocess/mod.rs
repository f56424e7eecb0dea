//! Converts an image to a model's input tensor: resize, crop, normalise.

mod crop;
mod resize;
mod resize_axis;
mod validate;

use crate::error::Result;
use crate::image::RgbImage;
use resize_axis::Axis;
use serde::{Deserialize, Serialize};

pub use crop::Area;
#[cfg(feature = "complete")]
pub(crate) use validate::as_text;
pub use validate::{FieldDifference, MAX_SIZE};

/// A model's preprocessing; in JSON, field names and choices are kebab-case.
///
/// Steps: resize by `fit`, `filter` and `antialias`; map 0..255 to `range`; `(v − mean) / std` per channel; reorder to
/// `channels`; lay out as `layout`. Fields missing in JSON take the defaults below; `width` and `height` are required.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Preprocessing {
    /// Width of the tensor in pixels, 1 to [`MAX_SIZE`].
    pub width: u32,
    /// Height of the tensor in pixels, 1 to [`MAX_SIZE`].
    pub height: u32,
    /// The resize of images with another aspect ratio. Default: squash.
    #[serde(default)]
    pub fit: ResizeMode,
    /// With [`ResizeMode::CentreCrop`], the length of the image's short side before the crop, in pixels, at least the
    /// longer of `width` and `height`. `None` resizes the image until it just covers both. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resize_to: Option<u32>,
    /// The interpolation. Default: bilinear.
    #[serde(default)]
    pub filter: Filter,
    /// `true` widens the filter when shrinking and rounds to whole levels, as Pillow does; `false` keeps the filter's
    /// width and fractional levels, with half-pixel centres, as `tf.image.resize` does by default. Default: true.
    #[serde(default = "antialias")]
    pub antialias: bool,
    /// The values that 0 and 255 map to. Default: [0, 1].
    #[serde(default = "range")]
    pub range: [f32; 2],
    /// The per-channel offset subtracted after `range`, in R, G, B order. Default: 0.
    #[serde(default)]
    pub mean: [f32; 3],
    /// The per-channel divisor applied after `mean`, in R, G, B order, not 0. Default: 1.
    #[serde(default = "std")]
    pub std: [f32; 3],
    /// The order of the channels in the tensor. Default: rgb.
    #[serde(default)]
    pub channels: ChannelOrder,
    /// The order of the tensor's axes. Default: nchw.
    #[serde(default)]
    pub layout: TensorLayout,
}

fn antialias() -> bool {
    true
}

fn range() -> [f32; 2] {
    [0.0, 1.0]
}

fn std() -> [f32; 3] {
    [1.0; 3]
}

/// The resize of an image with another aspect ratio.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum ResizeMode {
    /// Resizes both sides independently, without keeping the proportions.
    #[default]
    Squash,
    /// Resizes in proportion, then crops the centre; an odd surplus leaves the smaller margin at the left and the top.
    ///
    /// The long side becomes `⌊resize-to · long / short⌋`, as in torchvision and Hugging Face transformers.
    CentreCrop,
    /// Resizes in proportion until the whole image fits, centred on black (0 before `range`).
    Letterbox,
}

/// The interpolation of a resize.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// The source pixel under the centre.
    Nearest,
    /// Linear interpolation.
    #[default]
    Bilinear,
    /// Keys' cubic with a = −0.5 (Catmull-Rom), as in Pillow and TensorFlow; torch without antialiasing uses −0.75.
    Bicubic,
    /// Lanczos with 3 lobes.
    Lanczos,
}

/// The order of the colour channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum ChannelOrder {
    #[default]
    Rgb,
    Bgr,
}

impl ChannelOrder {
    /// The colour of each channel (R, G, B as 0, 1, 2).
    pub fn colours(self) -> [usize; 3] {
        match self {
            ChannelOrder::Rgb => [0, 1, 2],
            ChannelOrder::Bgr => [2, 1, 0],
        }
    }
}

/// The order of the tensor's axes: N images, C channels, H rows, W columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum TensorLayout {
    #[default]
    Nchw,
    Nhwc,
}

impl Preprocessing {
    /// The default preprocessing of this size.
    pub fn new(width: u32, height: u32) -> Preprocessing {
        Preprocessing {
            width,
            height,
            fit: ResizeMode::default(),
            resize_to: None,
            filter: Filter::default(),
            antialias: antialias(),
            range: range(),
            mean: [0.0; 3],
            std: std(),
            channels: ChannelOrder::default(),
            layout: TensorLayout::default(),
        }
    }

    /// The shape of the tensor of one image, in the order of `layout`.
    pub fn shape(&self) -> [usize; 4] {
        let (width, height) = (self.width as usize, self.height as usize);
        match self.layout {
            TensorLayout::Nchw => [1, 3, height, width],
            TensorLayout::Nhwc => [1, height, width, 3],
        }
    }

    /// Converts one image to a tensor of [`shape`](Self::shape), row-major.
    ///
    /// # Errors
    /// Those of [`validate`](Self::validate); [`ErrorKind::Resize`](crate::error::ErrorKind::Resize) if the resize
    /// fails.
    pub fn tensor(&self, image: &RgbImage) -> Result<Vec<f32>> {
        self.validate()?;
        let rgb = self.fitted(image)?;
        let [low, high] = self.range;
        let level = (high - low) / 255.0;
        let scale = |v: f32, channel: usize| (v * level + low - self.mean[channel]) / self.std[channel];
        let order = self.channels.colours();
        let mut tensor = Vec::with_capacity(rgb.len());
        match self.layout {
            TensorLayout::Nchw => {
                for c in order {
                    tensor.extend(rgb.chunks_exact(3).map(|pixel| scale(pixel[c], c)));
                }
            }
            TensorLayout::Nhwc => {
                for pixel in rgb.chunks_exact(3) {
                    tensor.extend_from_slice(&order.map(|c| scale(pixel[c], c)));
                }
            }
        }
        Ok(tensor)
    }

    /// Resizes an image to the tensor's size: rows of RGB, 0 to 255.
    fn fitted(&self, image: &RgbImage) -> Result<Vec<f32>> {
        let (x, y) = match self.fit {
            ResizeMode::Squash => (Axis::whole(image.width, self.width), Axis::whole(image.height, self.height)),
            ResizeMode::CentreCrop => {
                let (width, height) = self.covering(image.width, image.height);
                let x = Axis::middle(image.width, width, self.width);
                (x, Axis::middle(image.height, height, self.height))
            }
            ResizeMode::Letterbox => return self.letterboxed(image),
        };
        resize::resize(image, x, y, self.filter, self.antialias)
    }

    /// The size of the resized image before the crop.
    fn covering(&self, width: u32, height: u32) -> (u32, u32) {
        let (w, h) = (u64::from(width), u64::from(height));
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        let (width, height) = match self.resize_to.map(u64::from) {
            Some(short) if w <= h => (short, short * h / w),
            Some(short) => (short * w / h, short),
            None if width * h >= height * w => (width, (width * h).div_ceil(w)),
            None => ((height * w).div_ceil(h), height),
        };
        // At most 2 · MAX_SIZE · IMAGE_SIDE, far below 2³².
        (width as u32, height as u32)
    }

    /// The size of the resized image inside the letterbox.
    fn inside(&self, width: u32, height: u32) -> (u32, u32) {
        let (w, h) = (u64::from(width), u64::from(height));
        let (width, height) = (u64::from(self.width), u64::from(self.height));
        let rounded = |a: u64, b: u64| ((2 * a + b) / (2 * b)).max(1) as u32;
        if width * h <= height * w {
            (self.width, rounded(width * h, w).min(self.height))
        } else {
            (rounded(height * w, h).min(self.width), self.height)
        }
    }

    fn letterboxed(&self, image: &RgbImage) -> Result<Vec<f32>> {
        let (inner_width, inner_height) = self.inside(image.width, image.height);
        let (x, y) = (Axis::whole(image.width, inner_width), Axis::whole(image.height, inner_height));
        let inner = resize::resize(image, x, y, self.filter, self.antialias)?;

        let mut rgb = vec![0.0; self.width as usize * self.height as usize * 3];
        let (left, top) = ((self.width - inner_width) / 2, (self.height - inner_height) / 2);
        let row = inner_width as usize * 3;
        for (i, line) in inner.chunks_exact(row).enumerate() {
            let start = ((top as usize + i) * self.width as usize + left as usize) * 3;
            rgb[start..start + row].copy_from_slice(line);
        }
        Ok(rgb)
    }
}
