//! Builds the nodes of a rule, with named constants.

use super::parameters::PREFIX;
use crate::onnx::{Attribute, Attributes, DataType, Graph, Tensor, TypeAndShape, ValueId, ValueKind};

/// Renames values of the model that have a rule's name by chance; inputs keep the names that callers use.
pub(super) fn reserve_names(graph: &mut Graph) {
    for value in graph.values.iter_mut().filter(|v| v.source != ValueKind::Input && v.name.starts_with(PREFIX)) {
        value.name.insert_str(0, "model.");
    }
}

/// Adds nodes to a graph.
pub(super) struct Nodes<'a> {
    pub graph: &'a mut Graph,
    batch: Option<usize>,
}

impl Nodes<'_> {
    /// `like` is a value with the batch of all others.
    pub fn new(graph: &mut Graph, like: ValueId) -> Nodes<'_> {
        let batch = graph.shape(like).and_then(|s| s.first().copied()).flatten();
        Nodes { graph, batch }
    }

    /// A parameter of the rule.
    pub fn parameter(&mut self, name: &str, dims: &[usize], values: &[f32]) -> ValueId {
        self.graph.add_initializer(name, Tensor::from_f32(dims, values))
    }

    /// A number of the rule, of shape [1].
    pub fn number(&mut self, name: &str, value: f64) -> ValueId {
        self.parameter(name, &[1], &[value as f32])
    }

    fn fact(&self, rest: &[usize]) -> TypeAndShape {
        let rest = rest.iter().map(|&d| Some(d));
        TypeAndShape { dtype: Some(DataType::Float), shape: Some(std::iter::once(self.batch).chain(rest).collect()) }
    }

    /// A node without attributes and with an output of [N, width].
    pub fn add(&mut self, name: &str, op: &str, inputs: &[ValueId], width: usize) -> ValueId {
        self.graph.add_node(name, op, Attributes::new(), inputs, self.fact(&[width]))
    }

    /// A node along the columns with an output of [N, width].
    pub fn along(&mut self, name: &str, op: &str, inputs: &[ValueId], width: usize) -> ValueId {
        let axis = Attributes::from([("axis".to_string(), Attribute::Int(1))]);
        self.graph.add_node(name, op, axis, inputs, self.fact(&[width]))
    }

    /// A node that reduces all columns to [N, 1].
    pub fn over_columns(&mut self, name: &str, op: &str, input: ValueId) -> ValueId {
        let axes = Attributes::from([
            ("axes".to_string(), Attribute::Ints(vec![1])),
            ("keepdims".to_string(), Attribute::Int(1)),
        ]);
        self.graph.add_node(name, op, axes, &[input], self.fact(&[1]))
    }

    /// value · matrixᵀ + offsets, with a matrix [width, …].
    pub fn linear(&mut self, name: &str, inputs: &[ValueId], width: usize) -> ValueId {
        let transposed = Attributes::from([("transB".to_string(), Attribute::Int(1))]);
        self.graph.add_node(name, "Gemm", transposed, inputs, self.fact(&[width]))
    }

    /// The columns `first` to `first + width`.
    pub fn columns(&mut self, name: &str, value: ValueId, first: usize, width: usize) -> ValueId {
        let bounds = [first as i64, (first + width) as i64, 1];
        let [start, end, axis] = bounds.map(|v| self.graph.add_initializer("bound", Tensor::from_i64(&[v])));
        self.add(name, "Slice", &[value, start, end, axis], width)
    }

    /// Selects columns.
    pub fn gather(&mut self, name: &str, value: ValueId, columns: &[usize]) -> ValueId {
        let places: Vec<i64> = columns.iter().map(|&c| c as i64).collect();
        let places = self.graph.add_initializer("places", Tensor::from_i64(&places));
        self.along(name, "Gather", &[value, places], columns.len())
    }

    /// log Σ exp over the columns, [N, 1], where `log_softmax` = LogSoftmax of the same value: max x − max
    /// LogSoftmax(x). The second term is small, so that no precision is lost for large x.
    pub fn log_sum_exp(&mut self, name: &str, value: ValueId, log_softmax: ValueId) -> ValueId {
        let largest = self.over_columns(&format!("{name}.largest"), "ReduceMax", value);
        let rest = self.over_columns(&format!("{name}.rest"), "ReduceMax", log_softmax);
        self.add(name, "Sub", &[largest, rest], 1)
    }

    /// Σ over r of (value_r − row_cr)² for each row c of a matrix [1, rows, R]: [N, rows].
    pub fn squared_distances(&mut self, name: &str, value: ValueId, matrix: ValueId, dims: (usize, usize)) -> ValueId {
        let (rows, width) = dims;
        let one = self.graph.add_initializer("axis", Tensor::from_i64(&[1]));
        let last = self.graph.add_initializer("axis", Tensor::from_i64(&[2]));
        let (column, table) = (self.fact(&[1, width]), self.fact(&[rows, width]));
        let none = Attributes::new;
        let column = self.graph.add_node(format!("{name}.raised"), "Unsqueeze", none(), &[value, one], column);
        let apart = self.graph.add_node(format!("{name}.apart"), "Sub", none(), &[column, matrix], table.clone());
        let square = self.graph.add_node(format!("{name}.squared"), "Mul", none(), &[apart, apart], table);
        let flat = Attributes::from([("keepdims".to_string(), Attribute::Int(0))]);
        self.graph.add_node(name, "ReduceSum", flat, &[square, last], self.fact(&[rows]))
    }
}
