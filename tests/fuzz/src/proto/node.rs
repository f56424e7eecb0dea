//! Edits of nodes: their operators, attributes and connections.

use super::{rename, value};
use crate::names::{ATTRIBUTES, MODES, OPERATORS};
use crate::random::Random;
use polyhead::onnx::pb::attribute_proto::AttributeType;
use polyhead::onnx::pb::{AttributeProto, GraphProto, NodeProto};

/// One edit of the graph's nodes.
pub fn edit(graph: &mut GraphProto, random: &mut Random) {
    let at = random.below(graph.node.len());
    let other = value(graph, random);
    match random.below(11) {
        0 => drop_node(graph, at),
        1 => insert(graph, at, random),
        2 if graph.node.len() > 1 => {
            let with = random.below(graph.node.len());
            graph.node.swap(at, with);
        }
        3 => duplicate(graph, at),
        4 => {
            let to = if random.once_in(2) { random.text() } else { value(graph, random) };
            rename(graph, &other, &to);
        }
        _ => {
            let Some(node) = graph.node.get_mut(at) else { return };
            match random.below(7) {
                0 | 1 => node.op_type = operator(random),
                2 => node.input.push(other),
                3 => drop(node.input.pop()),
                4 => node.domain = ["ai.onnx", "com.microsoft", "ai.onnx.ml", "x"][random.below(4)].into(),
                5 => node.output.push(random.text()),
                _ => {
                    if let Some(input) = random.choose_mut(&mut node.input) {
                        *input = if random.once_in(6) { String::new() } else { other };
                    }
                }
            }
        }
    }
}

fn operator(random: &mut Random) -> String {
    match random.choose(&OPERATORS) {
        Some(name) if !random.once_in(30) => name.to_string(),
        _ => random.text(),
    }
}

/// Removes a node; readers of its output read its first input.
fn drop_node(graph: &mut GraphProto, at: usize) {
    if at >= graph.node.len() {
        return;
    }
    let node = graph.node.remove(at);
    if let (Some(input), Some(output)) = (node.input.first(), node.output.first()) {
        rename(graph, output, input);
    }
}

/// Inserts a node with one input after another node.
fn insert(graph: &mut GraphProto, at: usize, random: &mut Random) {
    let Some(output) = graph.node.get(at).and_then(|n| n.output.first()).cloned() else { return };
    let inner = format!("{output}.{}", random.below(1000));
    graph.node[at].output[0] = inner.clone();
    let mut node = NodeProto {
        op_type: operator(random),
        name: inner.clone(),
        input: vec![inner],
        output: vec![output],
        ..NodeProto::default()
    };
    for _ in 0..random.below(3) {
        node.input.push(value(graph, random));
    }
    if random.once_in(2) {
        edit_attribute(&mut node, random);
    }
    graph.node.insert(at + 1, node);
}

/// Duplicates a node; nothing reads the outputs of the copy yet.
fn duplicate(graph: &mut GraphProto, at: usize) {
    let Some(mut node) = graph.node.get(at).cloned() else { return };
    for output in &mut node.output {
        output.push_str(".again");
    }
    graph.node.insert(at + 1, node);
}

/// Adds, removes or changes an attribute.
pub fn edit_attribute(node: &mut NodeProto, random: &mut Random) {
    let at = random.below(node.attribute.len());
    match random.below(6) {
        0 => {
            let name = random.choose(&ATTRIBUTES).map_or_else(String::new, |n| n.to_string());
            node.attribute.push(attribute(name, random));
        }
        1 if !node.attribute.is_empty() => drop(node.attribute.remove(at)),
        2 => node.attribute.extend(node.attribute.get(at).cloned()),
        3 => {
            if let Some(old) = node.attribute.get_mut(at) {
                *old = attribute(old.name.clone(), random);
            }
        }
        _ => {
            if let Some(attribute) = node.attribute.get_mut(at) {
                change(attribute, random);
            }
        }
    }
}

/// Another value of the same type.
fn change(attribute: &mut AttributeProto, random: &mut Random) {
    match attribute.ints.len() {
        0 if attribute.i != 0 => attribute.i = random.integer(),
        0 if attribute.f != 0.0 => attribute.f = random.float(),
        0 if !attribute.s.is_empty() => {
            attribute.s = random.choose(&MODES).map_or_else(Vec::new, |mode| mode.as_bytes().to_vec());
        }
        length => match random.below(4) {
            0 => attribute.ints.push(random.integer()),
            1 => attribute.ints.truncate(random.below(length)),
            _ => {
                let value = random.integer();
                random.choose_mut(&mut attribute.ints).into_iter().for_each(|v| *v = value);
            }
        },
    }
}

/// A new attribute of any type.
fn attribute(name: String, random: &mut Random) -> AttributeProto {
    let mut made = AttributeProto { name, ..AttributeProto::default() };
    let kind = match random.below(7) {
        0 | 1 => {
            made.i = random.integer();
            AttributeType::Int
        }
        2 => {
            made.f = random.float();
            AttributeType::Float
        }
        3 | 4 => {
            made.ints = (0..random.below(6)).map(|_| random.integer()).collect();
            AttributeType::Ints
        }
        5 => {
            made.s = random.choose(&MODES).map_or_else(Vec::new, |mode| mode.as_bytes().to_vec());
            AttributeType::String
        }
        _ => {
            made.floats = (0..random.below(6)).map(|_| random.float()).collect();
            AttributeType::Floats
        }
    };
    made.r#type = kind as i32;
    made
}
