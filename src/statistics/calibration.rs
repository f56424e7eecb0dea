//! Calibration error, likelihood, and the bins of the reliability diagram.

use super::bootstrap::{Estimate, Resamples};
use super::quantile;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

/// The number of bins of the calibration error (Guo et al. 2017).
pub const BINS: usize = 15;

/// The number of draws of correctness from the confidences themselves.
const DRAWS: usize = 400;

/// The binning of confidences.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binning {
    /// (0, 1/15], (1/15, 2/15] …
    EqualWidth,
    /// Sorted by confidence, with equally many images per bin; the first bins have one more if the number does not
    /// divide evenly.
    EqualMass,
}

/// A bin of images with similar confidence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Bin {
    /// The range of confidence: the bin's edges for equal width, its minimum and maximum for equal mass.
    pub low: f64,
    pub high: f64,
    pub images: usize,
    /// The mean confidence.
    pub confidence: f64,
    /// 0 to 1.
    pub accuracy: f64,
}

/// The calibration of top labels.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct Calibration {
    /// Expected calibration error: Σ over bins of share · |accuracy − mean confidence|. Its interval is biased upwards,
    /// like the error of a resample.
    pub ece_equal_width: Estimate,
    pub ece_equal_mass: Estimate,
    /// The `ece_equal_width` of a perfectly calibrated model with these confidences and as many images: the mean and
    /// the 95 % quantile over draws of each prediction's correctness with its own confidence (Bröcker & Smith 2007).
    pub ece_of_chance: f64,
    pub ece_of_chance_95: f64,
    /// Mean confidence − accuracy: positive is overconfident.
    pub overconfidence: Estimate,
    /// The bins that have images.
    pub equal_width: Vec<Bin>,
    pub equal_mass: Vec<Bin>,
}

impl Calibration {
    /// The calibration from the confidence in each image's top label and its correctness.
    pub fn new(confidence: &[f64], correct: &[bool], resamples: &Resamples, seed: u64) -> Option<Calibration> {
        let order = order(confidence);
        let figure =
            |cut| resamples.figure(confidence.len(), |drawn| error(&bins(cut, confidence, correct, &order, drawn)));
        let gaps: Vec<_> = confidence.iter().zip(correct).map(|(p, &c)| Some(p - f64::from(u8::from(c)))).collect();
        let once = vec![1; confidence.len()];
        let chance = chance(confidence, &order, seed);
        Some(Calibration {
            ece_equal_width: figure(Binning::EqualWidth)?,
            ece_equal_mass: figure(Binning::EqualMass)?,
            ece_of_chance: chance.iter().sum::<f64>() / chance.len() as f64,
            ece_of_chance_95: quantile(&chance, 0.95)?,
            overconfidence: resamples.mean(&gaps)?,
            equal_width: bins(Binning::EqualWidth, confidence, correct, &order, &once),
            equal_mass: bins(Binning::EqualMass, confidence, correct, &order, &once),
        })
    }
}

/// The expected calibration error with bins of equal width, from the confidence in each top label and its correctness;
/// 0 without images.
pub fn ece_equal_width(confidence: &[f64], correct: &[bool]) -> f64 {
    let once = vec![1; confidence.len()];
    error(&bins(Binning::EqualWidth, confidence, correct, &order(confidence), &once)).unwrap_or_default()
}

/// The images sorted by ascending confidence.
fn order(confidence: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..confidence.len()).collect();
    order.sort_by(|&a, &b| confidence[a].total_cmp(&confidence[b]));
    order
}

/// The bins that have images, from the least confident.
fn bins(cut: Binning, confidence: &[f64], correct: &[bool], order: &[usize], drawn: &[u8]) -> Vec<Bin> {
    let total: usize = drawn.iter().map(|&times| usize::from(times)).sum();
    let mut sums = [(0usize, 0.0, 0usize, f64::INFINITY, f64::NEG_INFINITY); BINS];
    let mut seen = 0;
    for &image in order {
        let p = confidence[image];
        for _ in 0..drawn[image] {
            let bin = match cut {
                Binning::EqualWidth => ((p * BINS as f64).ceil() as usize).clamp(1, BINS) - 1,
                Binning::EqualMass => mass_bin(seen, total),
            };
            let (count, sum, right, low, high) = &mut sums[bin];
            *count += 1;
            *sum += p;
            *right += usize::from(correct[image]);
            (*low, *high) = (low.min(p), high.max(p));
            seen += 1;
        }
    }
    let filled = sums.iter().enumerate().filter(|(_, s)| s.0 > 0);
    let bin = |(place, &(count, sum, right, low, high)): (usize, &(usize, f64, usize, f64, f64))| {
        let edge = |at: usize| at as f64 / BINS as f64;
        let (low, high) = if cut == Binning::EqualWidth { (edge(place), edge(place + 1)) } else { (low, high) };
        let images = count as f64;
        Bin { low, high, images: count, confidence: sum / images, accuracy: right as f64 / images }
    };
    filled.map(bin).collect()
}

/// The bin of the image at this rank, as in numpy's `array_split`.
fn mass_bin(place: usize, total: usize) -> usize {
    let (each, longer) = (total / BINS, total % BINS);
    if place < longer * (each + 1) {
        place / (each + 1)
    } else {
        longer + (place - longer * (each + 1)) / each.max(1)
    }
}

/// The expected calibration error of these bins.
fn error(bins: &[Bin]) -> Option<f64> {
    let total: usize = bins.iter().map(|b| b.images).sum();
    let sum: f64 = bins.iter().map(|b| b.images as f64 * (b.accuracy - b.confidence).abs()).sum();
    (total > 0).then(|| sum / total as f64)
}

/// Sorted errors of a perfectly calibrated model.
fn chance(confidence: &[f64], order: &[usize], seed: u64) -> Vec<f64> {
    let mut random = Pcg64Mcg::seed_from_u64(seed ^ 0xca11);
    let once = vec![1; confidence.len()];
    let mut draw = || {
        let correct: Vec<bool> = confidence.iter().map(|&p| random.random::<f64>() < p).collect();
        error(&bins(Binning::EqualWidth, confidence, &correct, order, &once)).unwrap_or_default()
    };
    let mut errors: Vec<f64> = (0..DRAWS).map(|_| draw()).collect();
    errors.sort_by(f64::total_cmp);
    errors
}

/// −ln p of the right label, p at least 2.2e-16 as in scikit-learn's `log_loss` of doubles.
pub fn negative_log_likelihood(probabilities: &[f64], label: usize) -> f64 {
    -probabilities[label].max(f64::EPSILON).ln()
}

/// Σ (p − y)² over labels: 0 to 2 (Brier 1950).
pub fn brier(probabilities: &[f64], label: usize) -> f64 {
    let one = |(place, p): (usize, &f64)| (p - f64::from(u8::from(place == label))).powi(2);
    probabilities.iter().enumerate().map(one).sum()
}
