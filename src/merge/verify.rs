//! Verifies that a merged model computes the logits of every source on the same images.

use super::test_images::{best, max_abs_diff, scores, Answer, TestImages};
use crate::backbone::Backbone;
use crate::error::{ErrorKind, Result};
use serde::Serialize;

/// The differences between a merged model and its sources.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Verification {
    /// The number of images compared.
    pub images: usize,
    /// One row per head.
    pub heads: Vec<VerificationRow>,
    /// Whether all shared weights are bit-equal: then the bound applies, else probabilities may change by at most 0.01
    /// and no top label may change.
    pub exact: bool,
}

/// One head compared with its source.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct VerificationRow {
    pub head: String,
    /// The largest logit difference.
    pub logit: f32,
    /// The bound for bit-equal weights: 1e-4 · max(1, max|z|).
    pub bound: f32,
    /// The largest probability difference within the head.
    pub probability: f32,
}

/// The largest accepted change of a probability if weights are equal only within a tolerance.
const MOVED: f32 = 0.01;

/// Compares the merged model's answers with those of its sources.
///
/// # Errors
/// `proof` if a logit exceeds its bound although all weights are bit-equal, or, for weights equal within a tolerance, a
/// top label changes or a probability changes by more than 0.01.
pub(super) fn prove(test: &TestImages, answers: &[Answer], backbone: &Backbone) -> Result<Verification> {
    let exact = backbone.models.iter().all(|m| m.largest_difference.as_ref().is_none_or(|l| l.relative == 0.0));
    let names = test.heads.iter().map(|head| head.name.clone());
    let row = |head| VerificationRow { head, logit: 0.0, bound: 1e-4, probability: 0.0 };
    let mut rows: Vec<VerificationRow> = names.map(row).collect();
    for (answer, expected) in answers.iter().zip(&test.logits) {
        let mut first = 0;
        for (head, row) in test.heads.iter().zip(&mut rows) {
            let part = first..first + head.width;
            first += head.width;
            let (Some(expected), Some(found)) = (expected.get(part.clone()), answer.logits.get(part)) else {
                return Err(failed(row, "as many logits as its source"));
            };
            let largest = expected.iter().fold(1f32, |m, z| m.max(z.abs()));
            row.bound = row.bound.max(1e-4 * largest);
            row.logit = row.logit.max(max_abs_diff(expected, found));
            let (before, after) = (scores(expected, head.activation), scores(found, head.activation));
            row.probability = row.probability.max(max_abs_diff(&before, &after));
            let changed = best(&before) != best(&after) && row.probability > 1e-3;
            if !exact && (changed || row.probability > MOVED) {
                return Err(failed(row, "the same top label and probabilities within 0.01"));
            }
        }
    }
    // A missing number makes the difference infinite, never NaN.
    match rows.iter().find(|r| exact && r.logit > r.bound) {
        Some(row) => Err(failed(row, &format!("logits within {:.1e}", row.bound))),
        None => Ok(Verification { images: test.len(), heads: rows, exact }),
    }
}

/// The largest difference of a merged probability between two forms of a merged model.
pub(super) fn largest_change(before: &[Answer], after: &[Answer]) -> f32 {
    let pairs = before.iter().zip(after);
    pairs.fold(0.0, |most, (before, after)| most.max(max_abs_diff(&before.probabilities, &after.probabilities)))
}

fn failed(row: &VerificationRow, expected: &str) -> crate::Error {
    let found = format!("a logit {:.1e} off and a probability {:.1e} off", row.logit, row.probability);
    ErrorKind::Proof { head: row.head.clone(), expected: expected.to_string(), found }.into()
}
