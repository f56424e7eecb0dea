//! Writes a graph as an ONNX model.

use super::{Graph, TypeAndShape, Value, ValueKind};
use crate::onnx::pb::tensor_shape_proto::{dimension, Dimension};
use crate::onnx::pb::{self, tensor_proto::DataType, type_proto, ModelProto};
use prost::Message;
use std::collections::{HashMap, HashSet};

/// Converts a graph to a model: value names are made unique, unused constants are left out, unknown dimensions of
/// inputs and outputs are symbolic. `ir_version` 8 matches operator set 17.
pub fn to_proto(mut graph: Graph) -> ModelProto {
    name_values(&mut graph);
    name_nodes(&mut graph);
    let (uses, opsets) = (graph.uses(), std::mem::take(&mut graph.opsets).into_iter());
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
    for (value, uses) in graph.values.into_iter().zip(uses) {
        if let (ValueKind::Initializer(tensor), true) = (value.source, uses > 0) {
            proto.initializer.push(tensor.to_proto(&value.name));
        }
    }
    ModelProto {
        ir_version: 8,
        opset_import: opsets.map(|(domain, version)| pb::OperatorSetIdProto { domain, version }).collect(),
        producer_name: "polyhead".into(),
        producer_version: env!("CARGO_PKG_VERSION").into(),
        graph: Some(proto),
        ..ModelProto::default()
    }
}

/// Encodes a model file.
pub fn encode(proto: &ModelProto) -> Vec<u8> {
    proto.encode_to_vec()
}

/// Makes the names of all written values unique; the first value with a name keeps it.
fn name_values(graph: &mut Graph) {
    // Callers refer to outputs and inputs by name; the output names are fixed, so outputs come first.
    let faces: Vec<usize> = graph.outputs.iter().chain(&graph.inputs).copied().collect();
    let mut written: HashSet<usize> = faces.iter().copied().collect();
    for node in &graph.nodes {
        written.extend(node.inputs.iter().flatten().chain(&node.outputs));
    }
    let mut names = Names::default();
    let mut named = HashSet::new();
    for value in faces.iter().copied().chain(0..graph.values.len()) {
        let nameless = graph.values[value].name.is_empty() && !faces.contains(&value);
        if written.contains(&value) && !nameless && named.insert(value) {
            graph.values[value].name = names.own(&graph.values[value].name);
        }
    }
}

/// Makes the names of all nodes unique, also among constants and inputs: some runtimes keep all of them in one table.
fn name_nodes(graph: &mut Graph) {
    let mut names = Names::default();
    for value in graph.values.iter().filter(|v| !matches!(v.source, ValueKind::Node)) {
        names.own(&value.name);
    }
    for node in &mut graph.nodes {
        if node.name.is_empty() {
            let first = node.outputs.first().map(|&v| graph.values[v].name.clone());
            node.name = first.filter(|name| !name.is_empty()).unwrap_or_else(|| node.op.clone());
        }
        node.name = names.own(&node.name);
    }
}

/// Used names, each with the number at which the search for a free one continues: a file that repeats one name
/// thousands of times must not restart the search each time.
#[derive(Default)]
pub(super) struct Names {
    taken: HashSet<String>,
    next: HashMap<String, usize>,
}

impl Names {
    /// Reserves a name that must not change.
    pub(super) fn take(&mut self, name: &str) {
        self.taken.insert(name.to_string());
    }

    /// The wanted name, with a number appended if it is used.
    pub(super) fn own(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_string();
        while !self.taken.insert(name.clone()) {
            let number = self.next.entry(wanted.to_string()).or_insert(1);
            *number += 1;
            name = format!("{wanted}.{number}");
        }
        name
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

fn tensor_type(fact: &TypeAndShape) -> type_proto::Tensor {
    let dim = |(axis, size): (usize, &Option<usize>)| Dimension {
        value: Some(match size {
            Some(size) => dimension::Value::DimValue(*size as i64),
            // The batch is the only dimension that all values share.
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
