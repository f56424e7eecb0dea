//! A merged model's predictions for labelled images: the input of a check.

use crate::error::{ErrorKind, Result};
use crate::labels::{Activation, HeadLabels, Label};
use crate::rule::RuleKind;

/// A merged model's predictions for labelled images.
#[derive(Clone, Debug, Default)]
pub struct Predictions {
    /// The model's name, for messages.
    pub model: String,
    /// The combination rule that computed the probabilities.
    pub rule: RuleKind,
    /// In the order of the logits.
    pub heads: Vec<HeadLabels>,
    /// The merged labels, in the order of the probabilities.
    pub labels: Vec<Label>,
    /// For each logit the index of its merged label.
    pub members: Vec<usize>,
    /// In any order.
    pub images: Vec<Prediction>,
}

/// The prediction for one image.
#[derive(Clone, Debug, Default)]
pub struct Prediction {
    /// The image's name in the report.
    pub name: String,
    /// The SHA-256 of the image's bytes, in hexadecimal: images are evaluated in this order.
    pub sha256: String,
    /// The index of its right label among the merged labels.
    pub label: usize,
    /// The heads that the image belongs to: every head that has the label, or the one that was named.
    pub heads: Vec<usize>,
    /// The pooled features; empty if the heads share none.
    pub features: Vec<f32>,
    /// ΣC: the logits of all heads, before any rule.
    pub logits: Vec<f32>,
    /// L, 0 to 1.
    pub probabilities: Vec<f32>,
    /// H, 0 to 1; `None` with sigmoid heads.
    pub head_probabilities: Option<Vec<f32>>,
    /// The probability that none of the labels is right, if the rule computes it.
    pub none: Option<f32>,
    /// H: the log-probability of each head by a fitted gate; without one, the head probabilities are the gate.
    pub gate: Option<Vec<f32>>,
}

impl Predictions {
    /// The heads that have the merged label at this index.
    pub fn owners(&self, label: usize) -> Vec<usize> {
        (0..self.heads.len()).filter(|&h| self.members[self.logits(h)].contains(&label)).collect()
    }

    /// The range of a head's logits.
    pub fn logits(&self, head: usize) -> std::ops::Range<usize> {
        let start = self.heads[..head].iter().map(|h| h.labels.len()).sum();
        start..start + self.heads[head].labels.len()
    }

    /// Whether labels are independent, each right or wrong on its own.
    pub fn is_sigmoid(&self) -> bool {
        self.heads.iter().any(|h| h.activation == Activation::Sigmoid)
    }

    /// The images in the order in which all figures are computed.
    ///
    /// # Errors
    /// `no-images`; `output` if a prediction does not match the number of labels and heads; `score` for a number
    /// that is not finite.
    pub(super) fn sorted(&self) -> Result<Vec<&Prediction>> {
        if self.images.is_empty() {
            return Err(ErrorKind::NoImages { model: self.model.clone() }.into());
        }
        let (width, heads) = (self.members.len(), self.heads.len());
        self.size("logits", self.heads.iter().map(|h| h.labels.len()).sum(), width)?;
        self.size("labels", self.labels.len(), self.members.iter().max().map_or(0, |m| m + 1))?;
        for image in &self.images {
            self.size("logits", width, image.logits.len())?;
            self.size("probabilities", self.labels.len(), image.probabilities.len())?;
            for scores in [&image.head_probabilities, &image.gate].into_iter().flatten() {
                self.size("head_probabilities", heads, scores.len())?;
            }
            let beyond = image.heads.iter().find(|&&h| h >= heads).copied();
            self.size("head_probabilities", heads, beyond.map_or(heads, |h| h + 1))?;
            self.size("probabilities", self.labels.len(), self.labels.len().max(image.label + 1))?;
            let none = image.none.as_slice().iter();
            let all = image.logits.iter().chain(&image.probabilities).chain(&image.features).chain(none);
            let all = all.chain(image.head_probabilities.iter().flatten());
            if let Some(&found) = all.into_iter().find(|v| !v.is_finite()) {
                let (kind, name, expected) = ("image", image.name.clone(), "a finite score");
                return Err(ErrorKind::Score { kind, name, expected, found }.into());
            }
        }
        let mut sorted: Vec<&Prediction> = self.images.iter().collect();
        sorted.sort_by(|a, b| (a.label, &a.sha256, &a.name).cmp(&(b.label, &b.sha256, &b.name)));
        Ok(sorted)
    }

    fn size(&self, output: &'static str, expected: usize, found: usize) -> Result<()> {
        if expected == found {
            return Ok(());
        }
        Err(ErrorKind::Output { model: self.model.clone(), output, expected, found }.into())
    }
}
