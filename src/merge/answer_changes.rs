//! Measures what a shared backbone changed in the answers of the heads.

use super::test_images::{best, max_abs_diff, scores, Answer, TestHead, TestImages};
use crate::error::{ErrorKind, Result};
use crate::labels::Activation;
use crate::shared_backbone::AnswerChange;
use crate::statistics::quantile;

/// The least correlation of a head's logits at which its features still mean the same. Of EfficientNet-Lite0 with noise on the
/// weights of one of two models, a fit with ten photos a label reached 88 % at 5 % noise (correlations of 0.8 and 0.9 on
/// synthetic images) and 84 % at 10 % noise (0.7 and 0.5); at 15 % the correlation on photos was 0.37.
const MIN_CORRELATION: f32 = 0.5;

/// The change of each head's answers.
///
/// # Errors
/// `other-features` if the logits of a head are hardly related to those of its model.
pub(super) fn measure(test: &TestImages, answers: &[Answer]) -> Result<Vec<AnswerChange>> {
    let mut first = 0;
    let changes = test.heads.iter().map(|head| {
        let columns = first..first + head.width;
        first += head.width;
        let before: Vec<&[f32]> = test.logits.iter().map(|logits| &logits[columns.clone()]).collect();
        let after: Vec<&[f32]> = answers.iter().map(|answer| &answer.logits[columns.clone()]).collect();
        let change = change(head, &before, &after, test.synthetic);
        if change.correlation < MIN_CORRELATION {
            let AnswerChange { head, images, correlation, .. } = change;
            return Err(ErrorKind::OtherFeatures { head, images, correlation, least: MIN_CORRELATION }.into());
        }
        Ok(change)
    });
    changes.collect()
}

fn change(head: &TestHead, before: &[&[f32]], after: &[&[f32]], synthetic: bool) -> AnswerChange {
    let pairs = || before.iter().zip(after).map(|(a, b)| (scores(a, head.activation), scores(b, head.activation)));
    let mut changes: Vec<f64> = pairs().map(|(a, b)| f64::from(max_abs_diff(&a, &b))).collect();
    changes.sort_by(f64::total_cmp);
    let turned = |logits: f32| logits > 0.0;
    let top_label = match head.activation {
        Activation::Softmax => pairs().filter(|(a, b)| best(a) != best(b)).count(),
        // Every label of a sigmoid head is an answer of its own.
        Activation::Sigmoid => {
            let pairs = before.iter().zip(after);
            pairs.filter(|(a, b)| a.iter().zip(b.iter()).any(|(a, b)| turned(*a) != turned(*b))).count()
        }
    };
    AnswerChange {
        head: head.name.clone(),
        images: before.len(),
        synthetic,
        largest: changes.last().copied().unwrap_or_default() as f32,
        median: quantile(&changes, 0.5).unwrap_or_default() as f32,
        top_label: top_label as f32 / before.len().max(1) as f32,
        correlation: correlation(&centred(before, head), &centred(after, head)),
    }
}

/// The logits of all images without the mean of each label, and, for a softmax head, of each image, which its probabilities do
/// not depend on.
fn centred(logits: &[&[f32]], head: &TestHead) -> Vec<f64> {
    let mut rows: Vec<Vec<f64>> = logits.iter().map(|row| row.iter().map(|&z| f64::from(z)).collect()).collect();
    if head.activation == Activation::Softmax && head.width > 1 {
        for row in &mut rows {
            let mean = row.iter().sum::<f64>() / row.len() as f64;
            row.iter_mut().for_each(|z| *z -= mean);
        }
    }
    for label in 0..head.width {
        let mean = rows.iter().map(|row| row[label]).sum::<f64>() / rows.len().max(1) as f64;
        rows.iter_mut().for_each(|row| row[label] -= mean);
    }
    rows.concat()
}

/// Pearson's correlation of centred numbers; 1 if nothing varies in either.
fn correlation(a: &[f64], b: &[f64]) -> f32 {
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let (aa, bb) = (product(a, a), product(b, b));
    match aa == 0.0 && bb == 0.0 {
        true => 1.0,
        false => (product(a, b) / (aa * bb).sqrt().max(f64::MIN_POSITIVE)) as f32,
    }
}
