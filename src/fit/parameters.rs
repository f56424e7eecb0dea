//! Fits the parameters of each rule by minimising the NLL on samples.

use super::cv_scores::Rows;
use super::lbfgs::Prior;
use super::opinion_pool::{self, STRENGTH, WEIGHTS};
use super::scaled;
use crate::rule::softmax::{log_softmax, log_sum_exp};
use crate::rule::Scaled;

/// The selected posterior and its inverse temperature.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub candidate: usize,
    pub sharpness: f64,
    /// On the rows that selected it.
    nll: f64,
}

/// The parameters of the pooled gate.
#[derive(Clone, Debug)]
pub(super) struct Pooled {
    pub scaled: Scaled,
    pub posterior: Chosen,
    pub weights: [f64; 4],
}

/// Whether the heads were trained on the rows: heads are overconfident on their training images.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeadExposure {
    /// The heads have not seen the images.
    HeldOut,
    /// The heads may have seen the images: their weights keep the defaults.
    Trained,
}

/// −log p of the right label, averaged over rows; each row is its right columns and the log-probabilities of all
/// columns.
fn nll<'a>(rows: impl ExactSizeIterator<Item = (&'a [usize], Vec<f64>)>) -> f64 {
    let count = rows.len().max(1) as f64;
    let loss = |(target, p): (&[usize], Vec<f64>)| -log_sum_exp(&target.iter().map(|&c| p[c]).collect::<Vec<_>>());
    rows.map(loss).sum::<f64>() / count
}

/// Scales and offsets; the identity if the heads have seen the images.
pub(super) fn scale(rows: &Rows, chosen: &[usize], heads: HeadExposure) -> Scaled {
    match heads {
        HeadExposure::HeldOut => scaled::fit(rows, chosen),
        HeadExposure::Trained => Scaled::identity(rows.heads(), rows.owners.len()),
    }
}

/// The candidate posterior of least NLL.
pub(super) fn posterior(rows: &Rows, chosen: &[usize], candidates: &[usize]) -> Option<Chosen> {
    let best = |&candidate: &usize| {
        let sharpness = opinion_pool::sharpness(rows, candidate, chosen);
        let answers = chosen.iter().map(|&row| sharp(&rows.scores[candidate][row], sharpness));
        let nll = nll(rows.targets(chosen).into_iter().zip(answers));
        Chosen { candidate, sharpness, nll }
    };
    candidates.iter().map(best).min_by(|a, b| a.nll.total_cmp(&b.nll))
}

/// log softmax(κ·scores).
pub(super) fn sharp(scores: &[f64], sharpness: f64) -> Vec<f64> {
    log_softmax(&scores.iter().map(|s| s * sharpness).collect::<Vec<_>>())
}

/// The pooled gate with the best candidate posterior. The heads' logits are scaled by parameters from other folds,
/// so that the weights and the scales are fitted on different rows.
pub(super) fn pooled(rows: &Rows, chosen: &[usize], candidates: &[usize], heads: HeadExposure) -> Option<Pooled> {
    let folds: std::collections::BTreeSet<usize> = chosen.iter().map(|&r| rows.folds[r]).collect();
    let mut crossed: Vec<Vec<f64>> = vec![Vec::new(); rows.len()];
    for &fold in &folds {
        let (inside, outside): (Vec<usize>, Vec<usize>) = chosen.iter().partition(|&&r| rows.folds[r] == fold);
        let scaled = scale(rows, &outside, heads);
        for row in inside {
            crossed[row] = scaled::scores(&scaled, &rows.owners, &rows.logits[row]);
        }
    }
    let strength = match heads {
        HeadExposure::HeldOut => [STRENGTH; 4],
        HeadExposure::Trained => [1e3, STRENGTH, 1e3, STRENGTH],
    };
    let prior = Prior { mean: WEIGHTS.to_vec(), strength: strength.to_vec() };
    let fit = |&candidate: &usize| {
        let sharpness = opinion_pool::sharpness(rows, candidate, chosen);
        let terms = chosen.iter().map(|&row| {
            opinion_pool::terms(&crossed[row], &sharp(&rows.scores[candidate][row], sharpness), &rows.owners)
        });
        let terms: Vec<_> = terms.collect();
        let weights = opinion_pool::weights(&terms, rows.targets(chosen), &prior);
        let nll = nll(rows.targets(chosen).into_iter().zip(terms.iter().map(|t| opinion_pool::pooled(&weights, t))));
        (Chosen { candidate, sharpness, nll }, weights)
    };
    let (posterior, weights) = candidates.iter().map(fit).min_by(|a, b| a.0.nll.total_cmp(&b.0.nll))?;
    Some(Pooled { scaled: scale(rows, chosen, heads), posterior, weights })
}

/// The pooled gate's log-probabilities of a row.
pub(super) fn pooled_row(rows: &Rows, fitted: &Pooled, row: usize) -> Vec<f64> {
    let heads = scaled::scores(&fitted.scaled, &rows.owners, &rows.logits[row]);
    let Chosen { candidate, sharpness, .. } = fitted.posterior;
    let evidence = sharp(&rows.scores[candidate][row], sharpness);
    opinion_pool::pooled(&fitted.weights, &opinion_pool::terms(&heads, &evidence, &rows.owners))
}
