//! Evaluates rules in 64 bits without a graph.

use super::posterior::LEAST_LENGTH;
use super::{Distance, Gated, Posterior, Rejection, Rule, Scaled};
use crate::labels::{Activation, HeadLabels};

/// log Σ exp of some numbers, the largest taken out first; −∞ of none.
pub fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + values.iter().map(|v| (v - largest).exp()).sum::<f64>().ln()
}

/// Numbers that add to one, of scores up to a common constant.
pub fn softmax(scores: &[f64]) -> Vec<f64> {
    let sum = log_sum_exp(scores);
    scores.iter().map(|s| (s - sum).exp()).collect()
}

impl Rule {
    /// The probability of each logit, before those of one joint label are added. `features` are the sections of φ that
    /// the rule's posterior reads (see [`posterior`](Self::posterior)); `logits` stand head after head.
    pub fn evaluate(&self, features: &[f32], logits: &[f32], heads: &[HeadLabels]) -> Vec<f64> {
        match self {
            Rule::Concat if heads.iter().any(|h| h.activation == Activation::Sigmoid) => {
                logits.iter().map(|&z| sigmoid(f64::from(z))).collect()
            }
            _ => softmax(&self.scores(features, logits, &widths(heads))),
        }
    }

    /// log p + const for each logit.
    pub fn scores(&self, features: &[f32], logits: &[f32], widths: &[usize]) -> Vec<f64> {
        let scaled = self.scaled_logits(logits, widths);
        match self {
            Rule::Concat | Rule::Scaled(_) => scaled,
            Rule::Gated(gated) => gated.pool(&scaled, &gated.posterior.scores(features), widths),
            Rule::Retrained(posterior) => posterior.scores(features),
        }
    }

    /// a·z + b where the rule scales, else the logits.
    fn scaled_logits(&self, logits: &[f32], widths: &[usize]) -> Vec<f64> {
        match self.scaled() {
            Some(scaled) => scaled.scores(logits, widths),
            None => logits.iter().map(|&z| f64::from(z)).collect(),
        }
    }
}

impl Scaled {
    /// a·z + b for each logit.
    pub fn scores(&self, logits: &[f32], widths: &[usize]) -> Vec<f64> {
        let scales = self.scale.iter().zip(widths).flat_map(|(&a, &c)| std::iter::repeat_n(a, c));
        logits.iter().zip(scales).zip(&self.bias).map(|((&z, a), b)| a * f64::from(z) + b).collect()
    }
}

impl Gated {
    /// log p + const of the scaled logits `s` and the posterior's scores `q`, both one number a logit.
    pub fn pool(&self, s: &[f64], q: &[f64], widths: &[usize]) -> Vec<f64> {
        let mut pooled = Vec::with_capacity(s.len());
        let mut rest = (s, q);
        for &width in widths {
            let (own, others) = (rest.0.split_at(width.min(rest.0.len())), rest.1.split_at(width.min(rest.1.len())));
            rest = (own.1, others.1);
            let (s, q) = (own.0, others.0);
            let (s_share, q_share) = (log_sum_exp(s), log_sum_exp(q));
            let gate = self.gate[0] * s_share + self.gate[1] * q_share;
            let within = |(s, q): (&f64, &f64)| self.within[0] * (s - s_share) + self.within[1] * (q - q_share);
            pooled.extend(s.iter().zip(q).map(|pair| gate + within(pair)));
        }
        pooled
    }
}

impl Posterior {
    /// The score of each label; `features` are the sections of φ that it reads.
    pub fn scores(&self, features: &[f32]) -> Vec<f64> {
        self.scores_of(&self.project(features))
    }

    /// P, one number for each row of the projection.
    pub fn project(&self, features: &[f32]) -> Vec<f64> {
        let mut x: Vec<f64> = features.iter().zip(&self.mean).map(|(&f, &m)| f64::from(f) - f64::from(m)).collect();
        if self.unit {
            let length = x.iter().map(|v| v * v).sum::<f64>().sqrt().max(f64::from(LEAST_LENGTH));
            x.iter_mut().for_each(|v| *v /= length);
        }
        self.projection.chunks(x.len().max(1)).map(|row| product(row, &x)).collect()
    }

    /// The score of each label at P.
    pub fn scores_of(&self, projected: &[f64]) -> Vec<f64> {
        let rows = self.prototypes.chunks(projected.len().max(1)).zip(&self.offsets);
        rows.map(|(row, &offset)| product(row, projected) + f64::from(offset)).collect()
    }

    /// d = √max(0, ‖P‖² − 2·max_c (P·prototype_c + offset_c)).
    pub fn distance(&self, features: &[f32]) -> f64 {
        let projected = self.project(features);
        let rows = self.prototypes.chunks(projected.len().max(1)).zip(self.excess());
        let squares = rows.map(|(row, excess)| {
            row.iter().zip(&projected).map(|(&m, p)| (p - f64::from(m)).powi(2)).sum::<f64>() - excess
        });
        squares.fold(f64::INFINITY, f64::min).max(0.0).sqrt()
    }
}

impl Rejection {
    /// The probability that none of the labels is right. `features` are the sections of φ that the distance reads,
    /// `rule` is the one it goes with.
    pub fn evaluate(&self, rule: &Rule, features: &[f32], logits: &[f32], widths: &[usize]) -> f64 {
        sigmoid((self.distance(rule, features, logits, widths) - self.threshold) / self.width)
    }

    /// d, of which the probability is a function.
    pub fn distance(&self, rule: &Rule, features: &[f32], logits: &[f32], widths: &[usize]) -> f64 {
        match &self.distance {
            Distance::Evidence(posterior) => posterior.distance(features),
            Distance::Energy => -log_sum_exp(&rule.scaled_logits(logits, widths)),
        }
    }
}

/// How many logits each head has.
pub fn widths(heads: &[HeadLabels]) -> Vec<usize> {
    heads.iter().map(|h| h.labels.len()).collect()
}

fn product(row: &[f32], x: &[f64]) -> f64 {
    row.iter().zip(x).map(|(&w, x)| f64::from(w) * x).sum()
}

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
