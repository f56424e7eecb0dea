//! The report of all heads jointly: top-1 accuracy and the cost of the choice between heads.

use super::confusion::{Confused, Confusion};
use super::prototype_gate::Prototypes;
use super::sorted_predictions::Prepared;
use crate::statistics::{brier, largest, negative_log_likelihood, Calibration, Estimate};
use serde::Serialize;

/// All heads together, under the file's rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct JointReport {
    /// The share of images whose top label is right.
    pub accuracy: Estimate,
    /// The share of images whose top label belongs to a head of the image. accuracy = head choice × within head.
    pub head_choice: Estimate,
    /// The accuracy among the images whose top label belongs to the right head.
    pub within_head: Option<Estimate>,
    /// The share of images whose top label belongs to a wrong head: 1 − head choice.
    pub wrong_head: Estimate,
    /// Accuracy if the head of every image were given: the top label among those of the right heads.
    pub with_right_head: Estimate,
    /// The accuracy lost by choosing the head: with-right-head minus accuracy.
    pub cost_of_choice: Estimate,
    /// The accuracy of a gate of label means of the features, times each head's own softmax, cross-validated on
    /// these images; `None` without common features or with fewer than two images of some label.
    pub gate_estimate: Option<Estimate>,
    /// Images of one head whose top label belongs to another.
    pub wrong_heads: Vec<WrongHead>,
    pub labels: Vec<LabelReport>,
    pub confusion: Confusion,
    /// The calibration of the top label's probability.
    pub calibration: Option<Calibration>,
    /// The mean of −ln p(right label), in nats. `None` with sigmoid heads.
    pub nll: Option<Estimate>,
    /// The mean of Σ (p − y)², 0 to 2. `None` with sigmoid heads.
    pub brier: Option<Estimate>,
}

/// Images of one head that were assigned to another.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct WrongHead {
    /// The image's head; the first of several.
    pub head: String,
    /// The head of its top label; the first of several.
    pub chosen: String,
    pub images: usize,
    /// The share of the images of `head`.
    pub rate: Estimate,
}

/// The images of one label.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct LabelReport {
    pub label: String,
    pub heads: Vec<String>,
    pub images: usize,
    /// The share of its images whose top label it is; `None` without images.
    pub accuracy: Option<Estimate>,
}

impl JointReport {
    /// `None` without images.
    pub(super) fn new(prepared: &Prepared, prototypes: Option<&Prototypes>) -> Option<JointReport> {
        let resamples = &prepared.resamples;
        let each = |number: &dyn Fn(usize) -> Option<f64>| -> Vec<Option<f64>> {
            (0..prepared.images.len()).map(number).collect()
        };
        let share = |holds: &dyn Fn(usize) -> bool| resamples.mean(&each(&|i| Some(truth(holds(i)))));
        let label = |i: usize| prepared.images[i].label;
        let right = |i: usize| prepared.top[i] == label(i);
        let right_head = |i: usize| prepared.in_own_head(i, prepared.top[i]);
        let told = |i: usize| {
            let scores = prepared.probabilities[i].iter().enumerate();
            largest(scores.map(|(l, &p)| if prepared.in_own_head(i, l) { p } else { -1.0 })) == Some(label(i))
        };
        let sigmoid = prepared.checked.is_sigmoid();
        let proper = |score: fn(&[f64], usize) -> f64| {
            let scores = each(&|i| Some(score(&prepared.probabilities[i], label(i))));
            resamples.mean(&scores).filter(|_| !sigmoid)
        };
        let confidence: Vec<f64> =
            (0..prepared.top.len()).map(|i| prepared.probabilities[i][prepared.top[i]]).collect();
        let correct: Vec<bool> = (0..prepared.top.len()).map(right).collect();
        Some(JointReport {
            accuracy: share(&right)?,
            head_choice: share(&right_head)?,
            within_head: resamples.mean(&each(&|i| right_head(i).then(|| truth(right(i))))),
            wrong_head: share(&|i| !right_head(i))?,
            with_right_head: share(&told)?,
            cost_of_choice: resamples.mean(&each(&|i| Some(truth(told(i)) - truth(right(i)))))?,
            gate_estimate: prototypes.and_then(|p| share(&|i| p.top[i] == label(i))),
            wrong_heads: wrong_heads(prepared),
            labels: labels(prepared),
            confusion: confusion(prepared, &confidence),
            calibration: Calibration::new(&confidence, &correct, resamples, prepared.seed),
            nll: proper(negative_log_likelihood),
            brier: proper(brier),
        })
    }
}

fn truth(holds: bool) -> f64 {
    f64::from(u8::from(holds))
}

fn wrong_heads(prepared: &Prepared) -> Vec<WrongHead> {
    let heads = prepared.checked.heads.len();
    let name = |head: usize| prepared.checked.heads[head].name.clone();
    let mut found = Vec::new();
    for (head, chosen) in (0..heads).flat_map(|h| (0..heads).map(move |c| (h, c))).filter(|(h, c)| h != c) {
        let went = |i: usize| {
            let top = prepared.top[i];
            !prepared.in_own_head(i, top) && prepared.owners[top].first() == Some(&chosen)
        };
        let of = |i: usize| prepared.images[i].heads.first() == Some(&head);
        let rates: Vec<_> = (0..prepared.top.len()).map(|i| of(i).then(|| truth(went(i)))).collect();
        let images = (0..prepared.top.len()).filter(|&i| of(i) && went(i)).count();
        let rate = prepared.resamples.mean(&rates);
        found.extend(rate.map(|rate| WrongHead { head: name(head), chosen: name(chosen), images, rate }));
    }
    found
}

fn labels(prepared: &Prepared) -> Vec<LabelReport> {
    let report = |(place, images): (usize, usize)| {
        let of = |i: usize| prepared.images[i].label == place;
        let hits: Vec<_> = (0..prepared.top.len()).map(|i| of(i).then(|| truth(prepared.top[i] == place))).collect();
        let label = &prepared.checked.labels[place];
        let accuracy = prepared.resamples.mean(&hits);
        LabelReport { label: label.label.clone(), heads: label.heads.clone(), images, accuracy }
    };
    prepared.counts().into_iter().enumerate().map(report).collect()
}

fn confusion(prepared: &Prepared, confidence: &[f64]) -> Confusion {
    let labels = prepared.checked.labels.iter().map(|l| l.label.clone()).collect();
    let ranked = prepared.images.iter().enumerate().map(|(i, image)| {
        (image.label, prepared.top[i], Confused { name: image.name.clone(), probability: confidence[i] })
    });
    Confusion::new(labels, ranked.collect())
}
