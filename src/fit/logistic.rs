//! Multinomial logistic regression on the features with an L2 penalty.
//!
//! The weights are in the span of the images, so they are fitted in its coordinates: Z = U·√e with X·Xᵀ = U·e·Uᵀ, in
//! which the penalty is still a sum of squares.

use super::lbfgs::{minimise_from, Family, Prior};
use super::sample::Sample;
use crate::features::Pooling;
use crate::rule::Posterior;
use faer::{Mat, Side};

/// Strength of the penalty, in nats, on features of standard deviation 1/√D: the middle of the range in which it
/// matters little.
pub(super) const PENALTY: f64 = 0.1;
/// The maximum number of images: more cost more than they improve.
const MOST: usize = 1500;

/// Images in the coordinates of their span.
pub(super) struct Logistic {
    /// [D]
    centre: Vec<f64>,
    scale: Vec<f64>,
    /// [N, D], centred and scaled.
    images: Mat<f64>,
    /// U·e^(−½), [N, R].
    back: Mat<f64>,
    /// Z, [N, R].
    coordinates: Mat<f64>,
    logits: Vec<Vec<f64>>,
    targets: Vec<Vec<usize>>,
}

struct Joint<'a> {
    coordinates: &'a Mat<f64>,
    chosen: &'a [usize],
    columns: usize,
    targets: Vec<&'a [usize]>,
}

/// Weights of a logistic head: [R + 1, C], the last row the offsets.
pub(super) struct SoftmaxHead(Mat<f64>);

impl Family for Joint<'_> {
    fn scores(&self, parameters: &[f64]) -> Vec<Vec<f64>> {
        let rank = self.coordinates.ncols();
        let weights = Mat::from_fn(rank, self.columns, |r, c| parameters[r * self.columns + c]);
        let products = self.coordinates * &weights;
        let offset = rank * self.columns;
        let row = |&at: &usize| (0..self.columns).map(|c| products[(at, c)] + parameters[offset + c]).collect();
        self.chosen.iter().map(row).collect()
    }

    fn gradient(&self, residuals: &[Vec<f64>]) -> Vec<f64> {
        let rank = self.coordinates.ncols();
        let mut whole = Mat::<f64>::zeros(self.coordinates.nrows(), self.columns);
        let mut offsets = vec![0.0; self.columns];
        for (&at, residuals) in self.chosen.iter().zip(residuals) {
            for (c, residual) in residuals.iter().enumerate() {
                whole[(at, c)] += residual;
                offsets[c] += residual;
            }
        }
        let products = self.coordinates.transpose() * &whole;
        let weights = (0..rank).flat_map(|r| (0..self.columns).map(move |c| (r, c))).map(|at| products[at]);
        weights.chain(offsets).collect()
    }

    fn targets(&self) -> &[&[usize]] {
        &self.targets
    }
}

impl Logistic {
    /// Prepares images, centred and scaled as given; `None` if there are too few or too many.
    pub(super) fn new(images: &[&Sample], centre: &[f64], scale: &[f64]) -> Option<Logistic> {
        let (n, width) = (images.len(), centre.len());
        if !(2..=MOST).contains(&n) {
            return None;
        }
        let root = (width as f64).sqrt();
        let scale: Vec<f64> = scale.iter().map(|s| s * root).collect();
        let matrix = Mat::from_fn(n, width, |i, j| (images[i].features[j] - centre[j]) / scale[j]);
        let products = &matrix * matrix.transpose();
        let found = products.self_adjoint_eigen(Side::Lower).ok()?;
        let values: Vec<f64> = found.S().column_vector().iter().copied().collect();
        let largest = values.iter().copied().fold(0.0, f64::max);
        let kept: Vec<usize> = (0..n).filter(|&k| values[k] > 1e-10 * largest).collect();
        let scaled =
            |power: f64| Mat::from_fn(n, kept.len(), |i, k| found.U()[(i, kept[k])] * values[kept[k]].powf(power));
        Some(Logistic {
            centre: centre.to_vec(),
            scale,
            images: matrix,
            back: scaled(-0.5),
            coordinates: scaled(0.5),
            logits: images.iter().map(|p| p.logits.clone()).collect(),
            targets: images.iter().map(|p| p.target.clone()).collect(),
        })
    }

    /// The number of images.
    pub(super) fn len(&self) -> usize {
        self.targets.len()
    }

    /// Fits on some of the images, starting from the weights that reproduce the heads' logits most closely.
    pub(super) fn fit(&self, chosen: &[usize], penalty: f64) -> SoftmaxHead {
        let (rank, columns) = (self.coordinates.ncols(), self.logits.first().map_or(0, Vec::len));
        let logits = Mat::from_fn(chosen.len(), columns, |i, c| self.logits[chosen[i]][c]);
        let own = Mat::from_fn(chosen.len(), rank, |i, r| self.coordinates[(chosen[i], r)]);
        let products = own.transpose() * &logits;
        // The columns of Z are orthogonal over all images, and nearly so over most of them.
        let norm = |r: usize| (0..chosen.len()).map(|i| own[(i, r)].powi(2)).sum::<f64>() + penalty;
        let start = (0..rank).flat_map(|r| (0..columns).map(move |c| (r, c))).map(|(r, c)| products[(r, c)] / norm(r));
        let start: Vec<f64> = start.chain(vec![0.0; columns]).collect();
        let strength = [vec![penalty; rank * columns], vec![1e-3; columns]].concat();
        let prior = Prior { mean: vec![0.0; strength.len()], strength };
        let targets = chosen.iter().map(|&at| self.targets[at].as_slice()).collect();
        let joint = Joint { coordinates: &self.coordinates, chosen, columns, targets };
        let found = minimise_from(start, &joint, &prior, &[]);
        SoftmaxHead(Mat::from_fn(rank + 1, columns, |r, c| found[r * columns + c]))
    }

    /// The scores of one of the images.
    pub(super) fn scores(&self, head: &SoftmaxHead, image: usize) -> Vec<f64> {
        let rank = self.coordinates.ncols();
        let product = |c: usize| (0..rank).map(|r| self.coordinates[(image, r)] * head.0[(r, c)]).sum::<f64>();
        (0..head.0.ncols()).map(|c| product(c) + head.0[(rank, c)]).collect()
    }

    /// The head on φ, its scores multiplied by `sharpness`.
    pub(super) fn posterior(&self, head: &SoftmaxHead, pools: &[Pooling], sharpness: f64) -> Posterior {
        let (rank, columns) = (self.coordinates.ncols(), head.0.ncols());
        let inner = Mat::from_fn(rank, columns, |r, c| head.0[(r, c)]);
        let weights = self.images.transpose() * (&self.back * inner);
        let row = |c: usize| (0..self.centre.len()).map(move |j| (c, j));
        Posterior {
            pools: pools.to_vec(),
            mean: self.centre.iter().map(|&v| v as f32).collect(),
            unit: false,
            projection: (0..columns)
                .flat_map(row)
                .map(|(c, j)| (weights[(j, c)] / self.scale[j] * sharpness) as f32)
                .collect(),
            prototypes: (0..columns * columns).map(|at| f32::from(u8::from(at % (columns + 1) == 0))).collect(),
            offsets: (0..columns).map(|c| (head.0[(rank, c)] * sharpness) as f32).collect(),
        }
    }
}
