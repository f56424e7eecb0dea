//! Labelled pictures as rows of numbers that rules are fitted on: logits, and what each posterior says of a picture that
//! it was not computed from.

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
    pub(super) fn len(&self) -> usize {
        self.logits.len()
    }

    pub(super) fn heads(&self) -> usize {
        self.owners.iter().max().map_or(0, |h| h + 1)
    }

    pub(super) fn target(&self, row: usize) -> &[usize] {
        &self.targets[row]
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
