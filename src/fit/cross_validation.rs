//! Compares rules by cross-validation on images that are excluded from their parameters and evidence.

use super::candidates::Trial;
use super::cv_scores::Rows;
use super::parameters::{self, HeadExposure};
use super::scaled;
use crate::rule::softmax::log_softmax;
use crate::rule::RuleKind;
use crate::statistics::ece_equal_width;
use serde::Serialize;

/// The metrics of one rule over all folds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RuleMetrics {
    pub rule: RuleKind,
    /// 0 to 1.
    pub accuracy: f64,
    /// In nats per image.
    pub nll: f64,
    /// 15 bins of equal width, 0 to 1.
    pub ece: f64,
}

/// Each rule's log-probabilities of each row, with parameters from the other folds.
pub(super) fn crossed(
    trial: Option<&Trial>,
    rows: &Rows,
    heads: HeadExposure,
    rules: &[RuleKind],
) -> Vec<(RuleKind, Vec<Vec<f64>>)> {
    let mut found: Vec<(RuleKind, Vec<Vec<f64>>)> = rules.iter().map(|&r| (r, vec![Vec::new(); rows.len()])).collect();
    let (joint, prototypes) = trial.map_or_else(Default::default, |t| (t.joint(), t.prototypes()));
    for fold in 0..rows.fold_count() {
        let outside = rows.outside(Some(fold));
        let inside: Vec<usize> = (0..rows.len()).filter(|&r| rows.folds[r] == fold).collect();
        for (rule, answers) in &mut found {
            let mut answer: Box<dyn FnMut(usize) -> Vec<f64>> = match rule {
                RuleKind::Concat => Box::new(|row| log_softmax(&rows.logits[row])),
                RuleKind::Scaled => {
                    let scaled = parameters::scale(rows, &outside, heads);
                    Box::new(move |row| log_softmax(&scaled::scores(&scaled, &rows.owners, &rows.logits[row])))
                }
                RuleKind::Retrained => match parameters::posterior(rows, &outside, &joint) {
                    Some(c) => Box::new(move |row| parameters::sharp(&rows.scores[c.candidate][row], c.sharpness)),
                    None => continue,
                },
                RuleKind::Gated => match parameters::pooled(rows, &outside, &prototypes, heads) {
                    Some(pooled) => Box::new(move |row| parameters::pooled_row(rows, &pooled, row)),
                    None => continue,
                },
            };
            for &row in &inside {
                answers[row] = answer(row);
            }
        }
    }
    found
}

/// Accuracy, NLL and ECE of log-probabilities of logit columns; `members` contains the merged label of each column.
pub(super) fn figures(rule: RuleKind, rows: &Rows, members: &[usize], answers: &[Vec<f64>]) -> RuleMetrics {
    let labels = members.iter().max().map_or(0, |l| l + 1);
    let (mut right, mut loss) = (0.0, 0.0);
    let (mut confidence, mut correct) = (Vec::with_capacity(rows.len()), Vec::with_capacity(rows.len()));
    for (row, answer) in answers.iter().enumerate() {
        let mut joint = vec![0.0; labels];
        for (column, p) in answer.iter().enumerate() {
            joint[members[column]] += p.exp();
        }
        let truth = members[rows.targets[row][0]];
        let top = (0..labels).max_by(|&a, &b| joint[a].total_cmp(&joint[b]).then(b.cmp(&a))).unwrap_or(0);
        right += f64::from(u8::from(top == truth));
        loss -= joint[truth].clamp(1e-300, 1.0).ln();
        confidence.push(joint[top]);
        correct.push(top == truth);
    }
    let n = rows.len().max(1) as f64;
    RuleMetrics { rule, accuracy: right / n, nll: loss / n, ece: ece_equal_width(&confidence, &correct) }
}
