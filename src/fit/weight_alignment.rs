//! Aligns the scales of the heads from their weights alone.

use crate::canonical::canonical;
use crate::error::Result;
use crate::import::ImportedModel;
use crate::onnx::LinearLayer;
use crate::rule::Scaled;

/// The last layer of every head; empty if a head does not end with a linear layer.
///
/// # Errors
/// Those of [`canonical`].
pub fn last_layers(source: &ImportedModel) -> Result<Vec<LinearLayer>> {
    let graph = canonical(source.graph.clone())?;
    let layers = graph.outputs.iter().map(|&logits| LinearLayer::of(&graph, logits));
    Ok(layers.collect::<Option<Vec<_>>>().unwrap_or_default())
}

/// Softmax ignores a constant added to a head's logits, so each head has an arbitrary one after training, in its
/// mean weight row and mean offset; and rows twice as long make logits twice as large. So offsets are centred, and
/// each head is scaled so that its centred rows have the mean length over all heads (weight aligning, Zhao et al.
/// 2020, here between heads).
pub(super) fn scaled(layers: &[LinearLayer]) -> Scaled {
    let lengths: Vec<f64> = layers.iter().map(length).collect();
    let logs: f64 = lengths.iter().map(|l| l.max(1e-12).ln()).sum();
    let typical = (logs / lengths.len().max(1) as f64).exp();
    let scale: Vec<f64> = lengths.iter().map(|l| typical / l.max(1e-12)).collect();
    let bias = layers.iter().zip(&scale).flat_map(|(layer, scale)| {
        let mean = layer.bias.iter().map(|&b| f64::from(b)).sum::<f64>() / layer.bias.len().max(1) as f64;
        vec![-mean * scale; layer.bias.len()]
    });
    Scaled { bias: bias.collect(), scale }
}

/// The root mean square length of the rows, relative to their mean row.
fn length(layer: &LinearLayer) -> f64 {
    let labels = layer.bias.len().max(1);
    let width = layer.weights.len() / labels;
    let mean = |k: usize| (0..labels).map(|c| f64::from(layer.weights[c * width + k])).sum::<f64>() / labels as f64;
    let square: f64 = (0..width)
        .map(|k| {
            let mean = mean(k);
            (0..labels).map(|c| (f64::from(layer.weights[c * width + k]) - mean).powi(2)).sum::<f64>()
        })
        .sum();
    (square / labels as f64).sqrt()
}
