//! Tiny classifiers: two convolutions, a pool, a head, with weights from a seed.

use polyhead::error::Result;
use polyhead::import::{ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::merge::{merge, MergeOptions, Merged};
use polyhead::onnx::{
    self, Attribute, Attributes, Bytes, DataType, Graph, Tensor, TypeAndShape, ValueId, ValueKind as ValueSource,
};

/// The layers after the pooled features.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Ending {
    Logits,
    Softmax,
    LogSoftmax,
    Sigmoid,
    /// A hidden layer, then Softmax.
    Hidden,
    /// The logits halved by a node that is not folded into the linear layer, so that they are not its output.
    Bent,
    ArgMax,
    ZipMap,
    /// Boxes [N, 10, 6] as the only output.
    Boxes,
    /// A mask [N, C, height, width].
    Mask,
}

/// A tiny classifier of `size` × `size` images, NCHW.
#[derive(Clone, Debug)]
pub struct Tiny {
    pub name: &'static str,
    pub labels: Vec<&'static str>,
    /// Seed of the first convolution.
    pub first: u32,
    /// Seed of the second one.
    pub second: u32,
    /// Seed of the head.
    pub head: u32,
    /// Relative noise on the convolutions.
    pub noise: f32,
    pub size: usize,
    pub ending: Ending,
    /// The factor on the logits of a plain head; overconfident heads have a large one.
    pub gain: f32,
}

impl Tiny {
    pub fn new(name: &'static str, labels: &[&'static str]) -> Tiny {
        let head = name.bytes().fold(7, |h: u32, b| h.wrapping_mul(31).wrapping_add(u32::from(b)));
        let (labels, ending) = (labels.to_vec(), Ending::Logits);
        Tiny { name, labels, first: 1, second: 2, head, noise: 0.0, size: 16, ending, gain: 1.0 }
    }

    pub fn ending(self, ending: Ending) -> Tiny {
        Tiny { ending, ..self }
    }

    pub fn graph(&self) -> Graph {
        let mut g = Graph { name: self.name.to_string(), ..Graph::default() };
        g.opsets.insert(String::new(), onnx::OPSET);
        let input = g.add_value("image", ValueSource::Input, fact(&[None, Some(3), Some(self.size), Some(self.size)]));
        g.inputs.push(input);
        let one = convolution(&mut g, "one", input, &noisy(self.first, &[8, 3, 3, 3], self.noise, 0.4));
        let two = convolution(&mut g, "two", one, &noisy(self.second, &[16, 8, 3, 3], self.noise, 0.4));
        let classes = self.labels.len();
        if self.ending == Ending::Mask {
            let mask = convolution(&mut g, "mask", two, &noisy(self.head, &[classes, 16, 3, 3], 0.0, 1.0));
            let side = Some(self.size / 8);
            g.values[mask].fact = fact(&[None, Some(classes), side, side]);
            g.outputs = vec![mask];
            return g;
        }
        let pooled = node(&mut g, "pool", "GlobalAveragePool", &[], &[two]);
        let features = node(&mut g, "flat", "Flatten", &[], &[pooled]);
        let output = self.head(&mut g, features, classes);
        g.outputs = vec![output];
        g
    }

    fn head(&self, g: &mut Graph, features: ValueId, classes: usize) -> ValueId {
        let deep = self.ending == Ending::Hidden;
        let (value, width) = if deep {
            let hidden = linear(g, "hidden", features, [16, 12], self.head ^ 99, 1.0);
            (node(g, "hidden.relu", "Relu", &[], &[hidden]), 12)
        } else {
            (features, 16)
        };
        let outputs = match self.ending {
            Ending::Sigmoid if classes == 2 && self.name.starts_with("binary") => 1,
            Ending::Boxes => 60,
            _ => classes,
        };
        let logits = linear(g, "head", value, [width, outputs], self.head, self.gain);
        g.values[logits].fact = fact(&[None, Some(outputs)]);
        match self.ending {
            Ending::Softmax | Ending::Hidden => node(g, "p", "Softmax", &[("axis", -1)], &[logits]),
            Ending::LogSoftmax => node(g, "p", "LogSoftmax", &[("axis", 1)], &[logits]),
            Ending::Sigmoid => node(g, "p", "Sigmoid", &[], &[logits]),
            Ending::Bent => node(g, "p", "Softsign", &[], &[logits]),
            Ending::ArgMax => node(g, "best", "ArgMax", &[("axis", 1), ("keepdims", 0)], &[logits]),
            Ending::ZipMap => {
                let p = node(g, "p", "Softmax", &[("axis", -1)], &[logits]);
                let map = node(g, "dictionary", "ZipMap", &[], &[p]);
                if let Some(last) = g.nodes.last_mut() {
                    last.domain = "ai.onnx.ml".into();
                }
                g.opsets.insert("ai.onnx.ml".into(), 1);
                map
            }
            Ending::Boxes => {
                let shape = g.add_initializer("boxes", Tensor::from_i64(&[-1, 10, 6]));
                node(g, "table", "Reshape", &[], &[logits, shape])
            }
            Ending::Logits | Ending::Mask => logits,
        }
    }

    pub fn bytes(&self) -> Vec<u8> {
        onnx::encode(&onnx::to_proto(self.graph()))
    }

    pub fn read(&self) -> Result<ImportedModel> {
        read(self.name, &self.bytes(), Some(&self.labels))
    }

    pub fn source(&self) -> ImportedModel {
        self.read().unwrap()
    }
}

/// Reads a model with stated labels.
pub fn read(name: &str, bytes: &[u8], labels: Option<&[&str]>) -> Result<ImportedModel> {
    let labels = labels.map(|l| WithProvenance {
        value: l.iter().map(|l| l.to_string()).collect(),
        from: Provenance::Stated("the test".into()),
    });
    ImportedModel::read(&format!("{name}.onnx"), bytes, &Overrides { labels, ..Overrides::default() }, &Nothing)
}

/// Merges tiny models.
pub fn merged(models: &[&Tiny], options: &MergeOptions) -> Result<Merged> {
    merge(models.iter().map(|m| m.source()).collect(), options)
}

/// A merged model, written to a file and read again.
pub fn again(name: &str, merged: &Merged) -> ImportedModel {
    read(name, &onnx::encode(&merged.proto), None).unwrap()
}

/// The texts of a merge's warnings.
pub fn texts(merged: &Merged) -> Vec<String> {
    merged.warnings.iter().map(ToString::to_string).collect()
}

/// One output of a model for one image of noise.
pub fn run(proto: &onnx::ModelProto, size: usize, output: &str) -> Vec<f32> {
    let engine = polyhead::engine::Engine::new("test", proto, &[1, 3, size, size]).unwrap();
    let outputs = engine.run(&weights(5, 3 * size * size, 1.0)).unwrap();
    let found = outputs.into_iter().find(|o| o.name == output);
    found.unwrap_or_else(|| panic!("no output {output}")).values
}

/// The labels of a merged model, in order.
pub fn labels(merged: &Merged) -> Vec<&str> {
    merged.metadata.labels.iter().map(|l| l.label.as_str()).collect()
}

#[track_caller]
pub fn assert_close(found: &[f32], expected: &[f32], within: f32) {
    assert_eq!(found.len(), expected.len());
    let apart = found.iter().zip(expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(apart <= within, "{apart} apart: {found:?} and {expected:?}");
}

pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let sum: f32 = logits.iter().map(|z| z.exp()).sum();
    logits.iter().map(|z| z.exp() / sum).collect()
}

/// Numbers from −`scale` to `scale`, the same for the same seed.
pub fn weights(seed: u32, count: usize, scale: f32) -> Vec<f32> {
    // xorshift32 (Marsaglia 2003).
    let mut state = seed.wrapping_mul(2_654_435_761) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as f32 / u32::MAX as f32 * 2.0 - 1.0
    };
    (0..count + 8).map(|_| next() * scale).skip(8).collect()
}

fn noisy(seed: u32, dims: &[usize], noise: f32, scale: f32) -> Tensor {
    let count = dims.iter().product();
    let pairs = weights(seed, count, scale).into_iter().zip(weights(seed ^ 0x5555, count, noise));
    Tensor::from_f32(dims, &pairs.map(|(w, n)| w + w * n).collect::<Vec<_>>())
}

fn convolution(g: &mut Graph, name: &str, input: ValueId, weights: &Tensor) -> ValueId {
    let w = g.add_initializer(format!("{name}.weight"), weights.clone());
    let attributes = Attributes::from([
        ("pads".to_string(), Attribute::Ints(vec![1; 4])),
        ("strides".to_string(), Attribute::Ints(vec![2; 2])),
    ]);
    let value = g.add_node(name, "Conv", attributes, &[input, w], TypeAndShape::default());
    node(g, &format!("{name}.relu"), "Relu", &[], &[value])
}

fn linear(g: &mut Graph, name: &str, input: ValueId, [inputs, outputs]: [usize; 2], seed: u32, gain: f32) -> ValueId {
    let w = g.add_initializer(format!("{name}.weight"), noisy(seed, &[outputs, inputs], 0.0, 2.0 * gain));
    let b = g.add_initializer(format!("{name}.bias"), noisy(seed ^ 77, &[outputs], 0.0, 0.5 * gain));
    node(g, name, "Gemm", &[("transB", 1)], &[input, w, b])
}

fn node(g: &mut Graph, name: &str, op: &str, ints: &[(&str, i64)], inputs: &[ValueId]) -> ValueId {
    let attributes = ints.iter().map(|(name, value)| (name.to_string(), Attribute::Int(*value))).collect();
    g.add_node(name, op, attributes, inputs, TypeAndShape::default())
}

fn fact(shape: &[Option<usize>]) -> TypeAndShape {
    TypeAndShape { dtype: Some(DataType::Float), shape: Some(shape.to_vec()) }
}

/// Changes a tensor's bytes, which are shared with its file.
pub fn change(bytes: &mut Bytes, change: impl FnOnce(&mut Vec<u8>)) {
    let mut own = bytes.to_vec();
    change(&mut own);
    *bytes = own.into();
}
