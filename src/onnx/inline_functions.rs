//! Inlines the functions of an ONNX file.

use super::from_proto::{malformed, standard, too_many, unsupported};
use super::to_proto::Names;
use crate::error::Result;
use crate::limits;
use crate::onnx::pb::{AttributeProto, FunctionProto, ModelProto, NodeProto};
use prost::Message;
use std::collections::{HashMap, HashSet};

const INLINED: &str = "export the model with its functions inlined (onnx.inliner.inline_local_functions)";
/// The maximum depth of nested function calls.
const DEPTH: usize = 64;
/// The approximate size of a name besides its text.
const NAME: usize = 32;

/// Inlines every function of the model, including nested calls. Names inside a function are made unique per call. An
/// attribute that refers to one of the call takes its value, or is removed if the call omits it.
///
/// # Errors
/// `malformed-model` for a recursive function or one that is defined twice; `unsupported-model` for one of another
/// operator set than the model; `limit` if the nodes or their bytes become too many.
pub(super) fn inline(model: &str, mut proto: ModelProto) -> Result<ModelProto> {
    let functions = std::mem::take(&mut proto.functions);
    if functions.is_empty() {
        return Ok(proto);
    }
    let mut known = HashMap::new();
    for function in &functions {
        let key = (standard(function.domain()).to_string(), function.name().to_string());
        if known.insert(key, function).is_some() {
            return Err(malformed(model, place(function), "one definition", "several"));
        }
    }
    let version = proto.opset_import.iter().find(|o| standard(&o.domain).is_empty()).map(|o| o.version);
    let Some(graph) = &mut proto.graph else { return Ok(proto) };
    let mut taken = Names::default();
    let names = graph.node.iter().flat_map(|n| n.input.iter().chain(&n.output));
    names.chain(graph.initializer.iter().map(|i| &i.name)).for_each(|name| taken.take(name));
    let mut inliner = Inliner { model, known, version, taken, calls: 0, bytes: 0, open: Vec::new(), nodes: Vec::new() };
    for node in std::mem::take(&mut graph.node) {
        inliner.add(node)?;
    }
    graph.node = std::mem::take(&mut inliner.nodes);
    let used: HashSet<&str> = graph.node.iter().map(|n| standard(&n.domain)).collect();
    proto.opset_import.retain(|o| used.contains(standard(&o.domain)));
    if let (Some(version), None) = (inliner.version, version) {
        proto.opset_import.push(crate::onnx::pb::OperatorSetIdProto { domain: String::new(), version });
    }
    Ok(proto)
}

struct Inliner<'a> {
    model: &'a str,
    known: HashMap<(String, String), &'a FunctionProto>,
    /// The operator set of all standard nodes; a model with function calls alone gets it from its functions.
    version: Option<i64>,
    taken: Names,
    calls: usize,
    /// The size of the copied nodes, so that a small file that calls a large function often cannot exhaust the memory.
    bytes: usize,
    /// The functions that are being inlined, outermost first.
    open: Vec<(String, String)>,
    nodes: Vec<NodeProto>,
}

impl Inliner<'_> {
    fn add(&mut self, node: NodeProto) -> Result<()> {
        let key = (standard(&node.domain).to_string(), node.op_type.clone());
        let Some(&function) = self.known.get(&key) else {
            self.nodes.push(node);
            return too_many(self.model, "nodes", limits::NODES, self.nodes.len());
        };
        if self.open.contains(&key) {
            return Err(malformed(self.model, place(function), "a body that ends", "a function that calls itself"));
        }
        self.calls += 1;
        too_many(self.model, "function calls", limits::NODES, self.calls)?;
        too_many(self.model, "functions inside each other", DEPTH as u64, self.open.len())?;
        self.check_version(function)?;
        self.open.push(key);
        let mut names: HashMap<&str, String> = HashMap::new();
        // An input or output that the call omits has the empty name inside as well.
        for (formal, at) in function.input.iter().zip(0..) {
            names.insert(formal, node.input.get(at).cloned().unwrap_or_default());
        }
        for (formal, actual) in function.output.iter().zip(&node.output) {
            if !actual.is_empty() {
                names.insert(formal, actual.clone());
            }
        }
        let call = if node.name.is_empty() { function.name().to_string() } else { node.name.clone() };
        for inner in &function.node {
            let mut copy = self.bind(function, inner, &node)?;
            copy.name = format!("{call}/{}", if inner.name.is_empty() { &inner.op_type } else { &inner.name });
            // Names grow with the depth of calls, and each input and output has one.
            let text = copy.name.len() + (inner.input.len() + inner.output.len()) * (call.len() + NAME);
            self.count(text)?;
            copy.input = inner.input.iter().map(|name| self.renamed(&call, name, &mut names)).collect();
            copy.output = inner.output.iter().map(|name| self.renamed(&call, name, &mut names)).collect();
            self.add(copy)?;
        }
        self.open.pop();
        // A function may pass an input through as an output without a node.
        for (formal, actual) in function.output.iter().zip(&node.output) {
            let passed = function.input.iter().position(|input| input == formal);
            if let (Some(at), false) = (passed, actual.is_empty()) {
                let input = vec![node.input.get(at).cloned().unwrap_or_default()];
                let (op_type, output) = ("Identity".to_string(), vec![actual.clone()]);
                self.nodes.push(NodeProto { op_type, input, output, ..NodeProto::default() });
            }
        }
        Ok(())
    }

    fn check_version(&mut self, function: &FunctionProto) -> Result<()> {
        let own = function.opset_import.iter().find(|o| standard(&o.domain).is_empty()).map(|o| o.version);
        match (self.version, own) {
            (Some(expected), Some(found)) if expected != found => {
                let expected = format!("operator set {expected} as in the model");
                let found = format!("operator set {found}");
                Err(unsupported(self.model, place(function), expected, found, INLINED))
            }
            (None, Some(found)) => {
                self.version = Some(found);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, bytes: usize) -> Result<()> {
        self.bytes = self.bytes.saturating_add(bytes);
        too_many(self.model, "bytes in its functions, inlined", limits::MODEL_BYTES, self.bytes)
    }

    /// The node with references to attributes replaced by the call's values, before its names are replaced.
    fn bind(&mut self, function: &FunctionProto, inner: &NodeProto, call: &NodeProto) -> Result<NodeProto> {
        let (op_type, domain) = (inner.op_type.clone(), inner.domain.clone());
        let mut copy = NodeProto { op_type, domain, ..NodeProto::default() };
        for attribute in &inner.attribute {
            let (wanted, mut given) = (&attribute.ref_attr_name, Some(attribute));
            if !wanted.is_empty() {
                given = call.attribute.iter().find(|a| a.name == *wanted);
            }
            match given {
                Some(given) => {
                    self.count(given.encoded_len())?;
                    copy.attribute.push(AttributeProto { name: attribute.name.clone(), ..given.clone() });
                }
                None if function.attribute.contains(wanted) => {}
                None => {
                    let expected = format!("attribute '{wanted}' at every call");
                    let found = "a call that leaves it to a default";
                    return Err(unsupported(self.model, place(function), expected, found, INLINED));
                }
            }
        }
        Ok(copy)
    }

    /// The outer name of a name inside a function; the same for all its uses in one call.
    fn renamed<'n>(&mut self, call: &str, name: &'n str, names: &mut HashMap<&'n str, String>) -> String {
        match name {
            "" => String::new(),
            _ => names.entry(name).or_insert_with(|| self.taken.own(&format!("{call}/{name}"))).clone(),
        }
    }
}

fn place(function: &FunctionProto) -> String {
    format!("function '{}'", function.name())
}
