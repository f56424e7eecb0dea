//! The input of a fit as matrices.

use super::sample::Sample;
use super::sums::Sums;
use crate::features::{ExtractedFeatures, LabelledExample};
use crate::labels::HeadLabels;

/// The head and the merged label of each logit column.
#[derive(Clone, Debug)]
pub(super) struct LogitColumns {
    /// The head of each column.
    pub owners: Vec<usize>,
    /// The merged label of each column.
    pub members: Vec<usize>,
}

impl LogitColumns {
    pub(super) fn new(heads: &[HeadLabels], members: &[usize]) -> LogitColumns {
        let owners = heads.iter().enumerate().flat_map(|(h, head)| vec![h; head.labels.len()]).collect();
        LogitColumns { owners, members: members.to_vec() }
    }

    /// The columns of a merged label.
    pub(super) fn of_label(&self, label: usize) -> Vec<usize> {
        (0..self.owners.len()).filter(|&c| self.members[c] == label).collect()
    }
}

/// The maximum number of images for ten folds; more images get five.
const MANY: usize = 400;

fn fold_count(rows: usize) -> usize {
    if rows <= MANY {
        10
    } else {
        5
    }
}

/// Examples as rows; the rows of each label are distributed over the folds in the order of their digests, so that
/// the order of files and folders does not matter.
pub(super) fn rows(examples: &[&LabelledExample], columns: &LogitColumns, numbers: &[usize]) -> Vec<Sample> {
    let mut sorted = examples.to_vec();
    sorted.sort_by(|a, b| (a.label, &a.sha256, &a.name).cmp(&(b.label, &b.sha256, &b.name)));
    let folds = fold_count(sorted.len());
    let mut rank = 0;
    let mut last = None;
    let rows = sorted.into_iter().map(|example| {
        rank = if last == Some(example.label) { rank + 1 } else { 0 };
        last = Some(example.label);
        let target = columns.of_label(example.label);
        let counted = |c: &usize| example.head.is_none_or(|h| columns.owners[*c] == h);
        Sample {
            columns: target.iter().copied().filter(counted).collect(),
            target,
            fold: (rank + example.label) % folds,
            features: features(&example.observation, numbers),
            logits: example.observation.logits.iter().map(|&z| f64::from(z)).collect(),
        }
    });
    rows.filter(|row| !row.columns.is_empty()).collect()
}

fn features(observation: &ExtractedFeatures, numbers: &[usize]) -> Vec<f64> {
    numbers.iter().map(|&j| f64::from(observation.features[j])).collect()
}

/// Keeps about `most` rows, an equal share per label, and returns the others.
pub(super) fn thinned(rows: &mut Vec<Sample>, most: usize) -> Vec<Sample> {
    // Rows are sorted by label, so that every n-th one is an equal share per label.
    let every = rows.len().div_ceil(most.max(1));
    let (kept, others): (Vec<_>, Vec<_>) =
        std::mem::take(rows).into_iter().enumerate().partition(|(i, _)| i % every == 0);
    // The folds are assigned anew, because the kept rows of a label may all be in one fold.
    let folds = fold_count(most);
    *rows = kept.into_iter().enumerate().map(|(at, (_, row))| Sample { fold: at % folds, ..row }).collect();
    others.into_iter().map(|(_, row)| row).collect()
}

/// Adds rows to sums.
pub(super) fn add(sums: &mut Sums, rows: &[Sample]) {
    let width = sums.width();
    let weighted: Vec<(&Sample, f64)> = rows.iter().map(|r| (r, r.columns.len() as f64)).collect();
    let matrix = faer::Mat::from_fn(rows.len(), width, |i, j| weighted[i].0.features[j] * weighted[i].1.sqrt());
    sums.second += matrix.transpose() * &matrix;
    for row in rows {
        for &c in &row.columns {
            sums.counts[c] += 1.0;
            for j in 0..width {
                sums.sums[(c, j)] += row.features[j];
            }
        }
    }
}
