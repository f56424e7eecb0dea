//! Computes the cross-validated accuracy of a gate on label prototypes in feature space.

use super::sorted_predictions::{doubles, Prepared};
use crate::rule::softmax::log_sum_exp;
use crate::statistics::largest;

/// The maximum number of folds; fewer if a label has fewer images.
const FOLDS: usize = 5;

/// The inverse temperature of the choice between heads: p(head) = softmax(20 · cosine).
const SHARPNESS: f64 = 20.0;

/// The predictions for each image from the label means of the other folds.
pub(super) struct Prototypes {
    /// [image][label]: the cosine between the image's features and the label's mean, both centred on the mean of all
    /// label means; `None` for labels without images.
    pub cosines: Vec<Vec<Option<f64>>>,
    /// [image][head]: log p(head), from the largest cosine of the head's labels.
    pub gate: Vec<Vec<f64>>,
    /// [image]: the top label by p(head) · p(label | head), the latter from the heads.
    pub top: Vec<usize>,
}

impl Prototypes {
    /// `None` if the images have no common features, or a label has only one image.
    pub fn new(prepared: &Prepared) -> Option<Prototypes> {
        let features: Vec<Vec<f64>> = prepared.images.iter().map(|p| doubles(&p.features)).collect();
        let width = features.first().map(Vec::len).filter(|&w| w > 0)?;
        if features.iter().any(|f| f.len() != width) || prepared.checked.is_sigmoid() {
            return None;
        }
        let folds = prepared.counts().into_iter().filter(|&n| n > 0).min().map(|n| n.min(FOLDS)).filter(|&n| n > 1)?;
        let fold = folds_of(prepared);
        let mut cosines = vec![Vec::new(); features.len()];
        for held_out in 0..folds {
            let means = means(prepared, &features, |image| fold[image] % folds != held_out);
            for image in (0..features.len()).filter(|&p| fold[p] % folds == held_out) {
                cosines[image] = compare(&features[image], &means);
            }
        }
        let gate: Vec<Vec<f64>> = cosines.iter().map(|c| gate(prepared, c)).collect();
        let top = (0..gate.len()).map(|image| top(prepared, image, &gate[image])).collect();
        Some(Prototypes { cosines, gate, top })
    }
}

/// The index of each image among those of its label.
fn folds_of(prepared: &Prepared) -> Vec<usize> {
    let mut seen = vec![0; prepared.checked.labels.len()];
    let mut place = |label: usize| {
        seen[label] += 1;
        seen[label] - 1
    };
    prepared.images.iter().map(|p| place(p.label)).collect()
}

/// The mean of each label, and the mean of these means.
struct Means {
    labels: Vec<Option<Vec<f64>>>,
    centre: Vec<f64>,
}

fn means(prepared: &Prepared, features: &[Vec<f64>], counts: impl Fn(usize) -> bool) -> Means {
    let of = |label: usize| {
        let chosen = (0..features.len()).filter(|&p| prepared.images[p].label == label && counts(p));
        mean(chosen.map(|p| features[p].as_slice()))
    };
    let labels: Vec<Option<Vec<f64>>> = (0..prepared.checked.labels.len()).map(of).collect();
    let centre = mean(labels.iter().flatten().map(Vec::as_slice)).unwrap_or_default();
    Means { labels, centre }
}

fn mean<'a>(rows: impl Iterator<Item = &'a [f64]>) -> Option<Vec<f64>> {
    let mut sum: Vec<f64> = Vec::new();
    let mut count = 0.0;
    for row in rows {
        sum.resize(row.len(), 0.0);
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += v);
        count += 1.0;
    }
    (count > 0.0).then(|| sum.into_iter().map(|s| s / count).collect())
}

fn compare(features: &[f64], means: &Means) -> Vec<Option<f64>> {
    let centred = |v: &[f64]| -> Vec<f64> { v.iter().zip(&means.centre).map(|(v, c)| v - c).collect() };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let own = centred(features);
    let cosine = |label: &Vec<f64>| {
        let label = centred(label);
        let lengths = (dot(&own, &own) * dot(&label, &label)).sqrt();
        if lengths > 0.0 {
            dot(&own, &label) / lengths
        } else {
            0.0
        }
    };
    means.labels.iter().map(|label| label.as_ref().map(cosine)).collect()
}

fn gate(prepared: &Prepared, cosines: &[Option<f64>]) -> Vec<f64> {
    let checked = prepared.checked;
    let score = |head: usize| {
        let known = checked.members[checked.logits(head)].iter().filter_map(|&label| cosines[label]);
        SHARPNESS * known.fold(-1.0, f64::max)
    };
    let scores: Vec<f64> = (0..checked.heads.len()).map(score).collect();
    let total = log_sum_exp(&scores);
    scores.iter().map(|s| s - total).collect()
}

fn top(prepared: &Prepared, image: usize, gate: &[f64]) -> usize {
    let mut joint = vec![0.0; prepared.checked.labels.len()];
    for (head, within) in prepared.within(image).into_iter().enumerate() {
        let members = &prepared.checked.members[prepared.checked.logits(head)];
        for (&label, p) in members.iter().zip(within) {
            joint[label] += gate[head].exp() * p;
        }
    }
    largest(joint.into_iter()).unwrap_or_default()
}
