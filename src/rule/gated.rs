//! The gated rule: pools the heads' and the evidence's probabilities, separately for the head and for the label in it.

use super::graph_builder::Nodes;
use super::list::{CombinationRule, FitNeeds};
use super::parameters::{check_numbers, RuleParameters};
use super::softmax::log_sum_exp;
use super::{Posterior, Scaled};
use crate::error::Result;
use crate::features::FeatureLayout;
use crate::labels::HeadLabels;
use crate::onnx::ValueId;

/// With s = log softmax(a·z + b) from the heads and q = log posterior from the evidence, each split into the head's share
/// log π_h = log Σ_{c in h} and the rest within the head:
/// log p_c = gate₀·log π_h^s + gate₁·log π_h^q + within₀·(s_c − log π_h^s) + within₁·(q_c − log π_h^q) + const.
///
/// A logarithmic opinion pool (Genest & Zidek 1986) of task-id and within-task prediction (Kim et al. 2022). gate = (0, 1),
/// within = (1, 0) is the plain gate π_h(φ) · softmax(z_h).
#[derive(Clone, Debug, PartialEq)]
pub struct Gated {
    pub scaled: Scaled,
    pub posterior: Posterior,
    /// The weights of the heads' and the evidence's probabilities of a head; 0 or more.
    pub gate: [f64; 2],
    /// The weights of the heads' and the evidence's probabilities of a label in its head; 0 or more.
    pub within: [f64; 2],
}

impl Gated {
    /// log p + const from the scaled logits `s` and the posterior's scores `q`, each one number per logit.
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

impl CombinationRule for Gated {
    fn needs() -> FitNeeds {
        FitNeeds::Evidence
    }

    fn read(parameters: &RuleParameters) -> Result<Gated> {
        let pair = |of: &str| -> Result<[f64; 2]> {
            Ok([parameters.number(&format!("rule.{of}.heads"))?, parameters.number(&format!("rule.{of}.evidence"))?])
        };
        let (scaled, posterior) = (Scaled::read(parameters)?, Posterior::read(parameters)?);
        Ok(Gated { scaled, posterior, gate: pair("gate")?, within: pair("within")? })
    }

    fn scaled(&self) -> Option<&Scaled> {
        Some(&self.scaled)
    }

    fn posterior(&self) -> Option<&Posterior> {
        Some(&self.posterior)
    }

    fn check(&self, heads: &[HeadLabels], layout: Option<&FeatureLayout>) -> Result<()> {
        self.scaled.check(heads, layout)?;
        self.posterior.check_logits(heads, layout)?;
        for (parameter, weights) in [("gate", self.gate), ("within", self.within)] {
            check_numbers(parameter, "numbers of 0 or more", weights, |w| w >= 0.0)?;
        }
        Ok(())
    }

    fn scores(&self, s: Vec<f64>, q: Vec<f64>, widths: &[usize]) -> Vec<f64> {
        self.pool(&s, &q, widths)
    }

    fn write(&self, nodes: &mut Nodes, s: ValueId, q: ValueId, widths: &[usize]) -> ValueId {
        let weights = [("rule.gate.heads", self.gate[0]), ("rule.gate.evidence", self.gate[1])];
        let gate = weights.map(|(name, weight)| nodes.number(name, weight));
        let weights = [("rule.within.heads", self.within[0]), ("rule.within.evidence", self.within[1])];
        let within = weights.map(|(name, weight)| nodes.number(name, weight));
        let mut first = 0;
        let mut parts = Vec::with_capacity(widths.len());
        for (head, &width) in widths.iter().enumerate() {
            let [ours, theirs] = [("heads", s, 0), ("evidence", q, 1)].map(|(word, value, at)| {
                let name = format!("rule.head{head}.{word}");
                let own = nodes.columns(&name, value, first, width);
                let inside = nodes.along(&format!("{name}.within"), "LogSoftmax", &[own], width);
                let share = nodes.log_sum_exp(&format!("{name}.gate"), own, inside);
                let share = nodes.add(&format!("{name}.gate.weighted"), "Mul", &[share, gate[at]], 1);
                let inside = nodes.add(&format!("{name}.within.weighted"), "Mul", &[inside, within[at]], width);
                nodes.add(&format!("{name}.pooled"), "Add", &[inside, share], width)
            });
            parts.push(nodes.add(&format!("rule.head{head}"), "Add", &[ours, theirs], width));
            first += width;
        }
        nodes.along("rule.gated", "Concat", &parts, first)
    }
}
