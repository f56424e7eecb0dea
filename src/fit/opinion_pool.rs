//! Fits the inverse temperature of a posterior and the weights of the opinion pool of heads and evidence.

use super::cv_scores::Rows;
use super::lbfgs::{minimise, Family, Prior};
use crate::rule::softmax::{log_softmax, log_sum_exp};

/// The default weights, without images: gate of the heads and of the evidence, within the heads and the evidence.
pub(super) const WEIGHTS: [f64; 4] = [0.3, 0.8, 0.5, 0.5];
/// Strength of the prior on the weights, in nats.
pub(super) const STRENGTH: f64 = 6.0;

/// Scores that are a weighted sum of given terms.
struct Terms<'a> {
    /// [rows][terms][ΣC]
    terms: &'a [Vec<Vec<f64>>],
    targets: Vec<&'a [usize]>,
}

impl Family for Terms<'_> {
    fn scores(&self, parameters: &[f64]) -> Vec<Vec<f64>> {
        self.terms.iter().map(|terms| weighted(parameters, terms)).collect()
    }

    fn gradient(&self, residuals: &[Vec<f64>]) -> Vec<f64> {
        let mut gradient = vec![0.0; self.terms.first().map_or(0, Vec::len)];
        for (terms, residuals) in self.terms.iter().zip(residuals) {
            for (gradient, term) in gradient.iter_mut().zip(terms) {
                *gradient += residuals.iter().zip(term).map(|(r, t)| r * t).sum::<f64>();
            }
        }
        gradient
    }

    fn targets(&self) -> &[&[usize]] {
        &self.targets
    }
}

fn weighted(weights: &[f64], terms: &[Vec<f64>]) -> Vec<f64> {
    let columns = terms.first().map_or(0, Vec::len);
    (0..columns).map(|c| weights.iter().zip(terms).map(|(w, t)| w * t[c]).sum()).collect()
}

/// The inverse temperature κ > 0 that turns a candidate's scores into a posterior, by NLL on some of the rows.
pub(super) fn sharpness(rows: &Rows, candidate: usize, chosen: &[usize]) -> f64 {
    let scores = &rows.scores[candidate];
    // Scores of unknown scale are first scaled to a spread of about 1.
    let spread = |row: &usize| {
        let largest = scores[*row].iter().copied().fold(f64::NEG_INFINITY, f64::max);
        scores[*row].iter().map(|s| largest - s).sum::<f64>() / scores[*row].len().max(1) as f64
    };
    let unit = chosen.iter().map(spread).sum::<f64>() / chosen.len().max(1) as f64;
    let unit = if unit.is_finite() && unit > 1e-12 { 1.0 / unit } else { 1.0 };
    let term = |row: &usize| vec![scores[*row].iter().map(|s| s * unit).collect()];
    let terms: Vec<Vec<Vec<f64>>> = chosen.iter().map(term).collect();
    let family = Terms { terms: &terms, targets: rows.targets(chosen) };
    // The spread of a typical posterior over ten labels is 3 nats; the prior only matters for a few images.
    let prior = Prior { mean: vec![3.0], strength: vec![0.1] };
    unit * minimise(&family, &prior, &[0])[0].max(1e-3)
}

/// Splits log-probabilities into the head's share and the rest within the head, each one number per column.
fn split(log_probabilities: &[f64], owners: &[usize]) -> [Vec<f64>; 2] {
    let heads = owners.iter().max().map_or(0, |h| h + 1);
    let share = |head: usize| {
        let own = log_probabilities.iter().zip(owners).filter(|(_, &o)| o == head);
        log_sum_exp(&own.map(|(&p, _)| p).collect::<Vec<_>>())
    };
    let shares: Vec<f64> = (0..heads).map(share).collect();
    let gate: Vec<f64> = owners.iter().map(|&h| shares[h]).collect();
    let within = log_probabilities.iter().zip(&gate).map(|(p, g)| p - g).collect();
    [gate, within]
}

/// The four terms of the pooled gate: the order of [`WEIGHTS`].
pub(super) fn terms(heads: &[f64], evidence: &[f64], owners: &[usize]) -> Vec<Vec<f64>> {
    let [gate, within] = split(&log_softmax(heads), owners);
    let [evidence_gate, evidence_within] = split(&log_softmax(evidence), owners);
    vec![gate, evidence_gate, within, evidence_within]
}

/// Weights of the four terms by NLL.
pub(super) fn weights(terms: &[Vec<Vec<f64>>], targets: Vec<&[usize]>, prior: &Prior) -> [f64; 4] {
    let found = minimise(&Terms { terms, targets }, prior, &[0, 1, 2, 3]);
    [found[0], found[1], found[2], found[3]]
}

/// The log-probabilities of the pooled terms.
pub(super) fn pooled(weights: &[f64; 4], terms: &[Vec<f64>]) -> Vec<f64> {
    log_softmax(&weighted(weights, terms))
}
