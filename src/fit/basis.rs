//! Computes discriminants in the basis of the given images and the labels' means from evidence.
//!
//! The regularised covariance is A + δ·U·Uᵀ: A contains the evidence's scatter and the shrinkage, U the contribution
//! of the given images to the scatter. With V = [images, means], every required number is an inner product of
//! combinations of V under the inverse, so after one factorisation of A and G = Vᵀ·A⁻¹·V every fold of a
//! cross-validation costs a matrix of the size of V (Woodbury's identity). Without evidence A is a multiple of the
//! identity, and no matrix as large as the features is factorised.

use super::sums::Sums;
use faer::linalg::solvers::Solve;
use faer::{Mat, Side};

/// The regularisation of the covariance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    /// (1 − shrinkage)·Σ + shrinkage·mean variance·I (Ledoit & Wolf 2004 in form; the shrinkage is chosen by NLL).
    Full(f64),
    /// The same with the diagonal of Σ.
    Diagonal(f64),
    /// The identity: plain inner products.
    Identity,
}

/// Images and means as columns of V, centred and scaled. Centre, scale, diagonal and mean variance are computed from
/// all images, including held-out ones: a held-out image contributes to the units, but to no mean.
pub(super) struct Basis {
    /// [D, B]: the images, then one mean per logit column.
    vectors: Mat<f64>,
    /// The subtracted centre and the divisor, [D] each.
    pub centre: Vec<f64>,
    pub scale: Vec<f64>,
    /// The logit columns of each image.
    pub columns: Vec<Vec<usize>>,
    /// The number of images of each column in the evidence.
    pub known: Vec<f64>,
    /// The evidence's scatter in scaled units; `None` without evidence.
    scatter: Option<Mat<f64>>,
    /// The diagonal of the scatter of evidence and images together, in scaled units.
    diagonal: Vec<f64>,
    freedom: f64,
    variance: f64,
}

/// The inner products of V under A⁻¹.
pub(super) struct GramMatrix {
    pub products: Mat<f64>,
    /// δ; 0 if the images do not contribute to the covariance.
    pub delta: f64,
}

impl Basis {
    /// `images` is [n, D]; `scaled` divides every number by its standard deviation.
    pub(super) fn new(evidence: &Sums, images: &Mat<f64>, columns: Vec<Vec<usize>>, scaled: bool) -> Basis {
        let (width, labels, n) = (evidence.width(), evidence.counts.len(), images.nrows());
        let mut counts = evidence.counts.clone();
        let mut sums = evidence.sums.clone();
        let mut squares: Vec<f64> = (0..width).map(|j| evidence.second[(j, j)]).collect();
        for (row, columns) in columns.iter().enumerate() {
            for &c in columns {
                counts[c] += 1.0;
                for j in 0..width {
                    sums[(c, j)] += images[(row, j)];
                    squares[j] += images[(row, j)].powi(2);
                }
            }
        }
        let all = Sums { counts, sums, second: Mat::zeros(0, 0) };
        let total = all.total().max(1.0);
        let there: Vec<usize> = (0..labels).filter(|&c| all.counts[c] > 0.0).collect();
        let centre: Vec<f64> = (0..width)
            .map(|j| there.iter().map(|&c| all.mean(c, j)).sum::<f64>() / there.len().max(1) as f64)
            .collect();
        let overall = |j: usize| (0..labels).map(|c| all.sums[(c, j)]).sum::<f64>() / total;
        let deviation = |j: usize| {
            let (square, variance) = (squares[j] / total, squares[j] / total - overall(j).powi(2));
            // A smaller variance is rounding.
            if variance > 1e-13 * square {
                variance.sqrt()
            } else {
                0.0
            }
        };
        let deviations: Vec<f64> = (0..width).map(deviation).collect();
        let scale = if scaled { scale(&deviations) } else { vec![1.0; width] };
        let within = |j: usize| {
            let between: f64 = there.iter().map(|&c| all.counts[c] * all.mean(c, j).powi(2)).sum();
            (squares[j] - between).max(0.0) / scale[j].powi(2)
        };
        let diagonal: Vec<f64> = (0..width).map(within).collect();
        let freedom = (total - there.len() as f64).max(1.0);
        let variance = diagonal.iter().sum::<f64>() / (freedom * width.max(1) as f64);
        // With one image per label, the spread is unknown.
        let variance = if variance > 1e-12 { variance } else { 1.0 };
        let mean = |c: usize, j: usize| if evidence.counts[c] > 0.0 { evidence.mean(c, j) - centre[j] } else { 0.0 };
        let vectors = Mat::from_fn(width, n + labels, |j, b| {
            (if b < n { images[(b, j)] - centre[j] } else { mean(b - n, j) }) / scale[j]
        });
        let scatter = (evidence.total() > 0.0).then(|| {
            let mut scatter = evidence.scatter();
            for i in 0..width {
                for j in 0..width {
                    scatter[(i, j)] /= scale[i] * scale[j];
                }
            }
            scatter
        });
        Basis { vectors, centre, scale, columns, known: evidence.counts.clone(), scatter, diagonal, freedom, variance }
    }

    /// The number of images, which precede the means.
    pub(super) fn images(&self) -> usize {
        self.columns.len()
    }

    /// δ of a shape.
    fn delta(&self, shape: Shape) -> f64 {
        match shape {
            Shape::Full(shrinkage) => (1.0 - shrinkage) / self.freedom,
            Shape::Diagonal(_) | Shape::Identity => 0.0,
        }
    }

    /// A⁻¹·V, [D, B].
    pub(super) fn solved(&self, shape: Shape) -> Mat<f64> {
        let diagonal = |f: &dyn Fn(usize) -> f64| {
            Mat::from_fn(self.vectors.nrows(), self.vectors.ncols(), |j, b| self.vectors[(j, b)] / f(j))
        };
        match (shape, &self.scatter) {
            (Shape::Identity, _) => self.vectors.clone(),
            (Shape::Full(shrinkage), None) => diagonal(&|_| shrinkage * self.variance),
            (Shape::Diagonal(shrinkage), _) => {
                diagonal(&|j| (1.0 - shrinkage) * self.diagonal[j] / self.freedom + shrinkage * self.variance)
            }
            (Shape::Full(shrinkage), Some(scatter)) => {
                let mut regular = scatter * faer::Scale((1.0 - shrinkage) / self.freedom);
                let floor = shrinkage * self.variance;
                for j in 0..regular.nrows() {
                    regular[(j, j)] += floor;
                }
                match regular.llt(Side::Lower) {
                    Ok(factor) => factor.solve(&self.vectors),
                    // Sums rounded to 32 bits can be slightly indefinite at the least shrinkage.
                    Err(_) => diagonal(&|j| regular[(j, j)].max(floor)),
                }
            }
        }
    }

    /// G of A⁻¹·V.
    pub(super) fn gram(&self, shape: Shape, solved: &Mat<f64>) -> GramMatrix {
        GramMatrix { products: self.vectors.transpose() * solved, delta: self.delta(shape) }
    }

    /// A⁻¹·V·coefficients in the features' own units, [D, K]: weights on φ − centre.
    pub(super) fn weights(&self, solved: &Mat<f64>, coefficients: &Mat<f64>) -> Mat<f64> {
        let mut weights = solved * coefficients;
        for j in 0..weights.nrows() {
            for k in 0..weights.ncols() {
                weights[(j, k)] /= self.scale[j];
            }
        }
        weights
    }

    /// The point of a combination of V, in the features' own units, [D].
    pub(super) fn point(&self, coefficients: &[f64]) -> Vec<f64> {
        let of = |j: usize| (0..self.vectors.ncols()).map(|b| self.vectors[(j, b)] * coefficients[b]).sum::<f64>();
        (0..self.centre.len()).map(|j| self.centre[j] + self.scale[j] * of(j)).collect()
    }
}

/// Standard deviations with a floor, so that nearly constant features do not count as much as others.
fn scale(deviations: &[f64]) -> Vec<f64> {
    let mut sorted: Vec<f64> = deviations.iter().copied().filter(|&d| d > 0.0).collect();
    sorted.sort_by(f64::total_cmp);
    let median = sorted.get(sorted.len() / 2).copied().unwrap_or(0.0);
    // The median of those that are not constant.
    let floor = if median > 0.0 { 0.1 * median } else { 1.0 };
    deviations.iter().map(|d| d + floor).collect()
}
