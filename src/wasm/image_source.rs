//! Decodes image sources of a page to RGB8 with the browser.

use js_sys::{Promise, Reflect, Uint8Array, Uint8ClampedArray};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, ColorSpaceConversion, ImageBitmap, ImageBitmapOptions, PremultiplyAlpha};

use super::bitmap_pixels::{copied, pixels};
use super::error::{no_image, words};
use crate::error::{ErrorKind, Result};
use crate::image::{check_bytes, check_header, RgbImage};

#[wasm_bindgen]
extern "C" {
    /// The global function of windows and workers, which web-sys binds as methods of either.
    #[wasm_bindgen(catch, js_name = createImageBitmap)]
    fn create_image_bitmap(source: &JsValue, options: &ImageBitmapOptions) -> Result<Promise, JsValue>;
}

/// The upright pixels of a source, without colour conversion, composited on white.
///
/// # Errors
/// Those of [`check_header`] for a file, [`ErrorKind::BrokenImage`] if the browser cannot decode it,
/// [`ErrorKind::Source`] for other values without an image.
pub async fn image(source: JsValue) -> Result<RgbImage> {
    if let Some(read) = plain(&source) {
        return read;
    }
    if let Some(theirs) = source.dyn_ref::<ImageBitmap>() {
        if let Some(image) = copied(theirs).await? {
            return Ok(image);
        }
    }
    let bitmap = match source.dyn_ref::<Blob>() {
        Some(blob) => decode(blob).await?,
        None => bitmap(&source).await.map_err(no_image)?,
    };
    let pixels = pixels(&bitmap).await;
    bitmap.close();
    pixels
}

/// The bytes of a file; `None` for other sources.
#[cfg(feature = "workshop")]
pub async fn bytes(source: &JsValue) -> Result<Option<Vec<u8>>> {
    let Some(blob) = source.dyn_ref::<Blob>() else { return Ok(None) };
    let bytes = JsFuture::from(blob.array_buffer()).await.map_err(no_image)?;
    Ok(Some(Uint8Array::new(&bytes).to_vec()))
}

/// Reads an `ImageData`, or any object with `data`, `width` and `height`: 4 bytes per pixel, or 3 without transparency.
fn plain(source: &JsValue) -> Option<Result<RgbImage>> {
    let part = |name: &str| Reflect::get(source, &name.into()).ok();
    let side = |name| Some(part(name)?.as_f64()? as u32);
    let data = part("data")?;
    let bytes = match data.dyn_ref::<Uint8ClampedArray>() {
        Some(clamped) => clamped.to_vec(),
        None => data.dyn_ref::<Uint8Array>()?.to_vec(),
    };
    let (width, height) = (side("width")?, side("height")?);
    let opaque = bytes.len() as u64 == u64::from(width) * u64::from(height) * 3;
    Some(if opaque { RgbImage::new(width, height, bytes) } else { RgbImage::from_rgba(width, height, &bytes) })
}

/// Decodes a file whose header is valid.
async fn decode(blob: &Blob) -> Result<ImageBitmap> {
    let name = Reflect::get(blob, &"name".into()).ok().and_then(|name| name.as_string());
    let name = name.unwrap_or_else(|| "unnamed".into());
    check_bytes(&name, blob.size() as u64)?;
    let bytes = JsFuture::from(blob.array_buffer()).await.map_err(no_image)?;
    let format = check_header(&name, &Uint8Array::new(&bytes).to_vec())?.format.name();
    bitmap(blob).await.map_err(|thrown| ErrorKind::BrokenImage { name, format, source: words(&thrown).into() }.into())
}

/// The orientation option keeps its default, which applies EXIF: browsers before 2023 reject its name "from-image".
async fn bitmap(source: &JsValue) -> Result<ImageBitmap, JsValue> {
    let options = ImageBitmapOptions::new();
    options.set_color_space_conversion(ColorSpaceConversion::None);
    options.set_premultiply_alpha(PremultiplyAlpha::Premultiply);
    JsFuture::from(create_image_bitmap(source, &options)?).await?.dyn_into()
}
