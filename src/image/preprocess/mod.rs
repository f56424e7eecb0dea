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

/// The whole of a model's preprocessing; as JSON its field names and choices are kebab-case.
///
/// The steps: resize by `fit`, `filter` and `antialias`; 0..255 to `range`; `(v − mean) / std` a channel; `channels` order;
/// `layout`. What JSON leaves out takes the default given at the field; `width` and `height` have none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Preprocessing {
    /// Width of the tensor in pixels, 1 to [`MAX_SIZE`].
    pub width: u32,
    /// Height of the tensor in pixels, 1 to [`MAX_SIZE`].
    pub height: u32,
    /// How an image of another shape is fitted. Default: squash.
    #[serde(default)]
    pub fit: ResizeMode,
    /// With [`ResizeMode::CentreCrop`] the length that the image's short side is resized to before the crop, in pixels, at least
    /// the longer of `width` and `height`. Left out, the image is resized until it just covers them. Default: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resize_to: Option<u32>,
    /// The interpolation. Default: bilinear.
    #[serde(default)]
    pub filter: Filter,
    /// `true` widens the filter when shrinking and rounds to whole levels, as Pillow does; `false` keeps the filter's width and
    /// fractions, with half-pixel centres, as `tf.image.resize` does by default. Default: true.
    #[serde(default = "antialias")]
    pub antialias: bool,
    /// What 0 and 255 become. Default: [0, 1].
    #[serde(default = "range")]
    pub range: [f32; 2],
    /// Subtracted after `range`, in R, G, B order. Default: 0.
    #[serde(default)]
    pub mean: [f32; 3],
    /// Divided by after `mean`, in R, G, B order, none of them 0. Default: 1.
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

/// How an image of another shape is fitted into width and height.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum ResizeMode {
    /// Both sides are resized, the proportions are lost.
    #[default]
    Squash,
    /// Resized in proportion, then the middle is cut out; where the surplus is odd, the smaller part lies left and above.
    ///
    /// The other side of an image becomes `⌊resize-to · long / short⌋`, as torchvision and Hugging Face transformers do.
    CentreCrop,
    /// Resized in proportion until the whole image fits, centred, the rest black (0 before `range`).
    Letterbox,
}

/// The interpolation of a resize.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Filter {
    /// The pixel under the centre.
    Nearest,
    /// Linear between two pixels.
    #[default]
    Bilinear,
    /// Keys' cubic with a = −0.5 (Catmull-Rom), as in Pillow and TensorFlow; torch without antialiasing takes −0.75.
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
    /// The colour (R, G, B as 0, 1, 2) that each channel holds.
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
    /// The defaults at one size.
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

    /// The shape of one image's tensor, in the order of `layout`.
    pub fn shape(&self) -> [usize; 4] {
        let (width, height) = (self.width as usize, self.height as usize);
        match self.layout {
            TensorLayout::Nchw => [1, 3, height, width],
            TensorLayout::Nhwc => [1, height, width, 3],
        }
    }

    /// One image as a tensor of [`shape`](Self::shape), row-major.
    ///
    /// # Errors
    /// Those of [`validate`](Self::validate), [`ErrorKind::Resize`](crate::error::ErrorKind::Resize) where the resize fails.
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

    /// The image at the tensor's size: rows of RGB, 0 to 255.
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

    /// The size that an image is resized to before the crop.
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

    /// The size that an image is resized to before it is letterboxed.
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
