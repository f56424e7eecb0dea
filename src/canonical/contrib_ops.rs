//! Expands onnxruntime's fused contrib operators into standard ONNX.

use crate::error::{ErrorKind, Result};
use crate::onnx::{Attribute, Attributes, Graph, Node, Tensor, TypeAndShape, ValueId};

/// The domain of onnxruntime's own operators.
const MICROSOFT: &str = "com.microsoft";
/// Dictionaries and tables at the end of a converted classifier; the search for the head says what to do.
const TABLES: &str = "ai.onnx.ml";

/// Replaces fused operators by standard ones.
///
/// # Errors
/// `unsupported-model` with the first node of another domain that is left.
pub(super) fn spell_out(graph: &mut Graph) -> Result<()> {
    for at in 0..graph.nodes.len() {
        if graph.nodes[at].domain == MICROSOFT {
            rewrite(graph, at);
        }
    }
    let foreign = |n: &&Node| !n.domain.is_empty() && n.domain != TABLES;
    if let Some(node) = graph.nodes.iter().find(foreign) {
        return Err(ErrorKind::Unsupported {
            model: graph.name.clone(),
            place: format!("node '{}' ({})", node.display_name(), node.op),
            expected: "operators of the ONNX standard".into(),
            found: format!("one of the domain '{}'", node.domain),
            remedy: "export the model without optimisations for one runtime".into(),
        }
        .into());
    }
    graph.opsets.remove(MICROSOFT);
    graph.prune_and_sort();
    Ok(())
}

fn rewrite(graph: &mut Graph, at: usize) -> Option<()> {
    let op = graph.nodes[at].op.clone();
    match op.as_str() {
        "FusedConv" => fused(graph, at, "Conv"),
        "FusedGemm" => fused(graph, at, "Gemm"),
        "QuickGelu" => {
            let (x, alpha) = (graph.nodes[at].input(0)?, graph.nodes[at].float("alpha", 1.702));
            let mut inner = x;
            if alpha != 1.0 {
                let alpha = graph.add_initializer("alpha", Tensor::from_f32(&[], &[alpha]));
                inner = step(graph, at, "Mul", Attributes::new(), &[x, alpha]);
            }
            let gate = step(graph, at, "Sigmoid", Attributes::new(), &[inner]);
            set(&mut graph.nodes[at], "Mul", Attributes::new(), &[x, gate])
        }
        "Gelu" | "BiasGelu" => {
            let mut x = graph.nodes[at].input(0)?;
            if let Some(bias) = graph.nodes[at].input(1) {
                x = step(graph, at, "Add", Attributes::new(), &[x, bias]);
            }
            // As torch's exporter spells it: (x · (erf(x / √2) + 1)) · ½.
            let [root, one, half] = [std::f32::consts::SQRT_2, 1.0, 0.5]
                .map(|v| graph.add_initializer("constant", Tensor::from_f32(&[], &[v])));
            let quotient = step(graph, at, "Div", Attributes::new(), &[x, root]);
            let erf = step(graph, at, "Erf", Attributes::new(), &[quotient]);
            let sum = step(graph, at, "Add", Attributes::new(), &[erf, one]);
            let product = step(graph, at, "Mul", Attributes::new(), &[x, sum]);
            set(&mut graph.nodes[at], "Mul", Attributes::new(), &[product, half])
        }
        _ => None,
    }
}

/// A convolution or linear layer with its activation inside.
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
        ("Clip", &[low, high]) => Some([low, high]),
        ("Clip", _) => return None,
        _ => None,
    };
    let inputs: Vec<ValueId> = node.inputs.iter().take(3).copied().collect::<Option<_>>()?;
    // A fourth input is added before the activation.
    let sum = node.input(3);
    let mut value = step(graph, at, op, inner, &inputs);
    if let Some(sum) = sum {
        value = step(graph, at, "Add", Attributes::new(), &[value, sum]);
    }
    let mut inputs = vec![value];
    if let Some(bounds) = bounds {
        inputs.extend(bounds.map(|v| graph.add_initializer("bound", Tensor::from_f32(&[], &[v]))));
    }
    let name = if activation.is_empty() { "Identity" } else { &activation };
    set(&mut graph.nodes[at], name, outer, &inputs)
}

fn step(graph: &mut Graph, at: usize, op: &str, attributes: Attributes, inputs: &[ValueId]) -> ValueId {
    let name = format!("{}.{}{}", graph.nodes[at].display_name(), op.to_lowercase(), graph.nodes.len());
    graph.add_node(name, op, attributes, inputs, TypeAndShape::default())
}

fn set(node: &mut Node, op: &str, attributes: Attributes, inputs: &[ValueId]) -> Option<()> {
    (node.op, node.domain) = (op.to_string(), String::new());
    node.attributes = attributes;
    node.inputs = inputs.iter().map(|&v| Some(v)).collect();
    Some(())
}
