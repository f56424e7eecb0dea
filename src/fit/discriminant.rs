//! Computes closed-form posteriors: LDA, diagonal LDA, cosine prototypes, ridge regression.

use super::basis::{Basis, GramMatrix, Shape};
use super::low_rank_update::Additions;
use crate::features::Pooling;
use crate::rule::{Posterior, LEAST_LENGTH};
use faer::{Mat, Side};

/// A kind of posterior.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    /// LDA with the regularised covariance (Fisher 1936; one covariance for all labels).
    Lda(f64),
    /// LDA with the diagonal of the covariance.
    Diagonal,
    /// cos(φ − mean, mean of the label − mean), on the pooled features only.
    Cosine,
    /// Least squares to one indicator per label with a penalty (Hoerl & Kennard 1970), with the same regularised
    /// covariance.
    Ridge(f64),
    /// Multinomial logistic regression; not in closed form.
    Logistic,
}

/// The shrinkage of a diagonal to its mean.
const DIAGONAL: f64 = 0.3;

impl Kind {
    pub(super) fn shape(self) -> Shape {
        match self {
            Kind::Lda(shrinkage) | Kind::Ridge(shrinkage) => Shape::Full(shrinkage),
            Kind::Diagonal => Shape::Diagonal(DIAGONAL),
            Kind::Cosine | Kind::Logistic => Shape::Identity,
        }
    }

    /// The shrinkage, if the kind has one.
    pub(super) fn shrinkage(self) -> Option<f64> {
        match self.shape() {
            Shape::Full(shrinkage) | Shape::Diagonal(shrinkage) => Some(shrinkage),
            Shape::Identity => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Lda(_) => "lda",
            Kind::Diagonal => "diagonal",
            Kind::Cosine => "cosine",
            Kind::Ridge(_) => "ridge",
            Kind::Logistic => "logistic",
        }
    }
}

/// A posterior in the coordinates of a basis.
pub(super) struct Discriminant {
    kind: Kind,
    /// The point that is subtracted from features, as a combination of V.
    origin: Vec<f64>,
    /// Σ⁻¹ times the directions whose products are the scores, as combinations of A⁻¹·V, [B, C].
    solved: Mat<f64>,
    /// G·solved, [B, C]: products of every vector of V with the directions.
    products: Mat<f64>,
    /// directionsᵀ·Σ⁻¹·directions, [C, C].
    among: Mat<f64>,
    offsets: Vec<f64>,
    /// Pseudo-inverse of `among`.
    inverse: Mat<f64>,
}

impl Discriminant {
    /// Computes the posterior from the evidence and the `included` images.
    pub(super) fn new(basis: &Basis, gram: &GramMatrix, kind: Kind, included: &[bool]) -> Discriminant {
        let means = Means::of(basis, included);
        let ridge = matches!(kind, Kind::Ridge(_));
        let (origin, directions) = if ridge { means.targets() } else { means.shrunk() };
        let directions = if ridge { directions * faer::Scale(means.weight(gram)) } else { directions };
        let additions = if gram.delta > 0.0 { means.additions(ridge) } else { Additions::default() };
        let solved = additions.solve(gram, &directions);
        let products = &gram.products * &solved;
        let among = directions.transpose() * &products;
        let origin_products = combination(&origin, &products);
        // Products with x − origin: subtract the products of the origin once.
        let labels = directions.ncols();
        let offsets = match kind {
            Kind::Ridge(_) => (0..labels).map(|c| means.share(c)).collect(),
            Kind::Cosine | Kind::Logistic => vec![0.0; labels],
            Kind::Lda(_) | Kind::Diagonal => (0..labels).map(|c| -0.5 * among[(c, c)]).collect(),
        };
        let mut products = products;
        for b in 0..products.nrows() {
            for c in 0..labels {
                products[(b, c)] -= origin_products[c];
            }
        }
        let inverse = pseudo_inverse(&among);
        Discriminant { kind, origin, solved, products, among, offsets, inverse }
    }

    /// The scores of an image of the basis, and its distance to the nearest label's mean.
    pub(super) fn scores(&self, gram: &GramMatrix, image: usize) -> (Vec<f64>, f64) {
        let labels = self.offsets.len();
        let products: Vec<f64> = (0..labels).map(|c| self.products[(image, c)]).collect();
        if self.kind == Kind::Cosine {
            let length = self.length(gram, image);
            let norm = |c: usize| norm_of(self.among[(c, c)]);
            let scores: Vec<f64> = (0..labels).map(|c| products[c] / (norm(c) * length)).collect();
            let nearest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            return (scores, 1.0 - nearest);
        }
        let scores: Vec<f64> = products.iter().zip(&self.offsets).map(|(p, o)| p + o).collect();
        if matches!(self.kind, Kind::Ridge(_)) {
            return (scores, 0.0);
        }
        let inside: f64 = (0..labels)
            .map(|a| (0..labels).map(|b| products[a] * self.inverse[(a, b)] * products[b]).sum::<f64>())
            .sum();
        let nearest = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        (scores, (inside - 2.0 * nearest).max(0.0).sqrt())
    }

    /// The length of an image − origin.
    fn length(&self, gram: &GramMatrix, image: usize) -> f64 {
        let size = self.origin.len();
        let own: Vec<f64> = (0..size).map(|b| f64::from(u8::from(b == image)) - self.origin[b]).collect();
        let square: f64 = (0..size)
            .filter(|&a| own[a] != 0.0)
            .map(|a| (0..size).map(|b| own[a] * gram.products[(a, b)] * own[b]).sum::<f64>())
            .sum();
        norm_of(square)
    }

    /// The posterior on φ, with its scores multiplied by `sharpness`; `solved` is A⁻¹·V of the basis.
    pub(super) fn posterior(&self, basis: &Basis, solved: &Mat<f64>, pools: &[Pooling], sharpness: f64) -> Posterior {
        let weights = basis.weights(solved, &self.solved);
        let (width, labels) = (weights.nrows(), weights.ncols());
        let (pools, unit) = (pools.to_vec(), self.kind == Kind::Cosine);
        let mean = basis.point(&self.origin).iter().map(|&v| v as f32).collect();
        let narrow = |m: &Mat<f64>, factor: f64| -> Vec<f32> {
            (0..m.nrows()).flat_map(|r| (0..m.ncols()).map(move |c| (r, c))).map(|at| (m[at] * factor) as f32).collect()
        };
        match self.kind {
            Kind::Ridge(_) | Kind::Cosine | Kind::Logistic => {
                let norm = |c: usize| if unit { norm_of(self.among[(c, c)]) } else { 1.0 };
                let rows = Mat::from_fn(labels, width, |c, j| weights[(j, c)] / norm(c));
                let identity = Mat::from_fn(labels, labels, |a, b| f64::from(u8::from(a == b)));
                let offsets = self.offsets.iter().map(|o| (o * sharpness) as f32).collect();
                let projection = narrow(&rows, sharpness);
                Posterior { pools, mean, unit, projection, prototypes: narrow(&identity, 1.0), offsets }
            }
            Kind::Lda(_) | Kind::Diagonal => {
                // among = E·diag(e)·Eᵀ: coordinates P = e^(−½)·Eᵀ·weightsᵀ·x, prototypes E·e^½.
                let (values, vectors) = eigen(&self.among);
                let kept: Vec<usize> = significant(&values);
                if kept.is_empty() {
                    // All labels have equal means.
                    let (projection, prototypes) = (vec![0.0; width], vec![0.0; labels]);
                    return Posterior { pools, mean, unit, projection, prototypes, offsets: vec![0.0; labels] };
                }
                let root = sharpness.sqrt();
                let mixed = Mat::from_fn(labels, kept.len(), |c, k| vectors[(c, kept[k])] / values[kept[k]].sqrt());
                let projection = (&weights * &mixed).transpose().to_owned();
                let prototypes =
                    Mat::from_fn(labels, kept.len(), |c, k| vectors[(c, kept[k])] * values[kept[k]].sqrt());
                let half = |c: usize| (0..kept.len()).map(|k| prototypes[(c, k)].powi(2)).sum::<f64>() * -0.5;
                let offsets = (0..labels).map(|c| (half(c) * sharpness) as f32).collect();
                let (projection, prototypes) = (narrow(&projection, root), narrow(&prototypes, root));
                Posterior { pools, mean, unit, projection, prototypes, offsets }
            }
        }
    }
}

/// The length of a vector from its square, with the minimum of rules in files.
fn norm_of(square: f64) -> f64 {
    square.max(0.0).sqrt().max(f64::from(LEAST_LENGTH))
}

/// Means of labels as combinations of V.
struct Means<'a> {
    basis: &'a Basis,
    size: usize,
    /// For each column its included images.
    members: Vec<Vec<usize>>,
    /// The number of images in evidence and images together.
    counts: Vec<f64>,
}

impl<'a> Means<'a> {
    fn of(basis: &'a Basis, included: &[bool]) -> Means<'a> {
        let mut members = vec![Vec::new(); basis.known.len()];
        for (image, columns) in basis.columns.iter().enumerate().filter(|(p, _)| included[*p]) {
            columns.iter().for_each(|&c| members[c].push(image));
        }
        let counts = basis.known.iter().zip(&members).map(|(k, m)| k + m.len() as f64).collect();
        Means { basis, size: basis.images() + basis.known.len(), members, counts }
    }

    fn share(&self, column: usize) -> f64 {
        self.counts[column] / self.counts.iter().sum::<f64>().max(1.0)
    }

    /// The mean of a column; `None` without images.
    fn mean(&self, column: usize) -> Option<Vec<f64>> {
        let count = self.counts[column];
        (count > 0.0).then(|| {
            let mut mean = vec![0.0; self.size];
            self.members[column].iter().for_each(|&p| mean[p] += 1.0 / count);
            mean[self.basis.images() + column] += self.basis.known[column] / count;
            mean
        })
    }

    /// The centre of the means, and the difference of each mean from it, shrunk by n/(n + 1) for n images: the
    /// posterior mean under a normal prior that counts as one image.
    fn shrunk(&self) -> (Vec<f64>, Mat<f64>) {
        let means: Vec<Option<Vec<f64>>> = (0..self.counts.len()).map(|c| self.mean(c)).collect();
        let there = means.iter().flatten().count().max(1) as f64;
        let origin: Vec<f64> =
            (0..self.size).map(|b| means.iter().flatten().map(|m| m[b]).sum::<f64>() / there).collect();
        let ways = Mat::from_fn(self.size, means.len(), |b, c| means[c].as_ref().map_or(0.0, |m| m[b] - origin[b]));
        let largest = self.counts.iter().copied().fold(0.0, f64::max);
        // Relative to the label with the most images: the inverse temperature covers a common factor.
        let factor = |c: usize| match self.counts[c] {
            count if count > 0.0 => count / (count + SHRINK) * (largest + SHRINK) / largest,
            _ => 0.0,
        };
        let shrunk = Mat::from_fn(self.size, means.len(), |b, c| ways[(b, c)] * factor(c));
        (origin, shrunk)
    }

    /// The weighted centre, and share_c·(mean_c − centre): the covariance of features and labels.
    fn targets(&self) -> (Vec<f64>, Mat<f64>) {
        let means: Vec<Option<Vec<f64>>> = (0..self.counts.len()).map(|c| self.mean(c)).collect();
        let weighted =
            |b: usize| means.iter().enumerate().filter_map(|(c, m)| Some(m.as_ref()?[b] * self.share(c))).sum();
        let origin: Vec<f64> = (0..self.size).map(weighted).collect();
        let way = |b: usize, c: usize| means[c].as_ref().map_or(0.0, |m| self.share(c) * (m[b] - origin[b]));
        let ways = Mat::from_fn(self.size, means.len(), way);
        (origin, ways)
    }

    /// The factor of the covariance, chosen so that δ times the scatter is its unshrunk part and the offsets are
    /// those of least squares too.
    fn weight(&self, gram: &GramMatrix) -> f64 {
        gram.delta * self.counts.iter().sum::<f64>().max(1.0)
    }

    /// U: the contribution of the included images to the scatter within labels; for ridge also the scatter between
    /// labels.
    fn additions(&self, between: bool) -> Additions {
        let mut columns = Vec::new();
        let first = self.basis.images();
        for (column, members) in self.members.iter().enumerate() {
            let count = members.len() as f64;
            for &member in members {
                let middle = members.iter().map(|&p| (p, -1.0 / count));
                columns.push(middle.chain([(member, 1.0)]).collect());
            }
            let known = self.basis.known[column];
            if known > 0.0 && count > 0.0 {
                let weight = (known * count / (known + count)).sqrt();
                let middle = members.iter().map(|&p| (p, -weight / count));
                columns.push(middle.chain([(first + column, weight)]).collect());
            }
        }
        if between {
            let (middle, _) = self.targets();
            for column in 0..self.counts.len() {
                if let Some(mean) = self.mean(column) {
                    let root = self.counts[column].sqrt();
                    columns.push(mean.iter().zip(&middle).map(|(m, o)| root * (m - o)).enumerate().collect());
                }
            }
        }
        Additions(columns)
    }
}

/// The number of images of a label that weigh as much as the centre of all labels.
const SHRINK: f64 = 1.0;

/// coefficientsᵀ·matrix.
fn combination(coefficients: &[f64], matrix: &Mat<f64>) -> Vec<f64> {
    (0..matrix.ncols()).map(|c| (0..matrix.nrows()).map(|b| coefficients[b] * matrix[(b, c)]).sum()).collect()
}

/// Eigenvalues and eigenvectors (columns) of a symmetric matrix.
fn eigen(matrix: &Mat<f64>) -> (Vec<f64>, Mat<f64>) {
    match matrix.self_adjoint_eigen(Side::Lower) {
        Ok(found) => (found.S().column_vector().iter().copied().collect(), found.U().to_owned()),
        Err(_) => (vec![0.0; matrix.nrows()], Mat::identity(matrix.nrows(), matrix.nrows())),
    }
}

fn significant(values: &[f64]) -> Vec<usize> {
    let largest = values.iter().copied().fold(0.0, f64::max);
    (0..values.len()).filter(|&k| values[k] > 1e-9 * largest && values[k] > 0.0).collect()
}

fn pseudo_inverse(matrix: &Mat<f64>) -> Mat<f64> {
    let (values, vectors) = eigen(matrix);
    let kept = significant(&values);
    let scaled = Mat::from_fn(matrix.nrows(), kept.len(), |a, k| vectors[(a, kept[k])] / values[kept[k]]);
    let plain = Mat::from_fn(matrix.nrows(), kept.len(), |a, k| vectors[(a, kept[k])]);
    scaled * plain.transpose()
}
