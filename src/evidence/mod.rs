//! Sufficient statistics of labelled images, which add up across authors, runs and machines.
//!
//! ψ = [φ | logits] is the vector that a merged model computes of an image: the chosen features, then the logits of
//! all heads. Evidence contains, per column (the label of a logit), the number of its images and Σψ over them, and
//! one Σψψᵀ over all images. Means, the within-class scatter and the statistics of the logits follow from these.
//!
//! It contains no image. The README lists what can be inferred from it.
//!
#![doc = include_str!("README.md")]

mod builder;
mod folds;
mod format;
mod summary;
mod sums;

pub use builder::EvidenceBuilder;
pub use folds::fold;
pub use format::{bytes, Storage};

use crate::error::{ErrorKind, Result};
use crate::features::{
    check_finite, ExtractedFeatures, FeatureExtractor, FeatureLayout, FeatureRange, ModelId, Pooling,
};
use crate::labels::HeadLabels;
use sums::Sums;

/// Sums over images of one merged model.
#[derive(Clone, Debug)]
pub struct Evidence {
    fingerprint: String,
    layout: FeatureLayout,
    heads: Vec<HeadLabels>,
    sums: Sums,
    /// The same sums in disjoint folds, if they are stored.
    folds: Vec<Evidence>,
    /// The number of features per image, and the indices of the summed ones.
    observed: usize,
    places: Vec<usize>,
}

impl Evidence {
    /// Evidence without images, for the features of these kinds.
    pub fn empty(extractor: &FeatureExtractor, pools: &[Pooling]) -> Evidence {
        let layout = extractor.layout().only(pools);
        let places = layout.columns(extractor.layout()).unwrap_or_default();
        let observed = extractor.layout().width();
        Evidence {
            observed,
            places,
            ..Evidence::of(extractor.fingerprint().to_string(), layout, extractor.heads().to_vec())
        }
    }

    /// Evidence without images, for images with exactly the features of `layout`.
    fn of(fingerprint: String, layout: FeatureLayout, heads: Vec<HeadLabels>) -> Evidence {
        let columns = heads.iter().map(|h| h.labels.len()).sum();
        let sums = Sums::empty(layout.width() + columns, columns);
        Evidence::with_sums(fingerprint, layout, heads, sums)
    }

    fn with_sums(fingerprint: String, layout: FeatureLayout, heads: Vec<HeadLabels>, sums: Sums) -> Evidence {
        let observed = layout.width();
        Evidence { fingerprint, layout, heads, sums, folds: Vec::new(), observed, places: (0..observed).collect() }
    }

    /// Adds an image to the label of the logit `column`.
    ///
    /// An image of a merged label counts for each of its columns: call it once per column. The result has no folds;
    /// [`of_folds`](Self::of_folds) makes them.
    ///
    /// # Errors
    /// `different-observation` if the column, the features or the logits do not match; `not-finite` for a number
    /// that is not finite.
    pub fn add_example(&mut self, column: usize, observation: &ExtractedFeatures) -> Result<()> {
        self.add_examples(&[(column, observation)])
    }

    /// As [`add_example`](Self::add_example) for several images in their order, with the same result, but faster; on
    /// an error, none is added.
    ///
    /// # Errors
    /// As [`add_example`](Self::add_example).
    pub fn add_examples(&mut self, examples: &[(usize, &ExtractedFeatures)]) -> Result<()> {
        let rows = examples.iter().map(|(column, observation)| Ok((*column, self.row(*column, observation)?)));
        let rows = rows.collect::<Result<Vec<_>>>()?;
        self.folds.clear();
        self.sums.add_rows(&rows);
        Ok(())
    }

    /// The vector ψ of an image.
    fn row(&self, column: usize, observation: &ExtractedFeatures) -> Result<Vec<f64>> {
        let ExtractedFeatures { features, logits } = observation;
        let columns = self.sums.counts.len();
        let found = [("features", self.observed, features.len()), ("logits", columns, logits.len())];
        if let Some(&(what, expected, found)) = found.iter().find(|(_, expected, found)| expected != found) {
            return Err(ErrorKind::DifferentObservation { what, expected, found }.into());
        }
        if column >= columns {
            let (what, expected, found) = ("labels or fewer before its own", columns - 1, column);
            return Err(ErrorKind::DifferentObservation { what, expected, found }.into());
        }
        let row = || self.places.iter().map(|&place| &features[place]).chain(logits);
        check_finite(&self.fingerprint, "an observation of an image", row())?;
        Ok(row().map(|&v| f64::from(v)).collect())
    }

    /// The sum of all evidence; `None` without any.
    ///
    /// # Errors
    /// As [`add`](Self::add), and the errors in `all`.
    pub fn sum_of(all: impl IntoIterator<Item = Result<Evidence>>) -> Result<Option<Evidence>> {
        all.into_iter().try_fold(None, |sum: Option<Evidence>, next| {
            let next = next?;
            Ok(Some(match sum {
                Some(sum) => sum.add(&next)?,
                None => next,
            }))
        })
    }

    /// The evidence of both sets of images. Folds are kept if both have the same number.
    ///
    /// # Errors
    /// `different-evidence` if the models, features or labels differ.
    pub fn add(&self, other: &Evidence) -> Result<Evidence> {
        self.check_same(other)?;
        let mut both = Evidence { folds: folds::add(self, other)?, sums: self.sums.clone(), ..self.bare() };
        both.sums.add(&other.sums);
        Ok(both)
    }

    fn check_same(&self, other: &Evidence) -> Result<()> {
        let layout = |e: &Evidence| {
            let section = |s: &FeatureRange| format!("{} {:?} of {}", s.width, s.pool, s.value).to_lowercase();
            e.layout.0.iter().map(section).collect::<Vec<_>>().join(", ")
        };
        let heads = |e: &Evidence| {
            let head = |h: &HeadLabels| format!("{} ({})", h.name, h.labels.join(", "));
            e.heads.iter().map(head).collect::<Vec<_>>().join(", ")
        };
        let differs = |field, expected, found| Err(ErrorKind::DifferentEvidence { field, expected, found }.into());
        if self.fingerprint != other.fingerprint {
            return differs("model fingerprint", self.fingerprint.clone(), other.fingerprint.clone());
        }
        // Equal fingerprints are the same computation, whatever the names of the values in a file.
        if self.layout.kinds() != other.layout.kinds() {
            return differs("features", layout(self), layout(other));
        }
        if self.heads != other.heads {
            return differs("heads", heads(self), heads(other));
        }
        Ok(())
    }

    /// The same description without images.
    fn bare(&self) -> Evidence {
        let Evidence { fingerprint, layout, heads, observed, places, .. } = self;
        let (observed, places) = (*observed, places.clone());
        Evidence { observed, places, ..Evidence::of(fingerprint.clone(), layout.clone(), heads.clone()) }
    }

    /// The fingerprint of the model ([`FeatureExtractor::fingerprint`]).
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// The model of the evidence.
    pub fn model(&self) -> ModelId<'_> {
        ModelId { fingerprint: &self.fingerprint, heads: &self.heads, layout: &self.layout }
    }

    /// The layout of the features φ in ψ.
    pub fn layout(&self) -> &FeatureLayout {
        &self.layout
    }

    /// All heads of the model, in the order of the logits.
    pub fn heads(&self) -> &[HeadLabels] {
        &self.heads
    }

    /// W: the features, then the logits of all heads.
    pub fn width(&self) -> usize {
        self.sums.width
    }

    /// For each logit the number of images of its label.
    pub fn counts(&self) -> &[u64] {
        &self.sums.counts
    }

    /// Σ_c n_c: an image that counts for two columns is counted twice.
    pub fn total(&self) -> u64 {
        self.counts().iter().sum()
    }

    /// Σψ \[W\] over the images of the label of a logit.
    ///
    /// # Panics
    /// If there is no such logit.
    pub fn sum(&self, column: usize) -> &[f64] {
        self.sums.sum(column)
    }

    /// Σψψᵀ over all images, [W, W]: the upper triangle, row by row from the diagonal on.
    pub fn second_moment(&self) -> &[f64] {
        &self.sums.moment
    }

    /// The within-class scatter Σψψᵀ − Σ_c n_c μ_c μ_cᵀ, [W, W], row-major, symmetric.
    pub fn scatter(&self) -> Vec<f64> {
        let width = self.width();
        let mut whole = vec![0.0; width * width];
        let mut packed = self.sums.scatter().into_iter();
        for row in 0..width {
            for (column, value) in (row..width).zip(&mut packed) {
                whole[row * width + column] = value;
                whole[column * width + row] = value;
            }
        }
        whole
    }
}
