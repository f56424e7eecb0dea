//! Fits a scale per head and an offset per label by NLL.

use super::cv_scores::Rows;
use super::lbfgs::{minimise, Family, Prior};
use crate::rule::Scaled;

/// Strength of the prior that scales are 1, in nats: it keeps a head's scale until several images contradict it.
const SCALE: f64 = 0.5;
/// Strength of the prior that offsets are 0, in nats.
const OFFSET: f64 = 2.0;

struct Scales<'a> {
    rows: &'a Rows,
    chosen: &'a [usize],
    targets: Vec<&'a [usize]>,
}

impl Family for Scales<'_> {
    fn scores(&self, parameters: &[f64]) -> Vec<Vec<f64>> {
        self.chosen.iter().map(|&row| apply(parameters, &self.rows.owners, &self.rows.logits[row])).collect()
    }

    fn gradient(&self, residuals: &[Vec<f64>]) -> Vec<f64> {
        let heads = self.rows.heads();
        let mut gradient = vec![0.0; heads + self.rows.owners.len()];
        for (&row, residuals) in self.chosen.iter().zip(residuals) {
            for (column, (residual, z)) in residuals.iter().zip(&self.rows.logits[row]).enumerate() {
                gradient[self.rows.owners[column]] += residual * z;
                gradient[heads + column] += residual;
            }
        }
        gradient
    }

    fn targets(&self) -> &[&[usize]] {
        &self.targets
    }
}

fn apply(parameters: &[f64], owners: &[usize], logits: &[f64]) -> Vec<f64> {
    let heads = parameters.len() - logits.len();
    let scaled = logits.iter().zip(owners).zip(&parameters[heads..]);
    scaled.map(|((z, &head), offset)| parameters[head] * z + offset).collect()
}

/// Fits on some of the rows; without rows, the result is the identity.
pub(super) fn fit(rows: &Rows, chosen: &[usize]) -> Scaled {
    let (heads, logits) = (rows.heads(), rows.owners.len());
    let strength = [vec![SCALE; heads], vec![OFFSET; logits]].concat();
    fit_with(rows, chosen, strength)
}

/// [`fit`] with the strength of the prior on each scale, then on each offset.
pub(super) fn fit_with(rows: &Rows, chosen: &[usize], strength: Vec<f64>) -> Scaled {
    let (heads, logits) = (rows.heads(), rows.owners.len());
    let prior = Prior { mean: [vec![1.0; heads], vec![0.0; logits]].concat(), strength };
    let positive: Vec<usize> = (0..heads).collect();
    let mut parameters = minimise(&Scales { rows, chosen, targets: rows.targets(chosen) }, &prior, &positive);
    let bias = parameters.split_off(heads);
    // A scale of exactly 0 would disable a head permanently.
    Scaled { scale: parameters.into_iter().map(|a| a.max(1e-3)).collect(), bias }
}

/// a·z + b.
pub(super) fn scores(scaled: &Scaled, owners: &[usize], logits: &[f64]) -> Vec<f64> {
    let scaled = logits.iter().zip(owners).zip(&scaled.bias).map(|((z, &head), b)| scaled.scale[head] * z + b);
    scaled.collect()
}
