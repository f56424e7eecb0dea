//! Fits a scale a head and an offset a label by NLL.

use super::minimise::{minimise, Family, Prior};
use super::rows::Rows;
use crate::rule::Scaled;

/// Strength of the prior that scales are 1, in nats: a head is believed until some pictures say otherwise.
const SCALE: f64 = 0.5;
/// Strength of the prior that offsets are 0, in nats.
const OFFSET: f64 = 2.0;

struct Scales<'a> {
    rows: &'a Rows,
    chosen: &'a [usize],
}

impl Family for Scales<'_> {
    fn rows(&self) -> usize {
        self.chosen.len()
    }

    fn scores(&self, parameters: &[f64], row: usize) -> Vec<f64> {
        apply(parameters, &self.rows.owners, &self.rows.logits[self.chosen[row]])
    }

    fn accumulate(&self, row: usize, residuals: &[f64], gradient: &mut [f64]) {
        let heads = gradient.len() - residuals.len();
        for (column, (residual, z)) in residuals.iter().zip(&self.rows.logits[self.chosen[row]]).enumerate() {
            gradient[self.rows.owners[column]] += residual * z;
            gradient[heads + column] += residual;
        }
    }

    fn target(&self, row: usize) -> &[usize] {
        self.rows.target(self.chosen[row])
    }
}

fn apply(parameters: &[f64], owners: &[usize], logits: &[f64]) -> Vec<f64> {
    let heads = parameters.len() - logits.len();
    let scaled = logits.iter().zip(owners).zip(&parameters[heads..]);
    scaled.map(|((z, &head), offset)| parameters[head] * z + offset).collect()
}

/// Fits on some of the rows; without any it changes nothing.
pub(super) fn fit(rows: &Rows, chosen: &[usize]) -> Scaled {
    let (heads, logits) = (rows.heads(), rows.owners.len());
    let prior = Prior {
        mean: [vec![1.0; heads], vec![0.0; logits]].concat(),
        strength: [vec![SCALE; heads], vec![OFFSET; logits]].concat(),
    };
    let positive: Vec<usize> = (0..heads).collect();
    let mut parameters = minimise(&Scales { rows, chosen }, &prior, &positive);
    let bias = parameters.split_off(heads);
    // A scale of exactly 0 would silence a head for good.
    Scaled { scale: parameters.into_iter().map(|a| a.max(1e-3)).collect(), bias }
}

/// a·z + b.
pub(super) fn scores(scaled: &Scaled, owners: &[usize], logits: &[f64]) -> Vec<f64> {
    let scaled = logits.iter().zip(owners).zip(&scaled.bias).map(|((z, &head), b)| scaled.scale[head] * z + b);
    scaled.collect()
}
