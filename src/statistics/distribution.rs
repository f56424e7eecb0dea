//! Median, quartiles and histogram of numbers from 0 to 1.

use super::bootstrap::{Estimate, Resamples};
use super::quantile;
use serde::Serialize;

/// The number of bins of a histogram from 0 to 1.
pub const BINS: usize = 20;

/// The distribution of numbers from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct Distribution {
    pub median: Estimate,
    pub lower_quartile: f64,
    pub upper_quartile: f64,
    /// Counts in `BINS` bins of equal width from 0 to 1; the last bin includes 1.
    pub histogram: Vec<usize>,
}

impl Distribution {
    /// The distribution over the images that have a number.
    pub fn new(values: &[Option<f64>], resamples: &Resamples) -> Option<Distribution> {
        let mut order: Vec<(usize, f64)> = values.iter().enumerate().filter_map(|(i, v)| Some((i, (*v)?))).collect();
        order.sort_by(|a, b| a.1.total_cmp(&b.1));
        let sorted: Vec<f64> = order.iter().map(|o| o.1).collect();
        let mut histogram = vec![0; BINS];
        for value in &sorted {
            histogram[((value * BINS as f64) as usize).min(BINS - 1)] += 1;
        }
        let median = resamples.figure(sorted.len(), |drawn| {
            let repeated = order.iter().flat_map(|&(image, v)| std::iter::repeat_n(v, usize::from(drawn[image])));
            quantile(&repeated.collect::<Vec<_>>(), 0.5)
        })?;
        let at = |share| quantile(&sorted, share);
        Some(Distribution { median, lower_quartile: at(0.25)?, upper_quartile: at(0.75)?, histogram })
    }
}
