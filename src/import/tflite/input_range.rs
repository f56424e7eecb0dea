//! The values of pixels that an input of integers implies.

use super::tensors::Tensors;
use crate::error::Result;
use crate::import::partial_preprocessing::{Partial, Values, IMAGENET};
use tract_tflite::tflite::TensorType;

/// The largest difference to a common range, relative to its span: integers have 255 steps, and their zero is one of them.
const ROUNDING: f32 = 0.012;

/// The real values of the smallest and the largest integer are those of black and white pixels, up to rounding; `None` for an input
/// of floats.
pub(super) fn implied(tensors: &Tensors, image: usize) -> Result<Option<Partial>> {
    let Some(tensor) = tensors.get(image) else { return Ok(None) };
    let ends: [i64; 2] = match tensor.type_() {
        TensorType::UINT8 => [0, 255],
        TensorType::INT8 => [-128, 127],
        TensorType::INT16 => [-32_768, 32_767],
        _ => return Ok(None),
    };
    let dims: Vec<usize> = tensors.shape(image).iter().map(|&d| d.max(0) as usize).collect();
    let Some(quantization) = tensors.quantization(image, tensor, &dims)? else { return Ok(None) };
    let (scale, zero) = (quantization.scales[0], quantization.zeros[0]);
    let [low, high] = ends.map(|end| (end as f32 - zero as f32) * scale);
    Ok(values(low, high).map(|values| Partial { values: Some(values), ..Partial::default() }))
}

/// The common values with these ends, or a range of exactly these.
fn values(low: f32, high: f32) -> Option<Values> {
    let (mean, std) = IMAGENET;
    let imagenet = Values { range: [0.0, 1.0], mean, std };
    let reach = |pixel: f32, pick: fn(f32, f32) -> f32| {
        let channels = (0..3).map(|c| (pixel - mean[c]) / std[c]);
        channels.reduce(pick).unwrap_or_default()
    };
    let common = [
        ([-1.0, 1.0], Values::range(-1.0, 1.0)),
        ([0.0, 1.0], Values::range(0.0, 1.0)),
        ([0.0, 255.0], Values::range(0.0, 255.0)),
        ([reach(0.0, f32::min), reach(1.0, f32::max)], imagenet),
    ];
    let near = |ends: &[f32; 2]| {
        let span = ends[1] - ends[0];
        (low - ends[0]).abs() <= ROUNDING * span && (high - ends[1]).abs() <= ROUNDING * span
    };
    let found = common.into_iter().find(|(ends, _)| near(ends)).map(|(_, values)| values);
    found.or_else(|| (low < high && low.is_finite() && high.is_finite()).then(|| Values::range(low, high)))
}
