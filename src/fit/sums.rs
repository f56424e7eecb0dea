//! Counts, sums and second moments of numbers by logit column: what evidence holds, as matrices.

use faer::Mat;

/// Sums over pictures; W numbers a picture, C logit columns.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// [C]
    pub counts: Vec<f64>,
    /// [C, W]
    pub sums: Mat<f64>,
    /// Σ x xᵀ over all pictures, [W, W].
    pub second: Mat<f64>,
}

impl Sums {
    pub(super) fn zeros(columns: usize, width: usize) -> Sums {
        Sums { counts: vec![0.0; columns], sums: Mat::zeros(columns, width), second: Mat::zeros(width, width) }
    }

    pub(super) fn width(&self) -> usize {
        self.sums.ncols()
    }

    /// How many pictures there are, one that counts for several columns as many times.
    pub(super) fn total(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// Some of the numbers.
    pub(super) fn select(&self, numbers: &[usize]) -> Sums {
        let (columns, width) = (self.counts.len(), numbers.len());
        Sums {
            counts: self.counts.clone(),
            sums: Mat::from_fn(columns, width, |c, j| self.sums[(c, numbers[j])]),
            second: Mat::from_fn(width, width, |i, j| self.second[(numbers[i], numbers[j])]),
        }
    }

    /// The mean of a column's pictures; 0 where there are none.
    pub(super) fn mean(&self, column: usize, number: usize) -> f64 {
        match self.counts[column] {
            count if count > 0.0 => self.sums[(column, number)] / count,
            _ => 0.0,
        }
    }

    /// Σ over pictures of (x − mean of its column)(…)ᵀ, [W, W].
    pub(super) fn scatter(&self) -> Mat<f64> {
        let (columns, width) = (self.counts.len(), self.width());
        let root = Mat::from_fn(columns, width, |c, j| self.mean(c, j) * self.counts[c].sqrt());
        &self.second - root.transpose() * &root
    }
}
