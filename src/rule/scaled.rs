//! The scaled rule: a scale per head and an offset per label.

use super::graph_builder::Nodes;
use super::list::{CombinationRule, FitNeeds};
use super::parameters::{check_count, check_numbers, RuleParameters};
use crate::error::Result;
use crate::features::FeatureLayout;
use crate::labels::HeadLabels;
use crate::onnx::ValueId;

/// p = softmax([a_h·z_h + b_h]): one scale per head, one offset per logit.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// One per head, above 0: the inverse temperature.
    pub scale: Vec<f64>,
    /// One per logit, in the order of the heads.
    pub bias: Vec<f64>,
}

impl Scaled {
    /// The identity.
    pub fn identity(heads: usize, logits: usize) -> Scaled {
        Scaled { scale: vec![1.0; heads], bias: vec![0.0; logits] }
    }

    /// a·z + b for each logit.
    pub fn scale(&self, logits: &[f32], widths: &[usize]) -> Vec<f64> {
        let scales = self.scale.iter().zip(widths).flat_map(|(&a, &c)| std::iter::repeat_n(a, c));
        logits.iter().zip(scales).zip(&self.bias).map(|((&z, a), b)| a * f64::from(z) + b).collect()
    }

    /// a·z + b [N, ΣC] of logits [N, ΣC].
    pub(super) fn write_scale(&self, nodes: &mut Nodes, logits: ValueId, widths: &[usize]) -> ValueId {
        let scale: Vec<f32> = self.scale.iter().zip(widths).flat_map(|(&a, &c)| vec![a as f32; c]).collect();
        let bias: Vec<f32> = self.bias.iter().map(|&b| b as f32).collect();
        let width = bias.len();
        let scale = nodes.parameter("rule.scale", &[width], &scale);
        let bias = nodes.parameter("rule.bias", &[width], &bias);
        let product = nodes.add("rule.scaled.product", "Mul", &[logits, scale], width);
        nodes.add("rule.scaled", "Add", &[product, bias], width)
    }
}

impl CombinationRule for Scaled {
    fn needs() -> FitNeeds {
        FitNeeds::Logits
    }

    fn read(parameters: &RuleParameters) -> Result<Scaled> {
        let (all, bias) = (parameters.values("rule.scale")?, parameters.values("rule.bias")?);
        let mut rest = all.as_slice();
        let mut scale = Vec::with_capacity(parameters.widths.len());
        for &width in parameters.widths {
            let (own, others) = rest.split_at(width.min(rest.len()));
            rest = others;
            match own {
                [first, ..] if own.len() == width && own.iter().all(|a| a == first) => scale.push(f64::from(*first)),
                _ => return Err(parameters.bad("one number per head in 'rule.scale'".into(), &format!("{own:?}"))),
            }
        }
        if !rest.is_empty() {
            let expected = format!("{} numbers in 'rule.scale'", all.len() - rest.len());
            return Err(parameters.bad(expected, &all.len().to_string()));
        }
        Ok(Scaled { scale, bias: bias.into_iter().map(f64::from).collect() })
    }

    fn scaled(&self) -> Option<&Scaled> {
        Some(self)
    }

    fn check(&self, heads: &[HeadLabels], _: Option<&FeatureLayout>) -> Result<()> {
        check_count("scale", heads.len(), self.scale.len())?;
        check_numbers("scale", "numbers above 0", self.scale.iter().copied(), |a| a > 0.0)?;
        check_count("bias", heads.iter().map(|h| h.labels.len()).sum(), self.bias.len())?;
        check_numbers("bias", "finite numbers", self.bias.iter().copied(), |_| true)
    }
}
