//! Verifies that a merged model computes the logits of every source on the same images.

use super::edit::Models;
use crate::backbone::Backbone;
use crate::engine::{Engine, Output};
use crate::error::{ErrorKind, Result};
use crate::features::check_finite;
use crate::image::RgbImage;
use crate::import::OriginalGraph;
use crate::labels::Activation;
use crate::metadata::Metadata;
use crate::onnx::Graph;
use serde::Serialize;

/// The differences between a merged model and its sources.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Verification {
    /// The number of images compared.
    pub images: usize,
    /// One row per head.
    pub heads: Vec<VerificationRow>,
    /// Whether all shared weights are bit-equal: then the bound applies, else probabilities may change by at most 0.01
    /// and no top label may change.
    pub exact: bool,
    /// The largest change of a merged probability caused by storing weights in fewer than 32 bits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rounding: Option<f32>,
    #[serde(skip)]
    probabilities: Vec<Vec<f32>>,
}

/// One head compared with its source.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct VerificationRow {
    pub head: String,
    /// The largest logit difference.
    pub logit: f32,
    /// The bound for bit-equal weights: 1e-4 · max(1, max|z|).
    pub bound: f32,
    /// The largest probability difference within the head.
    pub probability: f32,
}

/// The largest accepted change of a probability if weights are equal only within a tolerance.
const MOVED: f32 = 0.01;

/// Test images and the sources' logits for them.
pub(super) struct TestImages {
    /// The merged model's input per image.
    inputs: Vec<Vec<f32>>,
    /// The logits of all heads per image.
    logits: Vec<Vec<f32>>,
    heads: Vec<(String, usize, Activation)>,
}

/// Runs every source as exported, on images with its own preprocessing, and frees its weights afterwards. `order` gives
/// the heads of the merged model as (source, head of the source).
pub(super) fn run_sources(models: &mut Models, order: &[(usize, usize)], metadata: &Metadata) -> Result<TestImages> {
    let images = images()?;
    let inputs = images.iter().map(|p| metadata.preprocessing.tensor(p)).collect::<Result<Vec<_>>>()?;
    let mut runs = Vec::new();
    // The first source's weights are the merged model's; the others free theirs before the engine copies them.
    for source in models.sources.iter_mut().rev() {
        source.graph = Graph::default();
        let OriginalGraph { graph, widths } = std::mem::take(&mut source.reference);
        let own = &source.preprocessing.value;
        let engine = Engine::plain(&source.name, graph, &own.shape())?;
        let run = |image| {
            let outputs = engine.run(&own.tensor(image)?)?;
            check_finite(&source.name, "its logits", outputs.iter().flat_map(|o| &o.values))?;
            Ok(by_head(&outputs, &widths))
        };
        runs.push(images.iter().map(run).collect::<Result<Vec<_>>>()?);
    }
    runs.reverse();
    let columns = |image: usize, &(model, head): &(usize, usize)| -> Vec<f32> {
        let part = &models.parts[model][head];
        let logits = runs[model][image].get(part.output);
        part.columns.iter().filter_map(|&c| logits?.get(c).copied()).collect()
    };
    let logits = (0..inputs.len()).map(|image| order.iter().flat_map(|head| columns(image, head)).collect());
    let logits = logits.collect();
    let heads = metadata.heads.iter().map(|h| (h.name.clone(), h.labels.len(), h.activation)).collect();
    Ok(TestImages { inputs, logits, heads })
}

/// The logits of each head of a source.
fn by_head(outputs: &[Output], widths: &[usize]) -> Vec<Vec<f32>> {
    let mut logits = outputs.iter().take(1).flat_map(|o| &o.values).copied();
    widths.iter().map(|&width| logits.by_ref().take(width).collect()).collect()
}

/// Compares the merged model with its sources.
///
/// # Errors
/// `proof` if a logit exceeds its bound although all weights are bit-equal, or, for weights equal within a tolerance, a
/// top label changes or a probability changes by more than 0.01.
pub(super) fn prove(probe: &TestImages, merged: &Engine, backbone: &Backbone) -> Result<Verification> {
    let exact = backbone.models.iter().all(|m| m.largest_difference.as_ref().is_none_or(|l| l.relative == 0.0));
    let names = probe.heads.iter().map(|(head, ..)| head.clone());
    let row = |head| VerificationRow { head, logit: 0.0, bound: 1e-4, probability: 0.0 };
    let mut rows: Vec<VerificationRow> = names.map(row).collect();
    let mut probabilities = Vec::new();
    for (input, expected) in probe.inputs.iter().zip(&probe.logits) {
        let outputs = merged.run(input)?;
        let found = output(&outputs, "logits");
        probabilities.push(output(&outputs, "probabilities").to_vec());
        let mut first = 0;
        for ((_, width, activation), row) in probe.heads.iter().zip(&mut rows) {
            let part = first..first + width;
            first += width;
            let (Some(expected), Some(found)) = (expected.get(part.clone()), found.get(part)) else {
                return Err(failed(row, "as many logits as its source"));
            };
            let largest = expected.iter().fold(1f32, |m, z| m.max(z.abs()));
            row.bound = row.bound.max(1e-4 * largest);
            row.logit = row.logit.max(max_abs_diff(expected, found));
            let (before, after) = (scores(expected, *activation), scores(found, *activation));
            row.probability = row.probability.max(max_abs_diff(&before, &after));
            let changed = best(&before) != best(&after) && row.probability > 1e-3;
            if !exact && (changed || row.probability > MOVED) {
                return Err(failed(row, "the same top label and probabilities within 0.01"));
            }
        }
    }
    // `apart` is infinite, never NaN, for a missing number.
    match rows.iter().find(|r| exact && r.logit > r.bound) {
        Some(row) => Err(failed(row, &format!("logits within {:.1e}", row.bound))),
        None => Ok(Verification { images: probe.inputs.len(), heads: rows, exact, rounding: None, probabilities }),
    }
}

/// The largest difference of a merged probability between a verified model and another form of it.
pub(super) fn largest_change(probe: &TestImages, proof: &Verification, other: &Engine) -> Result<f32> {
    let mut largest = 0f32;
    for (input, before) in probe.inputs.iter().zip(&proof.probabilities) {
        let outputs = other.run(input)?;
        largest = largest.max(max_abs_diff(before, output(&outputs, "probabilities")));
    }
    Ok(largest)
}

fn failed(row: &VerificationRow, expected: &str) -> crate::Error {
    let found = format!("a logit {:.1e} off and a probability {:.1e} off", row.logit, row.probability);
    ErrorKind::Proof { head: row.head.clone(), expected: expected.to_string(), found }.into()
}

fn output<'a>(outputs: &'a [Output], name: &str) -> &'a [f32] {
    outputs.iter().find(|o| o.name == name).map_or(&[], |o| &o.values)
}

/// The largest absolute difference; not finite if a number is not.
fn max_abs_diff(a: &[f32], b: &[f32]) -> f32 {
    let pairs = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    pairs.fold(0.0, |m, d| if d.is_nan() { f32::INFINITY } else { m.max(d) })
}

fn scores(logits: &[f32], activation: Activation) -> Vec<f32> {
    match activation {
        Activation::Sigmoid => logits.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect(),
        Activation::Softmax => {
            let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
            let powers: Vec<f32> = logits.iter().map(|z| (z - largest).exp()).collect();
            let sum: f32 = powers.iter().sum();
            powers.iter().map(|p| p / sum).collect()
        }
    }
}

fn best(scores: &[f32]) -> Option<usize> {
    (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
}

/// Three synthetic images: a gradient, stripes of both directions, and noise; the same in every run.
fn images() -> Result<Vec<RgbImage>> {
    const WIDTH: u32 = 320;
    const HEIGHT: u32 = 240;
    let mut state = 0x9e37_79b9_u32;
    let mut noise = move || {
        // xorshift32 (Marsaglia 2003).
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state >> 24) as u8
    };
    let mut image = |paint: &mut dyn FnMut(u32, u32, u8) -> [u8; 3]| {
        let pixels = (0..HEIGHT).flat_map(|y| (0..WIDTH).map(move |x| (x, y)));
        let rgb = pixels.flat_map(|(x, y)| paint(x, y, noise())).collect();
        RgbImage::new(WIDTH, HEIGHT, rgb)
    };
    Ok(vec![
        image(&mut |x, y, n| [(x * 255 / WIDTH) as u8, (y * 255 / HEIGHT) as u8, 96 + n / 8])?,
        image(&mut |x, y, n| [if x / 20 % 2 == 0 { 220 } else { 40 }, if y / 30 % 2 == 0 { 200 } else { 90 }, n / 4])?,
        image(&mut |x, y, n| [n, n.rotate_left(3) ^ (x as u8), n.wrapping_mul(7) ^ (y as u8)])?,
    ])
}
