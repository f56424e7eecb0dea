//! Rejection: the probability that an image has none of the labels.

use super::graph_builder::Nodes;
use super::parameters::{check_numbers, RuleParameters};
use super::rule_metadata::FeatureSpace;
use super::softmax::{log_sum_exp, sigmoid};
use super::{Posterior, Rule};
use crate::error::Result;
use crate::features::FeatureLayout;
use crate::onnx::ValueId;

/// none = σ((d − threshold) / width): 0.5 at the threshold, beyond which a stated share of own images is rejected.
#[derive(Clone, Debug, PartialEq)]
pub struct Rejection {
    pub distance: Distance,
    pub threshold: f64,
    /// Above 0.
    pub width: f64,
}

/// The distance of an image from the training data.
#[derive(Clone, Debug, PartialEq)]
pub enum Distance {
    /// d = √max(0, ‖P‖² − 2·max_c (P·prototype_c + offset_c)): the distance to the nearest label's mean in whitened
    /// discriminant coordinates, with offset_c = −½‖prototype_c‖² (Mahalanobis distance as in Lee et al. 2018, within the
    /// span of the means).
    Evidence(Posterior),
    /// d = −log Σ exp(a·z + b) of the scaled logits, without evidence (Liu et al. 2020).
    Energy,
}

impl Rejection {
    /// Reads the rejection of a merged file, if any.
    ///
    /// # Errors
    /// `metadata` for a missing parameter or one of the wrong form.
    pub(super) fn read(parameters: &RuleParameters, rule: &Rule) -> Result<Option<Rejection>> {
        if !parameters.has("rule.none.threshold") {
            return Ok(None);
        }
        let distance = match parameters.has("rule.none.prototypes") {
            false => Distance::Energy,
            true => Distance::Evidence(read_nearest(parameters, rule)?),
        };
        let (threshold, width) = (parameters.number("rule.none.threshold")?, parameters.number("rule.none.width")?);
        Ok(Some(Rejection { distance, threshold, width }))
    }

    /// # Errors
    /// `rule-parameters` with the first parameter that does not fit.
    pub(super) fn check(&self, layout: Option<&FeatureLayout>) -> Result<()> {
        if let Distance::Evidence(posterior) = &self.distance {
            posterior.check("none", layout)?;
        }
        check_numbers("none.threshold", "a finite number", [self.threshold], |_| true)?;
        check_numbers("none.width", "a number above 0", [self.width], |w| w > 0.0)
    }

    /// The probability that none of the labels is right. `features` are the block features that the distance reads,
    /// `rule` is the rule that the rejection belongs to.
    pub fn evaluate(&self, rule: &Rule, features: &[f32], logits: &[f32], widths: &[usize]) -> f64 {
        sigmoid((self.distance(rule, features, logits, widths) - self.threshold) / self.width)
    }

    /// The distance d.
    pub fn distance(&self, rule: &Rule, features: &[f32], logits: &[f32], widths: &[usize]) -> f64 {
        match &self.distance {
            Distance::Evidence(posterior) => posterior.distance(features),
            Distance::Energy => -log_sum_exp(&rule.scaled_logits(logits, widths)),
        }
    }

    /// Nodes for the probability [N, 1] of d [N, 1].
    pub(super) fn write(&self, nodes: &mut Nodes, distance: ValueId) -> ValueId {
        let threshold = nodes.number("rule.none.threshold", self.threshold);
        let width = nodes.number("rule.none.width", self.width);
        let beyond = nodes.add("rule.none.beyond", "Sub", &[distance, threshold], 1);
        let beyond = nodes.add("rule.none.widths", "Div", &[beyond, width], 1);
        nodes.add("none_probability", "Sigmoid", &[beyond], 1)
    }
}

/// The distance [N, 1] of P [N, R]. ‖P‖² − 2·(P·m_c + offset_c) is computed as ‖P − m_c‖² − excess_c, which avoids
/// cancellation of large numbers; by the definition of the offsets the excess is almost 0.
pub(super) fn write_evidence(nodes: &mut Nodes, posterior: &Posterior, projected: ValueId) -> ValueId {
    let (_, r, c) = posterior.dims();
    let excess: Vec<f32> = posterior.excess().iter().map(|&k| k as f32).collect();
    let prototypes = nodes.parameter("rule.none.prototypes", &[1, c, r], &posterior.prototypes);
    let excess = nodes.parameter("rule.none.excess", &[c], &excess);
    let squares = nodes.squared_distances("rule.none.squares", projected, prototypes, (c, r));
    let squares = nodes.add("rule.none.distances", "Sub", &[squares, excess], c);
    let nearest = nodes.over_columns("rule.none.nearest", "ReduceMin", squares);
    let positive = nodes.add("rule.none.positive", "Relu", &[nearest], 1);
    nodes.add("rule.none.distance", "Sqrt", &[positive], 1)
}

/// The distance [N, 1] of scaled logits [N, ΣC].
pub(super) fn write_energy(nodes: &mut Nodes, scaled: ValueId, width: usize) -> ValueId {
    let log_softmax = nodes.along("rule.none.log_softmax", "LogSoftmax", &[scaled], width);
    let sum = nodes.log_sum_exp("rule.none.log_sum", scaled, log_softmax);
    nodes.add("rule.none.distance", "Neg", &[sum], 1)
}

/// The posterior of the distance, whose coordinates are shared with the rule's posterior if they are the same.
fn read_nearest(parameters: &RuleParameters, rule: &Rule) -> Result<Posterior> {
    let FeatureSpace { pools, unit } = parameters.space("none")?;
    let own = ["rule.none.mean", "rule.none.projection"].iter().any(|name| parameters.has(name));
    let shared = rule.posterior().filter(|p| !own && p.pools == pools && p.unit == unit);
    let (mean, projection) = match shared {
        Some(shared) => (shared.mean.clone(), shared.projection.clone()),
        None => (parameters.values("rule.none.mean")?, parameters.values("rule.none.projection")?),
    };
    let (prototypes, excess) = (parameters.values("rule.none.prototypes")?, parameters.values("rule.none.excess")?);
    let mut posterior = Posterior { pools, mean, unit, projection, prototypes, offsets: vec![0.0; excess.len()] };
    // With zero offsets the excess is ‖prototype‖².
    let lengths = posterior.excess();
    if lengths.len() != excess.len() {
        let expected = format!("{} numbers in 'rule.none.excess'", lengths.len());
        return Err(parameters.bad(expected, &excess.len().to_string()));
    }
    let offsets = lengths.into_iter().zip(excess);
    posterior.offsets = offsets.map(|(length, excess)| ((f64::from(excess) - length) / 2.0) as f32).collect();
    Ok(posterior)
}
