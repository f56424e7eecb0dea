//! Edits that keep ONNX files decodable, for states that a changed byte seldom reaches.

mod file;
mod node;
mod tensor;

use crate::random::Random;
use polyhead::onnx::pb::{GraphProto, NodeProto};
use polyhead::onnx::ModelProto;
use prost::Message;

/// A file after a few edits; `None` if the bytes are not a model.
pub fn change(bytes: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut proto = ModelProto::decode(bytes).ok()?;
    for _ in 0..1 + random.below(3) {
        edit(&mut proto, random)?;
    }
    Some(proto.encode_to_vec())
}

fn edit(proto: &mut ModelProto, random: &mut Random) -> Option<()> {
    if random.once_in(5) {
        return file::edit(proto, random);
    }
    // A function's body is edited like a graph's.
    if random.once_in(8) {
        if let Some(function) = random.choose_mut(&mut proto.functions) {
            let body = GraphProto { node: std::mem::take(&mut function.node), ..GraphProto::default() };
            function.node = edited(body, random).node;
            return Some(());
        }
    }
    let graph = proto.graph.take()?;
    proto.graph = Some(edited(graph, random));
    Some(())
}

fn edited(mut graph: GraphProto, random: &mut Random) -> GraphProto {
    match random.below(3) {
        0 => tensor::edit(&mut graph, random),
        1 => node::edit(&mut graph, random),
        _ => match random.choose_mut(&mut graph.node) {
            Some(node) => node::edit_attribute(node, random),
            None => tensor::edit(&mut graph, random),
        },
    }
    graph
}

/// The name of a random value of the graph.
fn value(graph: &GraphProto, random: &mut Random) -> String {
    let outputs: Vec<&String> = graph.node.iter().flat_map(|n| &n.output).collect();
    let chosen = match random.below(4) {
        0 => random.choose(&graph.initializer).map(|t| t.name.clone()),
        1 => random.choose(&graph.input).map(|i| i.name.clone()),
        _ => random.choose(&outputs).map(|name| name.to_string()),
    };
    chosen.unwrap_or_else(|| random.text())
}

/// Renames a value wherever it is used.
fn rename(graph: &mut GraphProto, from: &str, to: &str) {
    let names = |node: &mut NodeProto| {
        for name in node.input.iter_mut().chain(&mut node.output).filter(|n| *n == from) {
            *name = to.to_string();
        }
    };
    graph.node.iter_mut().for_each(names);
    for value in graph.input.iter_mut().chain(&mut graph.output).filter(|v| v.name == from) {
        value.name = to.to_string();
    }
    for tensor in graph.initializer.iter_mut().filter(|t| t.name == from) {
        tensor.name = to.to_string();
    }
}
