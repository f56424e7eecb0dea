//! Parameters of each rule by NLL on rows.

use super::log_softmax;
use super::minimise::Prior;
use super::pool::{self, STRENGTH, WEIGHTS};
use super::rows::Rows;
use super::scaled;
use crate::rule::evaluate::log_sum_exp;
use crate::rule::Scaled;

/// A posterior that was chosen, with its sharpness.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen {
    pub candidate: usize,
    pub sharpness: f64,
    /// On the rows it was chosen by.
    nll: f64,
}

/// The parameters of the pooled gate.
#[derive(Clone, Debug)]
pub(super) struct Pooled {
    pub scaled: Scaled,
    pub posterior: Chosen,
    pub weights: [f64; 4],
}

/// How far rows say something of the heads: heads are overconfident on the pictures that they were trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heads {
    /// The heads have not seen the pictures.
    Fresh,
    /// They may have: their weights stay at what holds in general.
    Seen,
}

/// −log p of the right label, averaged over rows.
pub(super) fn nll(rows: &Rows, chosen: &[usize], log_probabilities: impl Fn(usize) -> Vec<f64>) -> f64 {
    let loss = |&row: &usize| {
        let p = log_probabilities(row);
        -log_sum_exp(&rows.targets[row].iter().map(|&c| p[c]).collect::<Vec<_>>())
    };
    chosen.iter().map(loss).sum::<f64>() / chosen.len().max(1) as f64
}

/// Scales and offsets; nothing changed where the heads have seen the pictures.
pub(super) fn scale(rows: &Rows, chosen: &[usize], heads: Heads) -> Scaled {
    match heads {
        Heads::Fresh => scaled::fit(rows, chosen),
        Heads::Seen => Scaled::identity(rows.heads(), rows.owners.len()),
    }
}

/// The best single posterior among some candidates.
pub(super) fn posterior(rows: &Rows, chosen: &[usize], candidates: &[usize]) -> Option<Chosen> {
    let best = |&candidate: &usize| {
        let sharpness = pool::sharpness(rows, candidate, chosen);
        let nll = nll(rows, chosen, |row| sharp(&rows.scores[candidate][row], sharpness));
        Chosen { candidate, sharpness, nll }
    };
    candidates.iter().map(best).min_by(|a, b| a.nll.total_cmp(&b.nll))
}

/// log softmax(κ·scores).
pub(super) fn sharp(scores: &[f64], sharpness: f64) -> Vec<f64> {
    log_softmax(&scores.iter().map(|s| s * sharpness).collect::<Vec<_>>())
}

/// The pooled gate with the best posterior among some candidates. What the heads say is scaled by parameters from other
/// folds, so that the weights are not fitted on what the scales were.
pub(super) fn pooled(rows: &Rows, chosen: &[usize], candidates: &[usize], heads: Heads) -> Option<Pooled> {
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
        Heads::Fresh => [STRENGTH; 4],
        Heads::Seen => [1e3, STRENGTH, 1e3, STRENGTH],
    };
    let prior = Prior { mean: WEIGHTS.to_vec(), strength: strength.to_vec() };
    let mut best: Option<(f64, Chosen, [f64; 4])> = None;
    for &candidate in candidates {
        let sharpness = pool::sharpness(rows, candidate, chosen);
        let terms = |&row: &usize| {
            let evidence: Vec<f64> = rows.scores[candidate][row].iter().map(|s| s * sharpness).collect();
            pool::terms(&crossed[row], &evidence, &rows.owners)
        };
        let terms: Vec<_> = chosen.iter().map(terms).collect();
        let targets = rows.targets(chosen);
        let weights = pool::weights(terms.clone(), targets, &prior);
        let at: std::collections::HashMap<usize, usize> = chosen.iter().enumerate().map(|(i, &r)| (r, i)).collect();
        let nll = nll(rows, chosen, |row| pool::pooled(&weights, &terms[at[&row]]));
        if best.as_ref().is_none_or(|b| nll < b.0) {
            best = Some((nll, Chosen { candidate, sharpness, nll }, weights));
        }
    }
    best.map(|(_, posterior, weights)| Pooled { scaled: scale(rows, chosen, heads), posterior, weights })
}

/// The pooled gate's log-probabilities of a row.
pub(super) fn pooled_row(rows: &Rows, fitted: &Pooled, row: usize) -> Vec<f64> {
    let heads = scaled::scores(&fitted.scaled, &rows.owners, &rows.logits[row]);
    let Chosen { candidate, sharpness, .. } = fitted.posterior;
    let evidence: Vec<f64> = rows.scores[candidate][row].iter().map(|s| s * sharpness).collect();
    pool::pooled(&fitted.weights, &pool::terms(&heads, &evidence, &rows.owners))
}
