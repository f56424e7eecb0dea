//! Expands onnxruntime's fused contrib operators into standard ONNX.

use super::spelling::Spelling;
use crate::error::Result;
use crate::onnx::{unsupported, Attribute, Attributes, Graph, Node, ValueId};

/// The domain of onnxruntime's own operators.
const MICROSOFT: &str = "com.microsoft";
/// Dictionaries and tables at the end of a converted classifier; the search for the head handles them.
const TABLES: &str = "ai.onnx.ml";

/// Replaces fused operators by standard ones.
///
/// # Errors
/// `unsupported-model` with the first remaining node of another domain.
pub(super) fn spell_out(graph: &mut Graph) -> Result<()> {
    for at in 0..graph.nodes.len() {
        if graph.nodes[at].domain == MICROSOFT {
            rewrite(graph, at);
        }
    }
    let foreign = |n: &&Node| !n.domain.is_empty() && n.domain != TABLES;
    if let Some(node) = graph.nodes.iter().find(foreign) {
        let (expected, found) = ("operators of the ONNX standard", format!("one of the domain '{}'", node.domain));
        let remedy = "export the model without optimisations for one runtime";
        return Err(unsupported(&graph.name, node.place(), expected, found, remedy));
    }
    graph.opsets.remove(MICROSOFT);
    graph.prune_and_sort();
    Ok(())
}

fn rewrite(graph: &mut Graph, at: usize) -> Option<()> {
    let node = &graph.nodes[at];
    let (x, bias) = (node.input(0)?, node.input(1));
    match node.op.as_str() {
        "FusedConv" => fused(graph, at, "Conv")?,
        "FusedGemm" => fused(graph, at, "Gemm")?,
        "QuickGelu" => {
            let alpha = node.float("alpha", 1.702);
            Spelling::of(graph, at).swish(x, alpha);
        }
        "Gelu" | "BiasGelu" => {
            let mut spelling = Spelling::of(graph, at);
            let x = bias.map_or(x, |bias| spelling.step("Add", &[x, bias]));
            spelling.gelu(x, false);
        }
        _ => return None,
    }
    Some(())
}

/// A convolution or linear layer with a fused activation.
fn fused(graph: &mut Graph, at: usize, op: &str) -> Option<()> {
    let node = &graph.nodes[at];
    let (activation, mut inner) = (node.text("activation", ""), node.attributes.clone());
    let parameters = match node.attributes.get("activation_params") {
        Some(Attribute::Floats(values)) => values.clone(),
        _ => Vec::new(),
    };
    inner.retain(|name, _| !name.starts_with("activation"));
    let attribute = |name: &str, at: usize| Some((name.to_string(), Attribute::Float(*parameters.get(at)?)));
    let of_gemm = |name: &str| {
        let value = node.attributes.get(&format!("activation_{name}"))?;
        Some((name.to_string(), value.clone()))
    };
    let outer = match activation.as_str() {
        "" | "Relu" | "Sigmoid" | "Tanh" | "Clip" => Attributes::new(),
        "LeakyRelu" => Attributes::from([attribute("alpha", 0).or_else(|| of_gemm("alpha"))?]),
        "HardSigmoid" => Attributes::from([
            attribute("alpha", 0).or_else(|| of_gemm("alpha"))?,
            attribute("beta", 1).or_else(|| of_gemm("beta"))?,
        ]),
        _ => return None,
    };
    let bounds = match (activation.as_str(), parameters.as_slice()) {
        ("Clip", &[_, _]) => parameters.clone(),
        ("Clip", _) => return None,
        _ => Vec::new(),
    };
    let inputs: Vec<ValueId> = node.inputs.iter().take(3).copied().collect::<Option<_>>()?;
    // A fourth input is added before the activation.
    let sum = node.input(3);
    let mut spelling = Spelling::of(graph, at);
    let value = spelling.step_with(op, inner, &inputs);
    let mut inputs = vec![sum.map_or(value, |sum| spelling.step("Add", &[value, sum]))];
    inputs.extend(bounds.into_iter().map(|bound| spelling.number(bound)));
    let name = if activation.is_empty() { "Identity" } else { &activation };
    graph.nodes[at].set(name, outer, &inputs);
    Some(())
}
