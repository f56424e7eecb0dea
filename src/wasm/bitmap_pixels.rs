//! Reads the pixels of a bitmap through a video frame, or through a canvas as the fallback.

use js_sys::{global, Object, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    DomRectInit, ImageBitmap, ImageData, OffscreenCanvas, OffscreenCanvasRenderingContext2d, VideoColorPrimaries,
    VideoFrame, VideoFrameCopyToOptions, VideoFrameInit, VideoPixelFormat, VideoTransferCharacteristics,
};

use super::error::no_image;
use crate::error::Result;
use crate::image::{is_opaque, ByteOrder, Orientation, OrientedImage, RgbImage};

/// Rows that are read together, so that a large image is never in memory as RGBA and RGB at once.
const STRIP: u32 = 512;

/// The upright pixels of a bitmap, composited on white.
///
/// # Errors
/// [`ErrorKind::Limit`](crate::error::ErrorKind::Limit) beyond the limits of an image,
/// [`ErrorKind::Source`](crate::error::ErrorKind::Source) if the browser returns none.
pub async fn pixels(bitmap: &ImageBitmap) -> Result<RgbImage> {
    match copied(bitmap).await? {
        Some(image) => Ok(image),
        None => drawn(bitmap),
    }
}

/// Copies the bytes of a video frame of the bitmap: a tenth of a canvas's time in Chromium. `None` if the browser does
/// not report the rotation of its frames, or the frame is not opaque sRGB.
///
/// # Errors
/// As [`pixels`].
pub async fn copied(bitmap: &ImageBitmap) -> Result<Option<RgbImage>> {
    if !frames_tell_their_turn() {
        return Ok(None);
    }
    let init = VideoFrameInit::new();
    init.set_timestamp(0);
    let Ok(frame) = VideoFrame::new_with_image_bitmap_and_video_frame_init(bitmap, &init) else { return Ok(None) };
    let copied = rows(&frame, bitmap).await;
    frame.close();
    copied
}

async fn rows(frame: &VideoFrame, bitmap: &ImageBitmap) -> Result<Option<RgbImage>> {
    let (order, transparent) = match frame.format() {
        Some(VideoPixelFormat::Rgba) => (ByteOrder::Rgba, true),
        Some(VideoPixelFormat::Bgra) => (ByteOrder::Bgra, true),
        Some(VideoPixelFormat::Rgbx) => (ByteOrder::Rgba, false),
        Some(VideoPixelFormat::Bgrx) => (ByteOrder::Bgra, false),
        _ => return Ok(None),
    };
    let colours = frame.color_space();
    if colours.primaries() != Some(VideoColorPrimaries::Bt709)
        || colours.transfer() != Some(VideoTransferCharacteristics::Iec6196621)
    {
        return Ok(None);
    }
    let (width, height) = (frame.coded_width(), frame.coded_height());
    let mut upright = OrientedImage::new(width, height, turn(frame))?;
    let strip = Uint8Array::new_with_length(width * STRIP.min(height) * 4);
    let mut bytes = Vec::new();
    for top in (0..height).step_by(STRIP as usize) {
        let count = STRIP.min(height - top);
        let rect = DomRectInit::new();
        rect.set_y(top.into());
        rect.set_width(width.into());
        rect.set_height(count.into());
        let options = VideoFrameCopyToOptions::new();
        options.set_rect(&rect);
        if JsFuture::from(frame.copy_to_with_u8_array_and_options(&strip, &options)).await.is_err() {
            return Ok(None);
        }
        bytes.resize(width as usize * count as usize * 4, 0);
        strip.subarray(0, bytes.len() as u32).copy_to(&mut bytes);
        if transparent && !is_opaque(&bytes) {
            // Browsers differ in whether the colours are premultiplied by alpha.
            return Ok(None);
        }
        upright.put(top, &bytes, order);
    }
    let image = upright.image();
    Ok(((image.width, image.height) == (bitmap.width(), bitmap.height())).then_some(image))
}

/// Whether frames have a `rotation`, which only Chromium's have so far. Firefox and WebKitGTK copy more slowly than
/// they draw, and WebKitGTK crashes on frames of a bitmap from another thread.
fn frames_tell_their_turn() -> bool {
    let part = |of: &JsValue, name: &str| Reflect::get(of, &name.into());
    part(&global(), "VideoFrame")
        .and_then(|class| part(&class, "prototype"))
        .and_then(|frame| Reflect::has(&frame, &"rotation".into()))
        .unwrap_or(false)
}

/// A photo's EXIF orientation, which Chromium stores separately from the pixels; web-sys lacks its bindings.
fn turn(frame: &VideoFrame) -> Orientation {
    let part = |name: &str| Reflect::get(frame, &name.into()).unwrap_or_default();
    let degrees = part("rotation").as_f64().unwrap_or(0.0);
    Orientation { quarters: (degrees / 90.0) as u32, mirrored: part("flip").is_truthy() }
}

/// Draws the bitmap in strips on one small canvas.
fn drawn(bitmap: &ImageBitmap) -> Result<RgbImage> {
    let (width, height) = (bitmap.width(), bitmap.height());
    let mut upright = OrientedImage::new(width, height, Orientation::default())?;
    let context = canvas(width, STRIP.min(height)).map_err(no_image)?;
    for top in (0..height).step_by(STRIP as usize) {
        let rows = STRIP.min(height - top);
        let strip = draw(&context, bitmap, top, width, rows).map_err(no_image)?;
        upright.put(top, &strip.data(), ByteOrder::Rgba);
    }
    Ok(upright.image())
}

/// A canvas optimised for frequent reads.
fn canvas(width: u32, height: u32) -> Result<OffscreenCanvasRenderingContext2d, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"willReadFrequently".into(), &true.into())?;
    let context = OffscreenCanvas::new(width, height)?
        .get_context_with_context_options("2d", &options)?
        .ok_or_else(|| JsValue::from("no 2d canvas"))?
        .dyn_into::<OffscreenCanvasRenderingContext2d>()?;
    context.set_fill_style_str("white");
    Ok(context)
}

/// The pixels of these rows, composited on white.
fn draw(
    context: &OffscreenCanvasRenderingContext2d,
    bitmap: &ImageBitmap,
    top: u32,
    width: u32,
    rows: u32,
) -> Result<ImageData, JsValue> {
    let [top, width, height] = [top, width, rows].map(f64::from);
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_sw_and_sh_and_dx_and_dy_and_dw_and_dh(
        bitmap, 0.0, top, width, height, 0.0, 0.0, width, height,
    )?;
    context.get_image_data(0.0, 0.0, width, height)
}
