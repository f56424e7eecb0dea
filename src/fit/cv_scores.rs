//! Cross-validated scores of labelled images: logits, and each posterior's score for an image that
//! it was not computed from.

use super::sample::Sample;

/// Rows and what their columns mean.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    /// For each logit column its head.
    pub owners: Vec<usize>,
    /// For each row the columns of which any is right.
    pub targets: Vec<Vec<usize>>,
    /// [rows][ΣC]
    pub logits: Vec<Vec<f64>>,
    /// For each row the fold in which it is held out.
    pub folds: Vec<usize>,
    /// For each candidate posterior, [rows][ΣC] scores before any sharpness.
    pub scores: Vec<Vec<Vec<f64>>>,
    /// For each candidate posterior, the distance of each row to the nearest label.
    pub distances: Vec<Vec<f64>>,
}

impl Rows {
    /// Images without any candidate's word.
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

    /// The columns of which any is right, of some rows.
    pub(super) fn targets(&self, chosen: &[usize]) -> Vec<&[usize]> {
        chosen.iter().map(|&row| self.targets[row].as_slice()).collect()
    }

    /// Puts other rows behind these, in folds of their own number; both have the same candidates.
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

    /// How many folds there are.
    pub(super) fn fold_count(&self) -> usize {
        self.folds.iter().max().map_or(0, |f| f + 1)
    }
}
