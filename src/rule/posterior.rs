//! The posterior of each label given an image's features.

use super::graph_builder::Nodes;
use crate::features::{FeatureLayout, Pooling};
use crate::onnx::{Tensor, ValueId};

/// Scores from features: x = (φ − mean), divided by its length if `unit`; P = projection·x;
/// score_c = P·prototype_c + offset_c; the posterior is softmax(score).
///
/// - LDA and its diagonal form: P are whitened coordinates in the space that the label means span, prototypes the means
///   there, offset −½‖prototype‖² (times the sharpness, as the product is).
/// - cosine: `unit`, projection and prototypes so that the score is sharpness · cos(x, mean of the label).
/// - ridge and logistic: the projection is the weight matrix, the prototypes are the identity.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    /// Which sections of φ are read, in their order there.
    pub pools: Vec<Pooling>,
    /// D numbers.
    pub mean: Vec<f32>,
    pub unit: bool,
    /// [R, D], row-major.
    pub projection: Vec<f32>,
    /// [C, R], row-major, one row a logit.
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

    /// For each row of the prototypes ‖prototype‖² + 2·offset: nothing but rounding where the offsets are −½‖prototype‖².
    pub(super) fn excess(&self) -> Vec<f64> {
        let (_, r, _) = self.dims();
        let rows = self.prototypes.chunks(r.max(1)).zip(&self.offsets);
        rows.map(|(row, &offset)| row.iter().map(|&m| f64::from(m).powi(2)).sum::<f64>() + 2.0 * f64::from(offset))
            .collect()
    }

    /// Whether P is the same number for number.
    pub(super) fn same_space(&self, other: &Posterior) -> bool {
        let Posterior { pools, mean, unit, projection, .. } = other;
        self.pools == *pools && self.mean == *mean && self.unit == *unit && self.projection == *projection
    }

    /// P [N, R]; the parameters are named after `space`.
    pub(super) fn write_projection(&self, nodes: &mut Nodes, space: &str, features: &Features) -> ValueId {
        let (d, r, _) = self.dims();
        let mut x = features.write(nodes, space, &self.pools);
        let mean = nodes.parameter(&format!("{space}.mean"), &[d], &self.mean);
        // The difference before the sums: features are far from zero and near their mean.
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

/// An image at the mean has no direction; its x stays zero.
pub(crate) const LEAST_LENGTH: f32 = 1e-12;

/// φ in a graph, as far as a rule reads it.
pub(super) struct Features {
    pub value: ValueId,
    pub layout: FeatureLayout,
}

impl Features {
    /// Its sections of these kinds.
    fn write(&self, nodes: &mut Nodes, space: &str, pools: &[Pooling]) -> ValueId {
        let part = self.layout.only(pools);
        match part.columns(&self.layout) {
            Some(columns) if part != self.layout => nodes.gather(&format!("{space}.features"), self.value, &columns),
            _ => self.value,
        }
    }
}
