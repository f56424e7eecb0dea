//! Writes a graph as an ONNX model.

use super::{Fact, Graph, Source, Value};
use prost::Message;
use std::collections::HashSet;
use std::sync::Arc;
use tract_onnx::pb::tensor_shape_proto::{dimension, Dimension};
use tract_onnx::pb::{self, tensor_proto::DataType, type_proto, ModelProto};

/// The graph as a model: value names made unique, only the constants that are read, unknown dimensions of
/// inputs and outputs symbolic. `ir_version` 8 goes with operator set 17.
pub fn to_proto(mut graph: Graph) -> ModelProto {
    name_values(&mut graph);
    let uses = graph.uses();
    let mut proto = pb::GraphProto { name: graph.name.clone(), ..pb::GraphProto::default() };
    proto.input = graph.inputs.iter().map(|&v| value_info(&graph.values[v])).collect();
    proto.output = graph.outputs.iter().map(|&v| value_info(&graph.values[v])).collect();
    for node in &graph.nodes {
        let name = |v: &usize| graph.values[*v].name.clone();
        proto.node.push(pb::NodeProto {
            name: node.name.clone(),
            op_type: node.op.clone(),
            domain: node.domain.clone(),
            input: node.inputs.iter().map(|v| v.as_ref().map(name).unwrap_or_default()).collect(),
            output: node.outputs.iter().map(name).collect(),
            attribute: node.attributes.iter().map(|(name, value)| value.to_proto(name)).collect(),
            ..pb::NodeProto::default()
        });
    }
    let opset_import =
        graph.opsets.iter().map(|(domain, &version)| pb::OperatorSetIdProto { domain: domain.clone(), version });
    let opset_import = opset_import.collect();
    for (value, uses) in graph.values.into_iter().zip(uses) {
        if let (Source::Initializer(tensor), true) = (value.source, uses > 0) {
            // The bytes move when this graph was their last owner.
            let mut header = tensor_header(&tensor, value.name);
            header.raw_data = Arc::try_unwrap(tensor).map_or_else(|shared| shared.bytes.clone(), |own| own.bytes);
            proto.initializer.push(header);
        }
    }
    ModelProto {
        ir_version: 8,
        opset_import,
        producer_name: "polyhead".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(proto),
        ..ModelProto::default()
    }
}

/// The bytes of a model file.
pub fn encode(proto: &ModelProto) -> Vec<u8> {
    proto.encode_to_vec()
}

fn tensor_header(tensor: &super::Tensor, name: String) -> pb::TensorProto {
    pb::TensorProto {
        dims: tensor.dims.iter().map(|&d| d as i64).collect(),
        data_type: tensor.dtype as i32,
        name,
        ..pb::TensorProto::default()
    }
}

/// Gives every value that is written a name of its own; the first bearer of a name keeps it.
fn name_values(graph: &mut Graph) {
    let mut written: HashSet<usize> = graph.inputs.iter().chain(&graph.outputs).copied().collect();
    for node in &graph.nodes {
        written.extend(node.inputs.iter().flatten().chain(&node.outputs));
    }
    let mut taken = HashSet::new();
    // Inputs and outputs are what callers name.
    let faces: Vec<usize> = graph.inputs.iter().chain(&graph.outputs).copied().collect();
    let rest = (0..graph.values.len()).filter(|v| !faces.contains(v));
    for value in faces.iter().copied().chain(rest.collect::<Vec<_>>()) {
        if !written.contains(&value) || graph.values[value].name.is_empty() && !faces.contains(&value) {
            continue;
        }
        let wanted = graph.values[value].name.clone();
        let mut name = wanted.clone();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{wanted}.{number}");
        }
        graph.values[value].name = name;
    }
}

fn value_info(value: &Value) -> pb::ValueInfoProto {
    pb::ValueInfoProto {
        name: value.name.clone(),
        r#type: Some(pb::TypeProto {
            value: Some(type_proto::Value::TensorType(tensor_type(&value.fact))),
            ..pb::TypeProto::default()
        }),
        ..pb::ValueInfoProto::default()
    }
}

fn tensor_type(fact: &Fact) -> type_proto::Tensor {
    let dim = |(axis, size): (usize, &Option<usize>)| Dimension {
        value: Some(match size {
            Some(size) => dimension::Value::DimValue(*size as i64),
            // The batch is the only dimension that all our values share.
            None if axis == 0 => dimension::Value::DimParam("N".into()),
            None => dimension::Value::DimParam(format!("dim{axis}")),
        }),
        ..Dimension::default()
    };
    type_proto::Tensor {
        elem_type: fact.dtype.unwrap_or(DataType::Float) as i32,
        shape: fact
            .shape
            .as_ref()
            .map(|shape| pb::TensorShapeProto { dim: shape.iter().enumerate().map(dim).collect() }),
    }
}
