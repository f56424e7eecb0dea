//! The report of one head: accuracy on its own images, and separation from other heads' images.

use super::sorted_predictions::Prepared;
use crate::rule::softmax::{log_sum_exp, softmax};
use crate::statistics::{auroc, joint_energy, largest, max, normalised_entropy, Distribution, Estimate};
use serde::Serialize;

/// One head on its own images and on other heads' images.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct HeadReport {
    pub head: String,
    /// The number of its labels.
    pub labels: usize,
    pub own_images: usize,
    pub foreign_images: usize,
    /// The share of its own images that it classifies right among its own labels.
    pub accuracy: Option<Estimate>,
    /// −Σ p·ln p / ln C of the head's softmax, 0 to 1; 1 is uniform. `None` for sigmoid heads or a single label.
    pub entropy: OwnVsOther,
    /// The largest probability of the head's softmax, or of its sigmoids.
    pub largest_probability: OwnVsOther,
    /// The head's probability under the file's rule, or under its fitted gate. `None` for sigmoid heads.
    pub gate: OwnVsOther,
    pub auroc: Separation,
}

/// The same quantity on own images and on other heads' images.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct OwnVsOther {
    pub own: Option<Distribution>,
    pub foreign: Option<Distribution>,
}

/// The area under the ROC curve of own against other heads' images, per score; 0.5 is chance, 1 separates them
/// fully.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct Separation {
    /// The head's probability under the file's rule, or under its fitted gate. `None` for sigmoid heads.
    pub gate: Option<Estimate>,
    /// log Σ exp z; for sigmoid heads Σ ln(1 + exp z).
    pub energy: Option<Estimate>,
    pub max_logit: Option<Estimate>,
    /// Negated, since lower entropy indicates own images. `None` for sigmoid heads or a single label.
    pub negative_entropy: Option<Estimate>,
    /// A gate of label means of the features, cross-validated on the images of the check.
    pub features: Option<Estimate>,
}

impl Separation {
    /// The scores by name.
    pub fn scores(&self) -> [(&'static str, Option<Estimate>); 5] {
        [
            ("gate score", self.gate),
            ("energy", self.energy),
            ("max-logit", self.max_logit),
            ("entropy", self.negative_entropy),
            ("features", self.features),
        ]
    }

    /// The score that separates own from other heads' images best.
    pub fn best(&self) -> Option<(&'static str, Estimate)> {
        let known = self.scores().into_iter().filter_map(|(name, figure)| Some((name, figure?)));
        known.reduce(|best, next| if next.1.value > best.1.value { next } else { best })
    }
}

impl HeadReport {
    /// `features[image]` is the score of this head from a gate on features.
    pub(super) fn new(prepared: &Prepared, head: usize, features: Option<&[f64]>) -> HeadReport {
        let (checked, resamples) = (prepared.checked, &prepared.resamples);
        let sigmoid = checked.is_sigmoid();
        let members = &checked.members[checked.logits(head)];
        let own = prepared.own(head);
        let logits = prepared.logits(head);
        let scores: Vec<Vec<f64>> = match sigmoid {
            true => logits.iter().map(|z| z.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect()).collect(),
            false => logits.iter().map(|z| softmax(z)).collect(),
        };
        let entropy: Vec<Option<f64>> =
            scores.iter().map(|p| if sigmoid { None } else { normalised_entropy(p) }).collect();
        let right = |image: usize| {
            let top = largest(logits[image].iter().copied()).map(|logit| members[logit]);
            f64::from(u8::from(top == Some(prepared.images[image].label)))
        };
        let correct: Vec<Option<f64>> = own.iter().enumerate().map(|(i, &own)| own.then(|| right(i))).collect();
        let sides = |values: &[Option<f64>]| {
            let of = |side: bool| -> Vec<Option<f64>> {
                values.iter().zip(&own).map(|(v, &own)| v.filter(|_| own == side)).collect()
            };
            OwnVsOther {
                own: Distribution::new(&of(true), resamples),
                foreign: Distribution::new(&of(false), resamples),
            }
        };
        let apart: Vec<Option<bool>> = own.iter().map(|&own| Some(own)).collect();
        let area = |scores: Vec<f64>| auroc(&scores, &apart, resamples);
        let each = |score: fn(&[f64]) -> f64| logits.iter().map(|z| score(z)).collect::<Vec<f64>>();
        let gate: Option<Vec<f64>> = prepared
            .images
            .iter()
            .map(|p| p.gate.as_ref().or(p.head_probabilities.as_ref()).map(|scores| f64::from(scores[head])))
            .collect();
        let negative: Option<Vec<f64>> = entropy.iter().map(|e| e.map(|e| -e)).collect();
        let own_images = own.iter().filter(|&&own| own).count();
        HeadReport {
            head: checked.heads[head].name.clone(),
            labels: members.len(),
            own_images,
            foreign_images: own.len() - own_images,
            accuracy: resamples.mean(&correct),
            entropy: sides(&entropy),
            largest_probability: sides(&scores.iter().map(|p| Some(max(p))).collect::<Vec<_>>()),
            gate: gate
                .as_ref()
                .map_or_else(OwnVsOther::default, |g| sides(&g.iter().copied().map(Some).collect::<Vec<_>>())),
            auroc: Separation {
                gate: gate.and_then(area),
                energy: area(each(if sigmoid { joint_energy } else { log_sum_exp })),
                max_logit: area(each(max)),
                negative_entropy: negative.and_then(area),
                features: features.and_then(|scores| area(scores.to_vec())),
            },
        }
    }
}
