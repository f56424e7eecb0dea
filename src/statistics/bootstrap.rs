//! Percentile bootstrap intervals over images (Efron & Tibshirani 1993, chapter 13).

use super::quantile;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

/// How often the images are drawn anew.
pub const RESAMPLES: usize = 1000;

/// The seed where none is given.
pub const SEED: u64 = 20_240_229;

/// A measured number with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Estimate {
    pub value: f64,
    /// The 2.5 % quantile of the resamples.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
    /// How many images it rests on.
    pub images: usize,
}

impl Estimate {
    /// High less low.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// Images drawn with replacement, label by label, so that every resample has as many of a label as there are.
pub struct Resamples {
    images: usize,
    /// For each resample, how often each image was drawn.
    drawn: Vec<Vec<u8>>,
}

impl Resamples {
    /// Draws from images in strata: `strata[i]` is the label of image `i`. The same for the same seed and order, on
    /// every machine.
    pub fn new(strata: &[usize], seed: u64) -> Resamples {
        let mut members: Vec<Vec<u32>> = vec![Vec::new(); strata.iter().max().map_or(0, |m| m + 1)];
        for (image, &stratum) in strata.iter().enumerate() {
            members[stratum].push(image as u32);
        }
        let mut random = Pcg64Mcg::seed_from_u64(seed);
        let mut draw = || {
            let mut drawn = vec![0u8; strata.len()];
            for stratum in members.iter().filter(|s| !s.is_empty()) {
                for _ in 0..stratum.len() {
                    let image = stratum[random.random_range(0..stratum.len() as u32) as usize];
                    let times = &mut drawn[image as usize];
                    *times = times.saturating_add(1);
                }
            }
            drawn
        };
        Resamples { images: strata.len(), drawn: (0..RESAMPLES).map(|_| draw()).collect() }
    }

    /// A statistic of all images, with its interval. The statistic takes how often each image counts; `None` where
    /// it is not defined.
    pub fn figure(&self, images: usize, statistic: impl Fn(&[u8]) -> Option<f64>) -> Option<Estimate> {
        let value = statistic(&vec![1; self.images])?;
        let mut found: Vec<f64> = self.drawn.iter().filter_map(|drawn| statistic(drawn)).collect();
        found.sort_by(f64::total_cmp);
        let at = |share| quantile(&found, share).unwrap_or(value);
        Some(Estimate { value, low: at(0.025), high: at(0.975), images })
    }

    /// The mean of one number an image, over the images that have one.
    pub fn mean(&self, values: &[Option<f64>]) -> Option<Estimate> {
        let having = values.iter().flatten().count();
        self.figure(having, |drawn| mean(values, drawn))
    }
}

/// The weighted mean of the numbers that are there.
pub fn mean(values: &[Option<f64>], drawn: &[u8]) -> Option<f64> {
    let (mut sum, mut count) = (0.0, 0.0);
    for (value, &times) in values.iter().zip(drawn) {
        if let Some(value) = value {
            sum += value * f64::from(times);
            count += f64::from(times);
        }
    }
    (count > 0.0).then(|| sum / count)
}
