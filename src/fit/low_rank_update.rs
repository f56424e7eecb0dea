//! Applies low-rank updates to a factorised covariance (Woodbury).

use super::basis::GramMatrix;
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

/// U of A + δ·U·Uᵀ, each column a combination of a few of the vectors of V: their indices and coefficients.
#[derive(Clone, Debug, Default)]
pub(super) struct Additions(pub Vec<Vec<(usize, f64)>>);

impl Additions {
    /// (A + δ·U·Uᵀ)⁻¹ of combinations of V, as combinations of A⁻¹·V (Woodbury's identity).
    pub(super) fn solve(&self, gram: &GramMatrix, directions: &Mat<f64>) -> Mat<f64> {
        if self.0.is_empty() {
            return directions.clone();
        }
        let through = self.after(&gram.products);
        let mut small = self.before(&through);
        for u in 0..small.nrows() {
            small[(u, u)] += 1.0 / gram.delta;
        }
        let right = through.transpose() * directions;
        let Ok(factor) = small.llt(Side::Lower) else { return directions.clone() };
        let found = factor.solve(&right);
        let mut solved = directions.clone();
        for (u, column) in self.0.iter().enumerate() {
            for &(b, coefficient) in column {
                for c in 0..solved.ncols() {
                    solved[(b, c)] -= coefficient * found[(u, c)];
                }
            }
        }
        solved
    }

    /// matrix·U.
    fn after(&self, matrix: &Mat<f64>) -> Mat<f64> {
        let mut product = Mat::zeros(matrix.nrows(), self.0.len());
        for (u, column) in self.0.iter().enumerate() {
            let sum = product.col_as_slice_mut(u);
            for &(b, coefficient) in column {
                sum.iter_mut().zip(matrix.col_as_slice(b)).for_each(|(s, m)| *s += coefficient * m);
            }
        }
        product
    }

    /// Uᵀ·matrix.
    fn before(&self, matrix: &Mat<f64>) -> Mat<f64> {
        let mut product = Mat::zeros(self.0.len(), matrix.ncols());
        for v in 0..matrix.ncols() {
            let from = matrix.col_as_slice(v);
            let sums = product.col_as_slice_mut(v).iter_mut().zip(&self.0);
            sums.for_each(|(sum, column)| *sum = column.iter().map(|&(b, coefficient)| coefficient * from[b]).sum());
        }
        product
    }
}
