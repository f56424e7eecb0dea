//! Class activation maps: the contribution of each image region to a label's score.
//!
//! Zhou et al., *Learning Deep Features for Discriminative Localization*, CVPR 2016, section 2. If a head is linear
//! on the average f̄ₖ of the last maps fₖ(x, y), its logit is z = Σₖ wₖ f̄ₖ + b, and M(x, y) = Σₖ wₖ fₖ(x, y) is the
//! contribution of each position: the mean of M over all positions, plus the bias, is the logit.

mod plan;

pub use plan::{plan, LinearHead, Plan};

use crate::error::{ErrorKind, Result};
use crate::image::preprocess::Area;

/// The class activation maps of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// The area of the image that every map covers.
    pub area: Area,
    /// One map per logit of the linear heads, in the order of the logits.
    pub maps: Vec<ActivationMap>,
}

/// The contribution of each position of an image to one logit.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivationMap {
    /// The merged label of the logit.
    pub label: String,
    pub head: String,
    /// The number of columns.
    pub width: usize,
    /// The number of rows.
    pub height: usize,
    /// Row-major from the top, in the unit of the logits; any sign.
    pub values: Vec<f32>,
}

impl ActivationMap {
    /// The positive contributions relative to the largest one: 0 to 255, rounded to nearest; 0 for negative
    /// contributions. All 0 if no contribution is positive.
    pub fn heatmap(&self) -> Vec<u8> {
        let largest = self.values.iter().copied().fold(0.0, f32::max);
        let share = |&v: &f32| if largest > 0.0 { (v.max(0.0) / largest * 255.0).round() as u8 } else { 0 };
        self.values.iter().map(share).collect()
    }
}

/// The last maps of one image: [1, C, height, width], row-major.
#[derive(Clone, Copy, Debug)]
pub struct Features<'a> {
    pub shape: &'a [usize],
    pub values: &'a [f32],
}

/// The contribution of each position to each of a head's logits: `labels` rows of height · width numbers, with the
/// map's width and height.
///
/// # Errors
/// `output` if the maps do not match the head's weights.
pub fn validate_head(
    model: &str,
    head: &LinearHead,
    labels: usize,
    features: Features,
) -> Result<(usize, usize, Vec<Vec<f32>>)> {
    let wrong = |expected, found| ErrorKind::Output { model: model.to_string(), output: "last maps", expected, found };
    let &[1, channels, height, width] = features.shape else { return Err(wrong(4, features.shape.len()).into()) };
    let expected = head.weights.as_ref().map_or(labels, |w| w.len() / labels.max(1));
    let size = height * width;
    if channels != expected || features.values.len() != channels * size {
        return Err(wrong(expected, channels).into());
    }
    let channel = |k: usize| &features.values[k * size..(k + 1) * size];
    let rows = (0..labels).map(|label| match &head.weights {
        None => channel(label).to_vec(),
        Some(weights) => {
            let mut row = vec![0.0; size];
            for (k, &weight) in weights[label * channels..(label + 1) * channels].iter().enumerate() {
                row.iter_mut().zip(channel(k)).for_each(|(sum, &f)| *sum += weight * f);
            }
            row
        }
    });
    Ok((width, height, rows.collect()))
}
