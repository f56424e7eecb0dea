//! Percentile bootstrap intervals over images (Efron & Tibshirani 1993, chapter 13).

use super::quantile;
use rand::{RngExt, SeedableRng};
use rand_pcg::Pcg64Mcg;
use serde::Serialize;

/// The number of resamples.
pub const RESAMPLES: usize = 1000;

/// The default seed.
pub const SEED: u64 = 20_240_229;

/// An estimate with its 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Estimate {
    pub value: f64,
    /// The 2.5 % quantile of the resamples.
    pub low: f64,
    /// The 97.5 % quantile.
    pub high: f64,
    /// The number of images.
    pub images: usize,
}

impl Estimate {
    /// `high` − `low`.
    pub fn width(&self) -> f64 {
        self.high - self.low
    }
}

/// Stratified resamples with replacement: each has as many images per label as the original.
pub struct Resamples {
    images: usize,
    /// The count of each image per resample.
    drawn: Vec<Vec<u8>>,
}

impl Resamples {
    /// Draws from images in strata: `strata[i]` is the label of image `i`. The result depends on the seed and the order
    /// alone, on every machine.
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

    /// A statistic of all images, with its interval. The statistic takes the count of each image; `None` if it is
    /// undefined.
    pub fn figure(&self, images: usize, statistic: impl Fn(&[u8]) -> Option<f64>) -> Option<Estimate> {
        let value = statistic(&vec![1; self.images])?;
        let mut found: Vec<f64> = self.drawn.iter().filter_map(|drawn| statistic(drawn)).collect();
        found.sort_by(f64::total_cmp);
        let at = |share| quantile(&found, share).unwrap_or(value);
        Some(Estimate { value, low: at(0.025), high: at(0.975), images })
    }

    /// The mean of one number per image, over the images that have one.
    pub fn mean(&self, values: &[Option<f64>]) -> Option<Estimate> {
        let having = values.iter().flatten().count();
        self.figure(having, |drawn| mean(values, drawn))
    }
}

/// The weighted mean of the numbers present.
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
