//! Random graphs compute the same before and after the canonical form.

use super::{off, run};
use polyhead::canonical::canonical;
use polyhead::onnx::{Attribute, Attributes, DataType, Graph, Tensor, TypeAndShape, ValueId, ValueKind, OPSET};
use proptest::prelude::*;

const CHANNELS: usize = 3;
const SIDE: usize = 5;

/// Builds a graph step by step; every step keeps the shape [1, 3, 5, 5].
struct Builder {
    graph: Graph,
    state: u64,
}

impl Builder {
    fn new(seed: u64) -> Builder {
        let mut graph = Graph { name: "random".into(), ..Graph::default() };
        graph.opsets.insert(String::new(), OPSET);
        let input = graph.add_value("x", ValueKind::Input, fact(&[1, CHANNELS, SIDE, SIDE]));
        graph.inputs.push(input);
        Builder { graph, state: seed | 1 }
    }

    /// A number from −1 to 1 (xorshift64, Marsaglia 2003).
    fn number(&mut self) -> f32 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    }

    fn constant(&mut self, dims: &[usize], low: f32, high: f32) -> ValueId {
        let len = dims.iter().product();
        let values: Vec<f32> = (0..len).map(|_| low + (self.number() + 1.0) / 2.0 * (high - low)).collect();
        let name = format!("c{}", self.graph.values.len());
        self.graph.add_initializer(name, Tensor::from_f32(dims, &values))
    }

    fn scalar(&mut self, value: f32) -> ValueId {
        self.constant(&[], value, value)
    }

    fn integers(&mut self, values: &[i64]) -> ValueId {
        let name = format!("i{}", self.graph.values.len());
        self.graph.add_initializer(name, Tensor::from_i64(values))
    }

    fn add(&mut self, op: &str, inputs: &[ValueId], attributes: &[(&str, Attribute)]) -> ValueId {
        let attributes: Attributes = attributes.iter().map(|(n, a)| (n.to_string(), a.clone())).collect();
        let name = format!("n{}", self.graph.nodes.len());
        self.graph.add_node(name, op, attributes, inputs, TypeAndShape::default())
    }

    fn convolution(&mut self, x: ValueId, pads: i64, bias: bool) -> ValueId {
        let mut inputs = vec![x, self.constant(&[CHANNELS, CHANNELS, 3, 3], -0.3, 0.3)];
        if bias {
            inputs.push(self.constant(&[CHANNELS], -0.5, 0.5));
        }
        self.add("Conv", &inputs, &[("pads", Attribute::Ints(vec![pads; 4]))])
    }

    fn per_channel(&mut self, low: f32, high: f32, leading: bool) -> ValueId {
        let dims: &[usize] = if leading { &[1, CHANNELS, 1, 1] } else { &[CHANNELS, 1, 1] };
        self.constant(dims, low, high)
    }

    /// One step on `x`; `earlier` is some value before it.
    fn step(&mut self, code: u8, x: ValueId, earlier: ValueId) -> ValueId {
        let odd = code % 2 == 1;
        let perm = |p: [i64; 4]| [("perm", Attribute::Ints(p.to_vec()))];
        match code / 2 % 12 {
            0 => self.convolution(x, 1, odd),
            1 => {
                let parameters = [(0.5, 1.5), (-0.5, 0.5), (-0.5, 0.5), (0.5, 1.5)];
                let mut inputs = vec![x];
                inputs.extend(parameters.map(|(low, high)| self.constant(&[CHANNELS], low, high)));
                self.add("BatchNormalization", &inputs, &[])
            }
            2 => {
                let constant = self.per_channel(-0.5, 0.5, odd);
                if odd {
                    self.add("Add", &[constant, x], &[])
                } else {
                    self.add("Sub", &[x, constant], &[])
                }
            }
            3 => {
                let constant = self.per_channel(0.7, 1.4, odd);
                self.add(if odd { "Mul" } else { "Div" }, &[x, constant], &[])
            }
            4 => self.add("Add", &[x, earlier], &[]),
            5 => {
                let (low, high) = (self.scalar(-0.5), self.scalar(1.5));
                if odd {
                    return self.add("Clip", &[x, low, high], &[]);
                }
                let lowered = self.add("Min", &[high, x], &[]);
                self.add("Max", &[lowered, low], &[])
            }
            6 if odd => self.add("Relu", &[x], &[]),
            6 => {
                let gate = self.add("Sigmoid", &[x], &[]);
                self.add("Mul", &[gate, x], &[])
            }
            7 => {
                let pads = self.integers(&[0, 0, 1, 1, 0, 0, 1, 1]);
                let value = self.scalar(if odd { 0.0 } else { 0.25 });
                let padded = self.add("Pad", &[x, pads, value], &[]);
                self.convolution(padded, 0, odd)
            }
            8 => {
                let moved = self.add("Transpose", &[x], &perm([0, 2, 3, 1]));
                let constant = self.constant(&[CHANNELS], -0.5, 0.5);
                let changed =
                    if odd { self.add("Add", &[moved, constant], &[]) } else { self.add("Tanh", &[moved], &[]) };
                self.add("Transpose", &[changed], &perm([0, 3, 1, 2]))
            }
            9 => {
                let flat = self.integers(&[1, CHANNELS as i64, -1]);
                let whole = self.integers(&[1, CHANNELS as i64, SIDE as i64, SIDE as i64]);
                let row = self.add("Reshape", &[x, flat], &[]);
                self.add("Reshape", &[row, whole], &[])
            }
            10 => {
                let three = self.scalar(3.0);
                let (zero, six) = (self.scalar(0.0), self.scalar(6.0));
                let sum = self.add("Add", &[x, three], &[]);
                let clipped = self.add("Clip", &[sum, zero, six], &[]);
                if odd {
                    let product = self.add("Mul", &[x, clipped], &[]);
                    return self.add("Div", &[product, six], &[]);
                }
                let gate = self.add("Div", &[clipped, six], &[]);
                self.add("Mul", &[gate, x], &[])
            }
            _ => {
                let op = if odd { "Identity" } else { "Dropout" };
                self.add(op, &[x], &[])
            }
        }
    }

    /// Average, vector, linear layer, each in one of its forms.
    fn end(mut self, code: u8, x: ValueId) -> Graph {
        let mean =
            |keep: i64, axes: [i64; 2]| [("axes", Attribute::Ints(axes.to_vec())), ("keepdims", Attribute::Int(keep))];
        let vector = match code % 4 {
            0 => self.add("ReduceMean", &[x], &mean(0, [2, 3])),
            1 => {
                let pooled = self.add("GlobalAveragePool", &[x], &[]);
                let shape = self.integers(&[0, -1]);
                self.add("Reshape", &[pooled, shape], &[])
            }
            2 => {
                let moved = self.add("Transpose", &[x], &[("perm", Attribute::Ints(vec![0, 2, 3, 1]))]);
                self.add("ReduceMean", &[moved], &mean(0, [1, 2]))
            }
            _ => {
                let pooled = self.add("ReduceMean", &[x], &mean(1, [-1, -2]));
                self.add("Flatten", &[pooled], &[])
            }
        };
        let (weights, bias) = (self.constant(&[CHANNELS, 4], -1.0, 1.0), self.constant(&[4], -1.0, 1.0));
        let product = self.add("MatMul", &[vector, weights], &[]);
        let logits = self.add("Add", &[product, bias], &[]);
        self.graph.outputs.push(logits);
        self.graph
    }
}

fn fact(shape: &[usize]) -> TypeAndShape {
    TypeAndShape { dtype: Some(DataType::Float), shape: Some(shape.iter().map(|&d| Some(d)).collect()) }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_graphs_keep_their_outputs(
        seed in any::<u64>(),
        steps in prop::collection::vec((any::<u8>(), any::<prop::sample::Index>()), 1..10),
        end in any::<u8>(),
    ) {
        let mut builder = Builder::new(seed);
        let mut values = vec![builder.graph.inputs[0]];
        for (code, earlier) in steps {
            let (last, earlier) = (values[values.len() - 1], values[earlier.index(values.len())]);
            values.push(builder.step(code, last, earlier));
        }
        let input: Vec<f32> = (0..CHANNELS * SIDE * SIDE).map(|_| builder.number()).collect();
        let graph = builder.end(end, values[values.len() - 1]);
        let form = canonical(graph.clone()).unwrap();
        prop_assert!(off(&run(form, &input), &run(graph, &input)) < 1e-4);
    }
}
