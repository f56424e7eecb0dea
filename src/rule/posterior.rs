//! The posterior of each label given an image's features.

use super::graph_builder::Nodes;
use super::parameters::{check_count, check_numbers, does_not_fit, RuleParameters};
use super::rule_metadata::FeatureSpace;
use crate::error::Result;
use crate::features::{FeatureLayout, Pooling};
use crate::labels::HeadLabels;
use crate::onnx::{Tensor, ValueId};

/// Scores from features: x = (φ − mean), divided by its length if `unit`; P = projection·x;
/// score_c = P·prototype_c + offset_c; the posterior is softmax(score).
///
/// - LDA and diagonal LDA: P are whitened coordinates in the span of the label means, prototypes the means there,
///   offset −½‖prototype‖² (times the sharpness, like the product).
/// - cosine: `unit`, with projection and prototypes such that the score is sharpness · cos(x, mean of the label).
/// - ridge and logistic: the projection is the weight matrix, the prototypes are the identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// The kinds of block features that are read, in the order of φ.
    pub pools: Vec<Pooling>,
    /// D numbers.
    pub mean: Vec<f32>,
    pub unit: bool,
    /// [R, D], row-major.
    pub projection: Vec<f32>,
    /// [C, R], row-major, one row per logit.
    pub prototypes: Vec<f32>,
    /// C numbers.
    pub offsets: Vec<f32>,
}

impl Posterior {
    /// D, R and C.
    pub fn dims(&self) -> (usize, usize, usize) {
        let (d, c) = (self.mean.len(), self.offsets.len());
        (d, self.projection.len().checked_div(d).unwrap_or(0), c)
    }

    /// ‖prototype‖² + 2·offset for each row of the prototypes: only rounding if the offsets are −½‖prototype‖².
    pub(super) fn excess(&self) -> Vec<f64> {
        let (_, r, _) = self.dims();
        let rows = self.prototypes.chunks(r.max(1)).zip(&self.offsets);
        rows.map(|(row, &offset)| row.iter().map(|&m| f64::from(m).powi(2)).sum::<f64>() + 2.0 * f64::from(offset))
            .collect()
    }

    /// Whether P is bitwise the same.
    pub(super) fn same_space(&self, other: &Posterior) -> bool {
        let Posterior { pools, mean, unit, projection, .. } = other;
        self.pools == *pools && self.mean == *mean && self.unit == *unit && self.projection == *projection
    }

    /// Reads the posterior of a rule in a merged file.
    ///
    /// # Errors
    /// `metadata` for a missing parameter or one of the wrong form.
    pub(super) fn read(parameters: &RuleParameters) -> Result<Posterior> {
        let FeatureSpace { pools, unit } = parameters.space("posterior")?;
        Ok(Posterior {
            pools,
            unit,
            mean: parameters.values("rule.posterior.mean")?,
            projection: parameters.values("rule.posterior.projection")?,
            prototypes: parameters.values("rule.posterior.prototypes")?,
            offsets: parameters.values("rule.posterior.offsets")?,
        })
    }

    /// Checks the numbers against each other and the layout of φ; `of` names the posterior in the message.
    ///
    /// # Errors
    /// `rule-parameters`.
    pub(super) fn check(&self, of: &str, layout: Option<&FeatureLayout>) -> Result<()> {
        let Posterior { pools, mean, projection, prototypes, offsets, .. } = self;
        let named = |parameter: &str| format!("{of}.{parameter}");
        if pools.is_empty() {
            return Err(does_not_fit(&named("pools"), "at least one section of the features", "none"));
        }
        let width = layout.map_or(mean.len(), |l| l.only(pools).width());
        check_count(&named("mean"), width.max(1), mean.len())?;
        let (d, r, c) = self.dims();
        if r == 0 || projection.len() != r * d {
            let expected = format!("a multiple of {d} numbers");
            return Err(does_not_fit(&named("projection"), &expected, &projection.len().to_string()));
        }
        check_count(&named("offsets"), c.max(1), offsets.len())?;
        check_count(&named("prototypes"), c * r, prototypes.len())?;
        let all = [("mean", mean), ("projection", projection), ("prototypes", prototypes), ("offsets", offsets)];
        all.into_iter().try_for_each(|(parameter, values)| {
            check_numbers(&named(parameter), "finite numbers", values.iter().map(|&v| f64::from(v)), |_| true)
        })
    }

    /// Checks a rule's own posterior, which has one score per logit.
    ///
    /// # Errors
    /// `rule-parameters`.
    pub(super) fn check_logits(&self, heads: &[HeadLabels], layout: Option<&FeatureLayout>) -> Result<()> {
        self.check("posterior", layout)?;
        check_count("posterior.offsets", heads.iter().map(|h| h.labels.len()).sum(), self.offsets.len())
    }

    /// The score of each label; `features` are the block features that it reads.
    pub fn scores(&self, features: &[f32]) -> Vec<f64> {
        self.scores_of(&self.project(features))
    }

    /// P, one number per row of the projection.
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

    /// P [N, R]; the parameters are named after `space`.
    pub(super) fn write_projection(&self, nodes: &mut Nodes, space: &str, features: &Features) -> ValueId {
        let (d, r, _) = self.dims();
        let mut x = features.write(nodes, space, &self.pools);
        let mean = nodes.parameter(&format!("{space}.mean"), &[d], &self.mean);
        // The difference is computed before the sums: features are far from zero and near their mean.
        x = nodes.add(&format!("{space}.centred"), "Sub", &[x, mean], d);
        if self.unit {
            let length = nodes.over_columns(&format!("{space}.length"), "ReduceL2", x);
            let least = nodes.graph.add_initializer("least", Tensor::from_f32(&[1], &[LEAST_LENGTH]));
            let length = nodes.add(&format!("{space}.length.positive"), "Max", &[length, least], 1);
            x = nodes.add(&format!("{space}.unit"), "Div", &[x, length], d);
        }
        let projection = nodes.parameter(&format!("{space}.projection"), &[r, d], &self.projection);
        nodes.linear(&format!("{space}.projected"), &[x, projection], r)
    }

    /// The scores [N, C] of P.
    pub(super) fn write_scores(&self, nodes: &mut Nodes, space: &str, projected: ValueId) -> ValueId {
        let (_, r, c) = self.dims();
        let prototypes = nodes.parameter(&format!("{space}.prototypes"), &[c, r], &self.prototypes);
        let offsets = nodes.parameter(&format!("{space}.offsets"), &[c], &self.offsets);
        nodes.linear(&format!("{space}.scores"), &[projected, prototypes, offsets], c)
    }
}

fn product(row: &[f32], x: &[f64]) -> f64 {
    row.iter().zip(x).map(|(&w, x)| f64::from(w) * x).sum()
}

/// An image at the mean has no direction; its x stays zero.
pub(crate) const LEAST_LENGTH: f32 = 1e-12;

/// The parts of φ in a graph that a rule reads.
pub(super) struct Features {
    pub value: ValueId,
    pub layout: FeatureLayout,
}

impl Features {
    /// The block features of these kinds.
    fn write(&self, nodes: &mut Nodes, space: &str, pools: &[Pooling]) -> ValueId {
        let part = self.layout.only(pools);
        match part.columns(&self.layout) {
            Some(columns) if part != self.layout => nodes.gather(&format!("{space}.features"), self.value, &columns),
            _ => self.value,
        }
    }
}
