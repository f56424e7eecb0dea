//! The graph: values, nodes and initializers.

use super::{attributes, malformed, Attribute, Attributes, Tensor};
use crate::error::Result;
use crate::onnx::pb::tensor_proto::DataType;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// A value's index in [`Graph::values`].
pub type ValueId = usize;

/// The origin of a value.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueKind {
    /// An input of the graph.
    Input,
    /// A constant of the file.
    Initializer(Arc<Tensor>),
    /// Computed by a node.
    Node,
}

/// The type and shape of a value. Unknown or symbolic dimensions are `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TypeAndShape {
    pub dtype: Option<DataType>,
    pub shape: Option<Vec<Option<usize>>>,
}

/// A value: an input, a constant, or the output of a node.
#[derive(Clone, Debug)]
pub struct Value {
    pub name: String,
    pub source: ValueKind,
    pub fact: TypeAndShape,
}

/// An operation of a graph.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub name: String,
    pub op: String,
    /// Empty for the standard operators.
    pub domain: String,
    pub attributes: Attributes,
    /// `None` for an omitted optional input.
    pub inputs: Vec<Option<ValueId>>,
    pub outputs: Vec<ValueId>,
}

/// A graph with its nodes in topological order.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// The model's name, for messages.
    pub name: String,
    pub values: Vec<Value>,
    pub nodes: Vec<Node>,
    pub inputs: Vec<ValueId>,
    pub outputs: Vec<ValueId>,
    /// Operator set versions by domain; the standard domain is empty.
    pub opsets: BTreeMap<String, i64>,
}

impl Node {
    /// The name in messages: the operator if the exporter left the name out.
    pub fn display_name(&self) -> String {
        if self.name.is_empty() { &self.op } else { &self.name }.clone()
    }

    /// The location of an error, for messages.
    pub fn place(&self) -> String {
        format!("node '{}' ({})", self.display_name(), self.op)
    }

    /// Changes the standard operator; name and outputs stay.
    pub fn set(&mut self, op: &str, attributes: Attributes, inputs: &[ValueId]) {
        (self.op, self.domain, self.attributes) = (op.to_string(), String::new(), attributes);
        self.inputs = inputs.iter().map(|&v| Some(v)).collect();
    }

    /// Whether it is this standard operator.
    pub fn is(&self, op: &str) -> bool {
        self.op == op && self.domain.is_empty()
    }

    /// The input at this index, if present.
    pub fn input(&self, index: usize) -> Option<ValueId> {
        self.inputs.get(index).copied().flatten()
    }

    /// An integer attribute, or its default.
    pub fn int(&self, name: &str, default: i64) -> i64 {
        match self.attributes.get(name) {
            Some(Attribute::Int(v)) => *v,
            _ => default,
        }
    }

    /// A floating-point attribute, or its default.
    pub fn float(&self, name: &str, default: f32) -> f32 {
        match self.attributes.get(name) {
            Some(Attribute::Float(v)) => *v,
            _ => default,
        }
    }

    /// An attribute that is a list of integers.
    pub fn ints(&self, name: &str) -> Option<&[i64]> {
        match self.attributes.get(name) {
            Some(Attribute::Ints(v)) => Some(v),
            _ => None,
        }
    }

    /// A text attribute, or its default.
    pub fn text(&self, name: &str, default: &str) -> String {
        match self.attributes.get(name) {
            Some(Attribute::String(v)) => String::from_utf8_lossy(v).into_owned(),
            _ => default.to_string(),
        }
    }
}

impl Graph {
    /// Adds a value and returns its ID.
    pub fn add_value(&mut self, name: impl Into<String>, source: ValueKind, fact: TypeAndShape) -> ValueId {
        self.values.push(Value { name: name.into(), source, fact });
        self.values.len() - 1
    }

    /// Adds a constant and returns its ID.
    pub fn add_initializer(&mut self, name: impl Into<String>, tensor: impl Into<Arc<Tensor>>) -> ValueId {
        let tensor = tensor.into();
        let fact =
            TypeAndShape { dtype: Some(tensor.dtype), shape: Some(tensor.dims.iter().map(|&d| Some(d)).collect()) };
        self.add_value(name, ValueKind::Initializer(tensor), fact)
    }

    /// Appends a node with one output and returns the output's ID.
    pub fn add_node(
        &mut self,
        name: impl Into<String>,
        op: &str,
        attributes: Attributes,
        inputs: &[ValueId],
        fact: TypeAndShape,
    ) -> ValueId {
        let name = name.into();
        let output = self.add_value(name.clone(), ValueKind::Node, fact);
        self.nodes.push(Node {
            name,
            op: op.to_string(),
            domain: String::new(),
            attributes,
            inputs: inputs.iter().map(|&v| Some(v)).collect(),
            outputs: vec![output],
        });
        output
    }

    /// Concatenates values [N, …] to one, [N, sum of the widths].
    pub fn concatenate(&mut self, name: &str, parts: &[ValueId]) -> ValueId {
        let width = parts.iter().map(|&v| self.dim(v, 1)).sum();
        let shape = Some(vec![parts.first().and_then(|&v| self.dim(v, 0)), width]);
        let fact = TypeAndShape { dtype: Some(DataType::Float), shape };
        self.add_node(name, "Concat", attributes([("axis", Attribute::Int(1))]), parts, fact)
    }

    /// Adds an identity of a value with a new name.
    pub fn pass_on(&mut self, value: ValueId, name: &str) -> ValueId {
        let fact = self.values[value].fact.clone();
        self.add_node(name, "Identity", Attributes::new(), &[value], fact)
    }

    /// Replaces a constant by the output of a node.
    pub fn compute(&mut self, value: ValueId, op: &str, attributes: Attributes, inputs: &[ValueId]) {
        let Value { name, source, .. } = &mut self.values[value];
        *source = ValueKind::Node;
        let mut node = Node { name: format!("{name}.widen"), outputs: vec![value], ..Node::default() };
        node.set(op, attributes, inputs);
        self.nodes.push(node);
    }

    /// The shape [N, `width`] with the type and the N of a value.
    pub fn of_width(&self, value: ValueId, width: usize) -> TypeAndShape {
        TypeAndShape { dtype: self.values[value].fact.dtype, shape: Some(vec![self.dim(value, 0), Some(width)]) }
    }

    /// The tensor of a value, if it is a constant.
    pub fn tensor(&self, value: ValueId) -> Option<&Arc<Tensor>> {
        match &self.values[value].source {
            ValueKind::Initializer(tensor) => Some(tensor),
            _ => None,
        }
    }

    /// The tensor at an input of a node, if it is a constant.
    pub fn input_tensor(&self, node: &Node, index: usize) -> Option<&Arc<Tensor>> {
        node.input(index).and_then(|v| self.tensor(v))
    }

    /// The tensor at an input of a node, if present; `None` if it is computed.
    pub fn optional_tensor(&self, node: &Node, index: usize) -> Option<Option<&Arc<Tensor>>> {
        node.input(index).map_or(Some(None), |v| self.tensor(v).map(Some))
    }

    /// The known shape of a value.
    pub fn shape(&self, value: ValueId) -> Option<&[Option<usize>]> {
        self.values[value].fact.shape.as_deref()
    }

    /// The size of a value along an axis, if known.
    pub fn dim(&self, value: ValueId, axis: usize) -> Option<usize> {
        self.shape(value)?.get(axis).copied().flatten()
    }

    /// The node that computes each value.
    pub fn producers(&self) -> HashMap<ValueId, usize> {
        let mut producers = HashMap::with_capacity(self.nodes.len());
        for (index, node) in self.nodes.iter().enumerate() {
            producers.extend(node.outputs.iter().map(|&v| (v, index)));
        }
        producers
    }

    /// The number of uses of each value, by nodes and as a graph output.
    pub fn uses(&self) -> Vec<usize> {
        let mut uses = vec![0; self.values.len()];
        let reads = self.nodes.iter().flat_map(|n| n.inputs.iter().flatten());
        for &value in reads.chain(&self.outputs) {
            uses[value] += 1;
        }
        uses
    }

    /// Replaces all uses of `old` by `new`.
    pub fn replace_uses(&mut self, old: ValueId, new: ValueId) {
        let reads = self.nodes.iter_mut().flat_map(|n| n.inputs.iter_mut().flatten());
        for value in reads.chain(self.outputs.iter_mut()) {
            if *value == old {
                *value = new;
            }
        }
    }

    /// The indices of the nodes on which these values depend.
    pub fn ancestors(&self, values: &[ValueId]) -> HashSet<usize> {
        let producers = self.producers();
        let mut found = HashSet::new();
        let mut open = values.to_vec();
        while let Some(value) = open.pop() {
            if let Some(&index) = producers.get(&value) {
                if found.insert(index) {
                    open.extend(self.nodes[index].inputs.iter().flatten());
                }
            }
        }
        found
    }

    /// Removes the nodes that no output depends on and sorts the rest; `false` for a cycle.
    pub fn prune_and_sort(&mut self) -> bool {
        let live = self.ancestors(&self.outputs);
        let mut index = 0..;
        self.nodes.retain(|_| index.next().is_some_and(|at| live.contains(&at)));
        self.sort()
    }

    /// As [`prune_and_sort`](Self::prune_and_sort).
    ///
    /// # Errors
    /// `malformed-model` for a cycle.
    pub fn sorted(&mut self) -> Result<()> {
        match self.prune_and_sort() {
            true => Ok(()),
            false => Err(malformed(&self.name, "the nodes", "an order in which they can run", "a circle")),
        }
    }

    /// Sorts the nodes topologically, keeping their order where possible; `false` for a cycle.
    fn sort(&mut self) -> bool {
        let producers = self.producers();
        let mut missing = vec![0usize; self.nodes.len()];
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (index, node) in self.nodes.iter().enumerate() {
            for value in node.inputs.iter().flatten() {
                if let Some(&producer) = producers.get(value) {
                    missing[index] += 1;
                    readers[producer].push(index);
                }
            }
        }
        let mut ready: std::collections::BTreeSet<usize> = (0..self.nodes.len()).filter(|&i| missing[i] == 0).collect();
        let mut order = Vec::with_capacity(self.nodes.len());
        while let Some(index) = ready.pop_first() {
            order.push(index);
            for &reader in &readers[index] {
                missing[reader] -= 1;
                if missing[reader] == 0 {
                    ready.insert(reader);
                }
            }
        }
        let complete = order.len() == self.nodes.len();
        let mut nodes: Vec<Option<Node>> = std::mem::take(&mut self.nodes).into_iter().map(Some).collect();
        self.nodes = order.into_iter().filter_map(|i| nodes[i].take()).collect();
        complete
    }
}
