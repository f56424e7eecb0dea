//! The scaled rule: a scale per head and an offset per label.

use super::graph_builder::Nodes;
use crate::onnx::ValueId;

/// s = a_h·z_h + b: one scale a head, one offset a logit.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaled {
    /// For each head, above 0: one over its temperature.
    pub scale: Vec<f64>,
    /// For each logit, head after head.
    pub bias: Vec<f64>,
}

impl Scaled {
    /// Nothing changed.
    pub fn identity(heads: usize, logits: usize) -> Scaled {
        Scaled { scale: vec![1.0; heads], bias: vec![0.0; logits] }
    }

    /// s [N, ΣC] of logits [N, ΣC].
    pub(super) fn write(&self, nodes: &mut Nodes, logits: ValueId, widths: &[usize]) -> ValueId {
        let scale: Vec<f32> = self.scale.iter().zip(widths).flat_map(|(&a, &c)| vec![a as f32; c]).collect();
        let bias: Vec<f32> = self.bias.iter().map(|&b| b as f32).collect();
        let width = bias.len();
        let scale = nodes.parameter("rule.scale", &[width], &scale);
        let bias = nodes.parameter("rule.bias", &[width], &bias);
        let product = nodes.add("rule.scaled.product", "Mul", &[logits, scale], width);
        nodes.add("rule.scaled", "Add", &[product, bias], width)
    }
}
