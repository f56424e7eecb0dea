//! Predictions sorted by image, in 64 bits, with each image's top label.

use super::predictions::{Prediction, Predictions};
use crate::error::Result;
use crate::rule::softmax::softmax;
use crate::statistics::{largest, Resamples};

pub(super) struct Prepared<'a> {
    pub checked: &'a Predictions,
    pub images: Vec<&'a Prediction>,
    /// [image][label]
    pub probabilities: Vec<Vec<f64>>,
    /// [image]: the index of the label with the largest probability.
    pub top: Vec<usize>,
    /// [label]: the heads that have it.
    pub owners: Vec<Vec<usize>>,
    pub resamples: Resamples,
    pub seed: u64,
}

impl<'a> Prepared<'a> {
    pub fn new(checked: &'a Predictions, seed: u64) -> Result<Prepared<'a>> {
        let images = checked.sorted()?;
        let strata: Vec<usize> = images.iter().map(|p| p.label).collect();
        let probabilities: Vec<Vec<f64>> = images.iter().map(|p| doubles(&p.probabilities)).collect();
        Ok(Prepared {
            checked,
            resamples: Resamples::new(&strata, seed),
            top: probabilities.iter().map(|p| largest(p.iter().copied()).unwrap_or_default()).collect(),
            owners: (0..checked.labels.len()).map(|label| checked.owners(label)).collect(),
            probabilities,
            images,
            seed,
        })
    }

    /// [image]: the logits of one head.
    pub fn logits(&self, head: usize) -> Vec<Vec<f64>> {
        let range = self.checked.logits(head);
        self.images.iter().map(|p| doubles(&p.logits[range.clone()])).collect()
    }

    /// [image]: whether it belongs to the head.
    pub fn own(&self, head: usize) -> Vec<bool> {
        self.images.iter().map(|p| p.heads.contains(&head)).collect()
    }

    /// The number of images per label.
    pub fn counts(&self) -> Vec<usize> {
        let mut counts = vec![0; self.checked.labels.len()];
        for image in &self.images {
            counts[image.label] += 1;
        }
        counts
    }

    /// Whether the label belongs to a head of the image.
    pub fn in_own_head(&self, image: usize, label: usize) -> bool {
        self.owners[label].iter().any(|head| self.images[image].heads.contains(head))
    }

    /// [head][logit] of an image: softmax within each head.
    pub fn within(&self, image: usize) -> Vec<Vec<f64>> {
        let logits = &self.images[image].logits;
        (0..self.checked.heads.len()).map(|h| softmax(&doubles(&logits[self.checked.logits(h)]))).collect()
    }
}

pub(super) fn doubles(numbers: &[f32]) -> Vec<f64> {
    numbers.iter().map(|&v| f64::from(v)).collect()
}
