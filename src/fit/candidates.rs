//! Scores every image by every candidate posterior, without the image's own fold.

use super::basis::{Basis, GramMatrix};
use super::cv_scores::Rows;
use super::discriminant::{Discriminant, Kind};
use super::logistic::{Logistic, PENALTY};
use super::sample::Sample;
use super::sums::Sums;
use crate::features::Pooling;
use crate::rule::Posterior;
use faer::Mat;

/// The candidate shrinkages.
pub(super) const SHRINKAGES: &[f64] = &[0.1, 0.3, 0.6, 0.8, 0.9, 0.95];
/// The shrinkage that did well on all tested pairs of models, for fits that cannot compare shrinkages: on simulated
/// images, which follow the evidence's distribution, the least shrinkage always looks best.
pub(super) const ROBUST_SHRINKAGE: &[f64] = &[0.6];
/// The number of folds of the logistic head, which costs more than the closed forms.
const LOGISTIC_FOLDS: usize = 3;

/// Evidence and images, prepared for computing posteriors.
pub(super) struct Trial {
    basis: Basis,
    /// The pooled features alone, unscaled; `None` where φ has none.
    plain: Option<Basis>,
    logistic: Option<Logistic>,
    pub candidates: Vec<Kind>,
}

impl Trial {
    /// `evidence` contains sums of φ only; `pooled` is the number of pooled features, which come first in φ; `more`
    /// are images that the evidence includes already, for the candidates without a closed form.
    pub(super) fn new(evidence: &Sums, images: &[Sample], more: &[Sample], pooled: usize, shrinkages: &[f64]) -> Trial {
        let columns: Vec<Vec<usize>> = images.iter().map(|p| p.columns.clone()).collect();
        let matrix = |width: usize| Mat::from_fn(images.len(), width, |i, j| images[i].features[j]);
        let basis = Basis::new(evidence, &matrix(evidence.width()), columns.clone(), true);
        let plain = (pooled > 0).then(|| {
            let features: Vec<usize> = (0..pooled).collect();
            Basis::new(&evidence.select(&features), &matrix(pooled), columns, false)
        });
        let every: Vec<&Sample> = images.iter().chain(more).collect();
        // The logistic head needs every image: sums alone do not suffice.
        let whole = evidence.total() as usize <= more.iter().map(|r| r.columns.len()).sum();
        let logistic = whole.then(|| Logistic::new(&every, &basis.centre, &basis.scale)).flatten();
        let mut candidates: Vec<Kind> = shrinkages.iter().flat_map(|&s| [Kind::Lda(s), Kind::Ridge(s)]).collect();
        candidates.push(Kind::Diagonal);
        candidates.extend(plain.is_some().then_some(Kind::Cosine));
        candidates.extend(logistic.is_some().then_some(Kind::Logistic));
        Trial { basis, plain, logistic, candidates }
    }

    fn basis(&self, kind: Kind) -> &Basis {
        match &self.plain {
            Some(plain) if kind == Kind::Cosine => plain,
            _ => &self.basis,
        }
    }

    /// The images with every candidate's scores. With `crossed`, the scores of each image are computed from the
    /// evidence and the images of other folds, otherwise from the evidence alone.
    pub(super) fn rows(&self, images: &[Sample], owners: &[usize], crossed: bool) -> Rows {
        let mut rows = Rows::bare(images, owners);
        let mut last: Option<(super::basis::Shape, GramMatrix)> = None;
        for &kind in &self.candidates {
            if kind == Kind::Logistic {
                rows.scores.push(self.logistic_scores(images));
                rows.distances.push(vec![0.0; images.len()]);
                continue;
            }
            // LDA and ridge with equal shrinkage share the factorisation.
            let gram = match last.take() {
                Some((shape, gram)) if shape == kind.shape() => gram,
                _ => {
                    let basis = self.basis(kind);
                    basis.gram(kind.shape(), &basis.solved(kind.shape()))
                }
            };
            let mut scores = vec![Vec::new(); images.len()];
            let mut distances = vec![0.0; images.len()];
            for fold in 0..rows.fold_count() {
                let included: Vec<bool> = images.iter().map(|p| crossed && p.fold != fold).collect();
                let found = Discriminant::new(self.basis(kind), &gram, kind, &included);
                for (row, _) in images.iter().enumerate().filter(|(_, p)| p.fold == fold) {
                    (scores[row], distances[row]) = found.scores(&gram, row);
                }
            }
            rows.scores.push(scores);
            rows.distances.push(distances);
            last = Some((kind.shape(), gram));
        }
        rows
    }

    fn logistic_scores(&self, images: &[Sample]) -> Vec<Vec<f64>> {
        let Some(logistic) = &self.logistic else { return Vec::new() };
        let mut scores = vec![Vec::new(); images.len()];
        for part in 0..LOGISTIC_FOLDS {
            let held_out = |row: usize| images.get(row).is_some_and(|p| p.fold % LOGISTIC_FOLDS == part);
            let chosen: Vec<usize> = (0..logistic.len()).filter(|&row| !held_out(row)).collect();
            let head = logistic.fit(&chosen, PENALTY);
            for row in (0..images.len()).filter(|&row| held_out(row)) {
                scores[row] = logistic.scores(&head, row);
            }
        }
        scores
    }

    /// A candidate computed from all data, with its scores multiplied by `sharpness`.
    pub(super) fn posterior(&self, candidate: usize, pools: &[Pooling], sharpness: f64) -> Posterior {
        let kind = self.candidates[candidate];
        if let (Kind::Logistic, Some(logistic)) = (kind, &self.logistic) {
            let all: Vec<usize> = (0..logistic.len()).collect();
            return logistic.posterior(&logistic.fit(&all, PENALTY), pools, sharpness);
        }
        let basis = self.basis(kind);
        let solved = basis.solved(kind.shape());
        let gram = basis.gram(kind.shape(), &solved);
        let found = Discriminant::new(basis, &gram, kind, &vec![true; basis.images()]);
        let features = [Pooling::Features];
        found.posterior(basis, &solved, if kind == Kind::Cosine { &features } else { pools }, sharpness)
    }

    /// The indices of the candidates that satisfy a condition.
    pub(super) fn places(&self, wanted: impl Fn(Kind) -> bool) -> Vec<usize> {
        (0..self.candidates.len()).filter(|&c| wanted(self.candidates[c])).collect()
    }

    /// The candidates for a joint head.
    pub(super) fn joint(&self) -> Vec<usize> {
        self.places(|k| matches!(k, Kind::Lda(_) | Kind::Ridge(_) | Kind::Logistic))
    }

    /// The candidates with a prototype per label, for a gate.
    pub(super) fn prototypes(&self) -> Vec<usize> {
        self.places(|k| matches!(k, Kind::Lda(_) | Kind::Diagonal | Kind::Cosine))
    }

    /// The candidates whose distances measure how far an image is from the evidence.
    pub(super) fn measures(&self) -> Vec<usize> {
        self.places(|k| matches!(k, Kind::Lda(_)))
    }
}
