//! Reads ONNX bytes into a graph, within limits.

use super::sniff::{self, EXPORT};
use super::{inline_functions, size_scan, Attribute, Graph, Node, Tensor, TypeAndShape, ValueId, ValueKind};
use crate::error::{ErrorKind, Result};
use crate::limits;
use crate::onnx::pb::tensor_shape_proto::dimension;
use crate::onnx::pb::{self, tensor_proto::DataType, ModelProto};
use prost::bytes::Bytes;
use prost::Message;
use std::collections::{BTreeMap, HashMap};
use tract_onnx::prelude::tract_itertools::Itertools;

/// Decodes the bytes of a model file; its tensors are slices of them, not copies.
///
/// # Errors
/// `limit` if the file or its content is too large, `not-onnx` for other bytes, with their format if the first bytes
/// identify it.
pub fn decode(name: &str, bytes: impl Into<Bytes>) -> Result<ModelProto> {
    let bytes = bytes.into();
    too_many(name, "bytes", limits::MODEL_BYTES, bytes.len())?;
    if let Some((found, remedy)) = sniff::other(name, &bytes) {
        return Err(not_onnx(name, &found, &remedy));
    }
    size_scan::check(name, &bytes)?;
    let proto =
        ModelProto::decode(bytes).map_err(|e| not_onnx(name, &format!("bytes that do not decode ({e})"), EXPORT))?;
    for entry in &proto.metadata_props {
        limits::text(|| format!("model '{name}', metadata '{}'", entry.key), entry.value.as_bytes())?;
    }
    match &proto.graph {
        Some(graph) if !graph.node.is_empty() => Ok(proto),
        _ => Err(not_onnx(name, "no graph in it", EXPORT)),
    }
}

pub(super) fn not_onnx(name: &str, found: &str, remedy: &str) -> crate::Error {
    ErrorKind::NotOnnx { model: name.into(), found: found.into(), remedy: remedy.into() }.into()
}

pub(super) fn too_many(model: &str, unit: &'static str, limit: u64, found: usize) -> Result<()> {
    limits::ensure_at_most(|| format!("model '{model}'"), unit, limit, found as u64, "give a smaller model")
}

/// Converts a decoded model to a graph and checks the invariants of later steps: every value is defined once and before
/// it is used, and tensors have the length of their dimensions. Functions are inlined.
///
/// # Errors
/// `malformed-model` if the file contradicts the standard, `unsupported-model` for sub-graphs, sparse tensors and
/// values other than tensors.
pub fn to_graph(name: &str, proto: ModelProto) -> Result<Graph> {
    let proto = inline_functions::inline(name, proto)?;
    let opsets = proto.opset_import.iter().map(|o| (standard(&o.domain).to_string(), o.version));
    let opsets: BTreeMap<_, _> = opsets.collect();
    let graph = proto.graph.unwrap_or_default();
    too_many(name, "nodes", limits::NODES, graph.node.len())?;
    too_many(name, "initializers", limits::INITIALIZERS, graph.initializer.len())?;
    if !opsets.contains_key("") {
        return Err(malformed(name, "opset_import", "a version of the standard operators", "none"));
    }
    if !graph.sparse_initializer.is_empty() {
        let found = format!("{} sparse ones", graph.sparse_initializer.len());
        return Err(unsupported(name, "initializers", "dense tensors", &found, "store the weights densely"));
    }
    let mut reader =
        Reader { names: HashMap::new(), graph: Graph { name: name.to_string(), opsets, ..Graph::default() } };
    for tensor in graph.initializer {
        reader.initializer(tensor)?;
    }
    for input in &graph.input {
        reader.input(input)?;
    }
    for node in &graph.node {
        reader.define_outputs(node)?;
    }
    for node in graph.node {
        reader.node(node)?;
    }
    for output in &graph.output {
        let value = reader.lookup(&output.name, "the graph's outputs")?;
        reader.graph.outputs.push(value);
    }
    let mut graph = reader.graph;
    if graph.outputs.is_empty() {
        return Err(malformed(name, "the graph's outputs", "at least one", "none"));
    }
    graph.sorted()?;
    Ok(graph)
}

struct Reader {
    names: HashMap<String, ValueId>,
    graph: Graph,
}

impl Reader {
    fn initializer(&mut self, proto: pb::TensorProto) -> Result<()> {
        let place = format!("initializer '{}'", proto.name);
        if proto.data_location == Some(1) {
            let (expected, remedy) =
                ("weights inside the file", "save it with onnx.save(model, path, save_as_external_data=False)");
            return Err(unsupported(&self.graph.name, &place, expected, "weights in another file", remedy));
        }
        let name = proto.name.clone();
        let tensor = Tensor::from_proto(proto)
            .map_err(|(expected, found)| malformed(&self.graph.name, &place, &expected, &found))?;
        let value = self.graph.add_initializer(name.clone(), tensor);
        self.define(name, value)
    }

    fn input(&mut self, proto: &pb::ValueInfoProto) -> Result<()> {
        // Before IR version 4 every initializer was listed as an input too.
        if self.names.contains_key(&proto.name) {
            return Ok(());
        }
        let Some(tensor) = proto.tensor() else {
            let place = format!("input '{}'", proto.name);
            let remedy = "export the model with one image as its input";
            return Err(unsupported(&self.graph.name, &place, "a tensor", "another kind of value", remedy));
        };
        let shape = tensor.shape.as_ref().map(|shape| {
            shape
                .dim
                .iter()
                .map(|dim| match dim.value {
                    Some(dimension::Value::DimValue(v)) => usize::try_from(v).ok().filter(|&v| v > 0),
                    _ => None,
                })
                .collect_vec()
        });
        let fact = TypeAndShape { dtype: DataType::try_from(tensor.elem_type).ok(), shape };
        let value = self.graph.add_value(proto.name.clone(), ValueKind::Input, fact);
        self.graph.inputs.push(value);
        self.define(proto.name.clone(), value)
    }

    fn define_outputs(&mut self, proto: &pb::NodeProto) -> Result<()> {
        for name in proto.output.iter().filter(|n| !n.is_empty()) {
            let value = self.graph.add_value(name.clone(), ValueKind::Node, TypeAndShape::default());
            self.define(name.clone(), value)?;
        }
        Ok(())
    }

    fn node(&mut self, proto: pb::NodeProto) -> Result<()> {
        let place = format!("node '{}' ({})", proto.name, proto.op_type);
        let mut inputs = proto
            .input
            .iter()
            .map(|n| if n.is_empty() { Ok(None) } else { self.lookup(n, &place).map(Some) })
            .collect::<Result<Vec<_>>>()?;
        while inputs.last() == Some(&None) {
            inputs.pop();
        }
        // An unused output may have an empty name; it keeps its position.
        let Reader { names, graph } = self;
        let mut unnamed = || graph.add_value("", ValueKind::Node, TypeAndShape::default());
        let outputs = proto.output.iter().map(|name| names.get(name).copied().unwrap_or_else(&mut unnamed)).collect();
        let mut attributes = super::Attributes::new();
        for attribute in proto.attribute {
            let name = attribute.name.clone();
            let value = Attribute::from_proto(attribute).map_err(|(expected, found)| {
                unsupported(&self.graph.name, &place, &expected, &found, "export the model for inference")
            })?;
            attributes.insert(name, value);
        }
        let domain = standard(&proto.domain).to_string();
        self.graph.nodes.push(Node { name: proto.name, op: proto.op_type, domain, attributes, inputs, outputs });
        Ok(())
    }

    fn define(&mut self, name: String, value: ValueId) -> Result<()> {
        let place = format!("value '{name}'");
        match self.names.insert(name, value) {
            None => Ok(()),
            Some(_) => Err(malformed(&self.graph.name, place, "one definition", "several")),
        }
    }

    fn lookup(&self, name: &str, place: &str) -> Result<ValueId> {
        self.names.get(name).copied().ok_or_else(|| {
            malformed(&self.graph.name, place, format!("value '{name}' to be defined"), "it nowhere in the file")
        })
    }
}

/// `ai.onnx` is the long name of the standard domain.
pub(crate) fn standard(domain: &str) -> &str {
    match domain {
        "ai.onnx" => "",
        other => other,
    }
}

pub(crate) fn malformed(
    model: &str,
    place: impl ToString,
    expected: impl ToString,
    found: impl ToString,
) -> crate::Error {
    let (model, place) = (model.to_string(), place.to_string());
    ErrorKind::Malformed { model, place, expected: expected.to_string(), found: found.to_string() }.into()
}

pub(crate) fn unsupported(
    model: &str,
    place: impl ToString,
    expected: impl ToString,
    found: impl ToString,
    remedy: impl ToString,
) -> crate::Error {
    let (place, expected, found) = (place.to_string(), expected.to_string(), found.to_string());
    ErrorKind::Unsupported { model: model.to_string(), place, expected, found, remedy: remedy.to_string() }.into()
}
