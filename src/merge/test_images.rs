//! The images on which a merged model is compared with its sources, and what the sources answer to them.

use super::edit::Models;
use crate::engine::{Engine, Output};
use crate::error::Result;
use crate::features::check_finite;
use crate::image::RgbImage;
use crate::import::OriginalGraph;
use crate::labels::Activation;
use crate::metadata::Metadata;
use crate::onnx::Graph;

/// Test images and the sources' logits for them.
pub(super) struct TestImages {
    /// The merged model's input per image.
    inputs: Vec<Vec<f32>>,
    /// The sources' logits of all heads per image.
    pub logits: Vec<Vec<f32>>,
    pub heads: Vec<TestHead>,
    /// Whether the images are synthetic.
    pub synthetic: bool,
}

/// A head whose logits are compared.
pub(super) struct TestHead {
    pub name: String,
    pub width: usize,
    pub activation: Activation,
}

/// The outputs of a merged model for one test image.
pub(super) struct Answer {
    /// The logits of all heads.
    pub logits: Vec<f32>,
    pub probabilities: Vec<f32>,
}

impl TestImages {
    /// Runs every source as exported, on images with its own preprocessing, and frees its weights afterwards. `order` gives
    /// the heads of the merged model as (source, head of the source).
    pub(super) fn of_sources(
        models: &mut Models,
        order: &[(usize, usize)],
        metadata: &Metadata,
        (images, synthetic): (&[RgbImage], bool),
    ) -> Result<TestImages> {
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
        let heads = metadata.heads.iter();
        let heads = heads.map(|h| TestHead { name: h.name.clone(), width: h.labels.len(), activation: h.activation });
        Ok(TestImages { inputs, logits, heads: heads.collect(), synthetic })
    }

    /// The number of images.
    pub(super) fn len(&self) -> usize {
        self.inputs.len()
    }

    /// Runs a merged model on every image.
    pub(super) fn run(&self, merged: &Engine) -> Result<Vec<Answer>> {
        let answer = |input: &Vec<f32>| {
            let mut outputs = merged.run(input)?;
            let mut take = |name: &str| {
                let found = outputs.iter_mut().find(|output| output.name == name);
                found.map(|output| std::mem::take(&mut output.values)).unwrap_or_default()
            };
            Ok(Answer { logits: take("logits"), probabilities: take("probabilities") })
        };
        self.inputs.iter().map(answer).collect()
    }
}

/// The logits of each head of a source.
fn by_head(outputs: &[Output], widths: &[usize]) -> Vec<Vec<f32>> {
    let mut logits = outputs.iter().take(1).flat_map(|o| &o.values).copied();
    widths.iter().map(|&width| logits.by_ref().take(width).collect()).collect()
}

/// The activation of a head's logits.
pub(super) fn scores(logits: &[f32], activation: Activation) -> Vec<f32> {
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

/// The largest absolute difference; not finite if a number is not.
pub(super) fn max_abs_diff(a: &[f32], b: &[f32]) -> f32 {
    let pairs = a.iter().zip(b).map(|(a, b)| (a - b).abs());
    pairs.fold(0.0, |m, d| if d.is_nan() { f32::INFINITY } else { m.max(d) })
}

/// The index of the largest score.
pub(super) fn best(scores: &[f32]) -> Option<usize> {
    (0..scores.len()).max_by(|&a, &b| scores[a].total_cmp(&scores[b]))
}

/// Three synthetic images: a gradient, stripes of both directions, and noise; the same in every run.
pub(super) fn synthetic() -> Result<Vec<RgbImage>> {
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

/// [`synthetic`], and nine more: coloured shapes on shaded grounds, of coarse to fine structure.
pub(super) fn many_synthetic() -> Result<Vec<RgbImage>> {
    const SIDE: u32 = 256;
    let mut images = synthetic()?;
    for seed in 0..9u32 {
        let (waves, turn) = (1.0 + seed as f32, seed as f32 * 0.7);
        let colour = |channel: f32, value: f32| (127.5 + 120.0 * (value + channel * (1.0 + turn)).sin()) as u8;
        let pixels = (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (x as f32 / SIDE as f32, y as f32 / SIDE as f32)));
        let rgb = pixels.flat_map(|(x, y)| {
            let (u, v) = (x * turn.cos() - y * turn.sin(), x * turn.sin() + y * turn.cos());
            let inside = (x - 0.5).hypot(y - 0.5) < 0.15 + 0.03 * waves;
            let value = if inside { 3.0 * (waves * 4.0 * u).sin() * (waves * 3.0 * v).cos() } else { u + 2.0 * v };
            [0.0, 1.0, 2.0].map(|channel| colour(channel, value))
        });
        images.push(RgbImage::new(SIDE, SIDE, rgb.collect())?);
    }
    Ok(images)
}
