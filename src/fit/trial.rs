//! Every candidate's word on every picture, each time computed without the picture's fold.

use super::basis::{Basis, Gram};
use super::discriminant::{Discriminant, Kind};
use super::rows::Rows;
use super::sums::Sums;
use faer::Mat;

/// The shrinkages that are tried.
const SHRINKAGES: [f64; 6] = [0.1, 0.3, 0.6, 0.8, 0.9, 0.95];

/// A picture as a fit takes it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    /// The logit columns of which any is right.
    pub target: Vec<usize>,
    pub fold: usize,
    /// φ, the numbers that the evidence holds.
    pub features: Vec<f64>,
    pub logits: Vec<f64>,
}

/// Evidence and pictures, ready to give posteriors.
pub(super) struct Trial {
    basis: Basis,
    /// The pooled features alone, unscaled; `None` where φ has none.
    plain: Option<Basis>,
    grams: Vec<Gram>,
    pub candidates: Vec<Kind>,
    pub rows: Rows,
}

impl Trial {
    /// `evidence` sums φ alone; `pooled` counts the numbers in front that are pooled features.
    pub(super) fn new(evidence: &Sums, pictures: &[Row], owners: &[usize], pooled: usize) -> Trial {
        let columns: Vec<Vec<usize>> = pictures.iter().map(|p| p.target.clone()).collect();
        let matrix = |width: usize| Mat::from_fn(pictures.len(), width, |i, j| pictures[i].features[j]);
        let basis = Basis::new(evidence, &matrix(evidence.width()), columns.clone(), true);
        let plain = (pooled > 0).then(|| {
            let features: Vec<usize> = (0..pooled).collect();
            Basis::new(&evidence.select(&features), &matrix(pooled), columns, false)
        });
        let single = evidence.counts.iter().all(|&n| n <= 1.0) && pictures.is_empty();
        // Without any spread within labels all shrinkages are one.
        let shrinkages = if single { &SHRINKAGES[..1] } else { &SHRINKAGES[..] };
        let mut candidates: Vec<Kind> = shrinkages.iter().flat_map(|&s| [Kind::Lda(s), Kind::Ridge(s)]).collect();
        candidates.push(Kind::Diagonal);
        candidates.extend(plain.is_some().then_some(Kind::Cosine));
        let mut trial = Trial { basis, plain, grams: Vec::new(), candidates, rows: Rows::default() };
        trial.run(pictures, owners);
        trial
    }

    fn basis(&self, kind: Kind) -> &Basis {
        match &self.plain {
            Some(plain) if kind == Kind::Cosine => plain,
            _ => &self.basis,
        }
    }

    fn run(&mut self, pictures: &[Row], owners: &[usize]) {
        self.rows = Rows {
            owners: owners.to_vec(),
            targets: pictures.iter().map(|p| p.target.clone()).collect(),
            logits: pictures.iter().map(|p| p.logits.clone()).collect(),
            folds: pictures.iter().map(|p| p.fold).collect(),
            scores: Vec::new(),
            distances: Vec::new(),
        };
        let mut last = None;
        for &kind in &self.candidates {
            // LDA and ridge of one shrinkage share the factorisation.
            if last != Some(kind.shape()) {
                last = Some(kind.shape());
                self.grams.push(self.basis(kind).gram(kind.shape()));
            } else if let Some(gram) = self.grams.last() {
                let copy = Gram { products: gram.products.clone(), delta: gram.delta };
                self.grams.push(copy);
            }
        }
        for (&kind, gram) in self.candidates.iter().zip(&self.grams) {
            let mut scores = vec![Vec::new(); pictures.len()];
            let mut distances = vec![0.0; pictures.len()];
            for fold in 0..self.rows.fold_count() {
                let included: Vec<bool> = pictures.iter().map(|p| p.fold != fold).collect();
                let found = Discriminant::new(self.basis(kind), gram, kind, &included);
                for (row, _) in included.iter().enumerate().filter(|(_, included)| !**included) {
                    (scores[row], distances[row]) = found.scores(gram, row);
                }
            }
            self.rows.scores.push(scores);
            self.rows.distances.push(distances);
        }
    }

    /// A candidate computed from everything.
    pub(super) fn whole(&self, candidate: usize) -> (&Basis, Discriminant) {
        let (kind, gram) = (self.candidates[candidate], &self.grams[candidate]);
        let basis = self.basis(kind);
        (basis, Discriminant::new(basis, gram, kind, &vec![true; basis.pictures()]))
    }

    /// The candidates that fulfil a condition, by place.
    pub(super) fn places(&self, wanted: impl Fn(Kind) -> bool) -> Vec<usize> {
        (0..self.candidates.len()).filter(|&c| wanted(self.candidates[c])).collect()
    }
}
