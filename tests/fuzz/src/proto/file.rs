//! Edits outside the nodes of the graph: operator sets, functions, sub-graphs, metadata.

use crate::names::METADATA;
use crate::random::Random;
use crate::{json, metadata};
use polyhead::onnx::pb::attribute_proto::AttributeType;
use polyhead::onnx::pb::{
    AttributeProto, FunctionProto, NodeProto, OperatorSetIdProto, SparseTensorProto, StringStringEntryProto,
};
use polyhead::onnx::ModelProto;

/// One edit of the file.
pub fn edit(proto: &mut ModelProto, random: &mut Random) -> Option<()> {
    match random.below(12) {
        0 => {
            let version = if random.once_in(3) { random.integer() } else { 5 + random.below(22) as i64 };
            random.choose_mut(&mut proto.opset_import)?.version = version;
        }
        1 => {
            let domain = ["", "ai.onnx", "com.microsoft", "f"][random.below(4)].into();
            let version = random.below(25) as i64;
            proto.opset_import.push(OperatorSetIdProto { domain, version });
        }
        2 => proto.ir_version = random.integer(),
        3 => function(proto, random)?,
        4 => sub_graph(proto, random)?,
        5 if random.once_in(4) => proto.graph.as_mut()?.sparse_initializer.push(SparseTensorProto::default()),
        6 => {
            let key = random.choose(&METADATA)?.to_string();
            let value = random.text();
            proto.metadata_props.push(StringStringEntryProto { key, value });
        }
        7 if random.once_in(3) => {
            let at = random.below(proto.metadata_props.len());
            if at < proto.metadata_props.len() {
                proto.metadata_props.remove(at);
            }
        }
        8 if random.once_in(3) => metadata::merged(proto),
        _ => {
            let entry = random.choose_mut(&mut proto.metadata_props)?;
            let changed = json::change(entry.value.as_bytes(), random).and_then(|bytes| String::from_utf8(bytes).ok());
            entry.value = changed.unwrap_or_else(|| random.text());
        }
    }
    Some(())
}

/// Moves a node into a function and calls it, or makes a function call itself or another one.
fn function(proto: &mut ModelProto, random: &mut Random) -> Option<()> {
    let graph = proto.graph.as_mut()?;
    let node = random.choose_mut(&mut graph.node)?;
    let name = format!("F{}", random.below(4));
    let call = NodeProto {
        op_type: name.clone(),
        domain: "f".into(),
        name: node.name.clone(),
        input: node.input.clone(),
        output: node.output.clone(),
        ..NodeProto::default()
    };
    let body = std::mem::replace(node, call);
    if random.once_in(4) {
        let inner = random.choose_mut(&mut proto.functions)?;
        inner.node.push(body);
        return Some(());
    }
    let version = proto.opset_import.first()?.version;
    proto.functions.push(FunctionProto {
        name: Some(name),
        domain: Some("f".into()),
        input: body.input.clone(),
        output: body.output.clone(),
        node: vec![body],
        opset_import: vec![OperatorSetIdProto { domain: String::new(), version }],
        ..FunctionProto::default()
    });
    Some(())
}

/// Gives a node the graph itself as an attribute, like control flow operators.
fn sub_graph(proto: &mut ModelProto, random: &mut Random) -> Option<()> {
    let graph = proto.graph.as_mut()?;
    let inner = graph.clone();
    let node = random.choose_mut(&mut graph.node)?;
    let (op, name) = [("If", "then_branch"), ("If", "else_branch"), ("Loop", "body")][random.below(3)];
    node.op_type = op.into();
    let kind = AttributeType::Graph as i32;
    let attribute = AttributeProto { name: name.into(), r#type: kind, g: Some(inner), ..AttributeProto::default() };
    node.attribute.push(attribute);
    Some(())
}
