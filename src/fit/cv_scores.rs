//! Cross-validated scores of labelled images: logits, and the scores of each posterior, computed without the image.

use super::sample::Sample;

/// The scores of images (rows) by logit columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// The head of each logit column.
    pub owners: Vec<usize>,
    /// The right columns of each row, of which any counts.
    pub targets: Vec<Vec<usize>>,
    /// [rows][ΣC]
    pub logits: Vec<Vec<f64>>,
    /// The fold in which each row is held out.
    pub folds: Vec<usize>,
    /// For each candidate posterior, [rows][ΣC] scores before the inverse temperature.
    pub scores: Vec<Vec<Vec<f64>>>,
    /// For each candidate posterior, the distance of each row to the nearest label.
    pub distances: Vec<Vec<f64>>,
}

impl Rows {
    /// Rows with logits only, without candidates.
    pub(super) fn bare(images: &[Sample], owners: &[usize]) -> Rows {
        Rows {
            owners: owners.to_vec(),
            targets: images.iter().map(|p| p.target.clone()).collect(),
            logits: images.iter().map(|p| p.logits.clone()).collect(),
            folds: images.iter().map(|p| p.fold).collect(),
            scores: Vec::new(),
            distances: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.logits.len()
    }

    pub(super) fn heads(&self) -> usize {
        self.owners.iter().max().map_or(0, |h| h + 1)
    }

    /// The right columns of some rows.
    pub(super) fn targets(&self, chosen: &[usize]) -> Vec<&[usize]> {
        chosen.iter().map(|&row| self.targets[row].as_slice()).collect()
    }

    /// Appends other rows, with their own fold numbers; both have the same candidates.
    pub(super) fn append(&mut self, other: Rows) {
        if self.owners.is_empty() {
            *self = other;
            return;
        }
        self.targets.extend(other.targets);
        self.logits.extend(other.logits);
        self.folds.extend(other.folds);
        self.scores.iter_mut().zip(other.scores).for_each(|(own, more)| own.extend(more));
        self.distances.iter_mut().zip(other.distances).for_each(|(own, more)| own.extend(more));
    }

    /// The rows outside a fold; all of them for `None`.
    pub(super) fn outside(&self, fold: Option<usize>) -> Vec<usize> {
        (0..self.len()).filter(|&row| fold.is_none_or(|f| self.folds[row] != f)).collect()
    }

    /// The number of folds.
    pub(super) fn fold_count(&self) -> usize {
        self.folds.iter().max().map_or(0, |f| f + 1)
    }
}
