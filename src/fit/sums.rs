//! Counts, sums and second moments per logit column, as matrices.

use crate::evidence::Evidence;
use faer::Mat;

/// Sums over images; W numbers per image, C logit columns.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    /// [C]
    pub counts: Vec<f64>,
    /// [C, W]
    pub sums: Mat<f64>,
    /// Σ x xᵀ over all images, [W, W].
    pub second: Mat<f64>,
}

impl Sums {
    /// The sums of evidence: φ, then the logits.
    pub(super) fn of(evidence: &Evidence) -> Sums {
        let (columns, width) = (evidence.counts().len(), evidence.width());
        let mut second = Mat::zeros(width, width);
        let mut packed = evidence.second_moment().iter();
        for i in 0..width {
            for (j, &value) in (i..width).zip(&mut packed) {
                second[(i, j)] = value;
                second[(j, i)] = value;
            }
        }
        Sums {
            counts: evidence.counts().iter().map(|&n| n as f64).collect(),
            sums: Mat::from_fn(columns, width, |c, j| evidence.sum(c)[j]),
            second,
        }
    }

    /// The sums without those of a part.
    pub(super) fn without(&self, part: &Sums) -> Sums {
        Sums {
            counts: self.counts.iter().zip(&part.counts).map(|(a, b)| a - b).collect(),
            sums: &self.sums - &part.sums,
            second: &self.second - &part.second,
        }
    }

    pub(super) fn zeros(columns: usize, width: usize) -> Sums {
        Sums { counts: vec![0.0; columns], sums: Mat::zeros(columns, width), second: Mat::zeros(width, width) }
    }

    pub(super) fn width(&self) -> usize {
        self.sums.ncols()
    }

    /// The number of images; an image that counts for several columns is counted once per column.
    pub(super) fn total(&self) -> f64 {
        self.counts.iter().sum()
    }

    /// The sums of some of the numbers.
    pub(super) fn select(&self, numbers: &[usize]) -> Sums {
        let (columns, width) = (self.counts.len(), numbers.len());
        Sums {
            counts: self.counts.clone(),
            sums: Mat::from_fn(columns, width, |c, j| self.sums[(c, numbers[j])]),
            second: Mat::from_fn(width, width, |i, j| self.second[(numbers[i], numbers[j])]),
        }
    }

    /// The mean of a column's images; 0 without images.
    pub(super) fn mean(&self, column: usize, number: usize) -> f64 {
        match self.counts[column] {
            count if count > 0.0 => self.sums[(column, number)] / count,
            _ => 0.0,
        }
    }

    /// Σ over images of (x − mean of its column)(…)ᵀ, [W, W].
    pub(super) fn scatter(&self) -> Mat<f64> {
        let (columns, width) = (self.counts.len(), self.width());
        let root = Mat::from_fn(columns, width, |c, j| self.mean(c, j) * self.counts[c].sqrt());
        &self.second - root.transpose() * &root
    }
}
