//! Converts operators of older and newer operator sets to the supported one.

mod downgrade;
mod upgrade;

use crate::error::Result;
use crate::onnx::{unsupported, Attribute, Graph, Tensor, OPSET};

/// The oldest supported operator set: earlier ones broadcast by other rules.
const OLDEST: i64 = 7;
/// The newest supported operator set.
const NEWEST: i64 = 27;

/// Rewrites every standard node to the equivalent in [`OPSET`].
///
/// # Errors
/// `unsupported-model` with the node, for an operator whose meaning differs in a way that is not covered.
pub fn reconcile(graph: &mut Graph) -> Result<()> {
    let version = graph.opsets.get("").copied().unwrap_or(OPSET);
    let remedy = format!("export the model with operator set {OPSET}");
    if !(OLDEST..=NEWEST).contains(&version) {
        let expected = format!("operator set {OLDEST} to {NEWEST}");
        return Err(unsupported(&graph.name, "opset_import", expected, version, remedy));
    }
    for at in 0..graph.nodes.len() {
        if graph.nodes[at].domain.is_empty() {
            let done =
                if version < OPSET { upgrade::raise(graph, at, version) } else { downgrade::lower(graph, at, version) };
            if let Err(expected) = done {
                let (place, found) = (graph.nodes[at].place(), format!("operator set {version}"));
                return Err(unsupported(&graph.name, place, expected, found, remedy));
            }
        }
    }
    graph.opsets.insert(String::new(), OPSET);
    Ok(())
}

/// `Err` with the supported form if a node has another one.
fn only(understood: bool, expected: &str) -> Result<(), String> {
    understood.then_some(()).ok_or_else(|| expected.to_string())
}

fn scalar(graph: &mut Graph, at: usize, value: f32) -> usize {
    let name = format!("{}.constant", graph.nodes[at].display_name());
    graph.add_initializer(name, Tensor::from_f32(&[], &[value]))
}

/// Counts an axis from the front, if it is counted from the end.
fn front(axis: i64, rank: usize) -> Option<usize> {
    usize::try_from(if axis < 0 { axis + rank as i64 } else { axis }).ok()
}

/// Moves a list attribute to the next input.
fn to_input(graph: &mut Graph, at: usize, name: &str) {
    if let Some(Attribute::Ints(values)) = graph.nodes[at].attributes.remove(name) {
        let title = format!("{}.{name}", graph.nodes[at].display_name());
        let value = graph.add_initializer(title, Tensor::from_i64(&values));
        graph.nodes[at].inputs.push(Some(value));
    }
}

/// Moves a constant input to a list attribute.
fn to_attribute(graph: &mut Graph, at: usize, index: usize, name: &str) -> Result<(), String> {
    let Some(value) = graph.nodes[at].input(index) else { return Ok(()) };
    let values = graph.tensor(value).and_then(|t| t.i64s()).ok_or(format!("{name} as a constant"))?;
    graph.nodes[at].inputs.truncate(index);
    graph.nodes[at].attributes.insert(name.to_string(), Attribute::Ints(values));
    Ok(())
}

/// Writes the sizes of the parts of an equal Split explicitly.
fn split_sizes(graph: &mut Graph, at: usize) -> Result<(), String> {
    if graph.nodes[at].input(1).is_some() {
        return Ok(());
    }
    let axis = graph.nodes[at].int("axis", 0);
    let size = |v: usize| {
        let shape = graph.shape(v)?;
        *shape.get(front(axis, shape.len())?)?
    };
    let sizes: Option<Vec<i64>> = graph.nodes[at].outputs.iter().map(|&v| size(v).map(|s| s as i64)).collect();
    let sizes = sizes.ok_or("parts of known sizes")?;
    let value = graph.add_initializer("split", Tensor::from_i64(&sizes));
    graph.nodes[at].inputs.push(Some(value));
    Ok(())
}
