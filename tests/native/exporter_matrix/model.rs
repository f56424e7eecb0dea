//! The kinds of exports: their files, their preprocessing, and the expected outcome of a pair.

use polyhead::error::Result;
use polyhead::image::preprocess::{Preprocessing, ResizeMode, TensorLayout};
use polyhead::import::{ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::onnx::{self, ModelProto};
use std::path::Path;

/// One way in which a classifier is exported.
pub struct Kind {
    pub name: &'static str,
    /// The file of the first head.
    file: &'static str,
    /// The file of another head on the same base; without one, the same file with another last layer.
    other: Option<&'static str>,
    family: Family,
    /// Whether its weights are rounded to 16 bits.
    pub half: bool,
}

/// Exports that can share a backbone.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Family {
    Lite0,
    /// EfficientNet-Lite0 that normalises 0..255 itself.
    Lite0Baked,
    /// EfficientNet-Lite0 quantised to integers, which is refused.
    Lite0Int8,
    Lite0Other,
    Lite0Small,
    Lite1,
    Keras,
    KerasBroken,
    TeachableMachine,
}
use Family::*;

const fn kind(name: &'static str, file: &'static str, family: Family) -> Kind {
    Kind { name, file, other: None, family, half: false }
}

const fn two(name: &'static str, file: &'static str, other: &'static str, family: Family) -> Kind {
    Kind { name, file, other: Some(other), family, half: false }
}

pub const KINDS: [Kind; 18] = [
    two("torch legacy", "trash-lite0-logits-legacy", "clothes_b-lite0-logits-legacy", Lite0),
    kind("torch dynamo", "trash-lite0-logits-dynamo", Lite0),
    kind("dynamo, hidden layer, softmax", "trash-lite0-mlp-softmax-dynamo", Lite0),
    kind("BN not folded", "trash-lite0-unfusedbn-legacy", Lite0),
    kind("onnx-simplified", "trash-lite0-onnxsim", Lite0),
    kind("1e-7 noise", "trash-lite0-noise1e-7", Lite0),
    kind("last block retrained", "trash-lite0-linerlike", Lite0),
    Kind { half: true, ..two("fp16", "trash-lite0-fp16", "clothes_b-lite0-fp16", Lite0) },
    kind("int8 QDQ", "trash-lite0-int8qdq", Lite0Int8),
    kind("normalises inside", "trash-lite0-normbaked-legacy", Lite0Baked),
    kind("2 % noise", "trash-lite0-otherbase2pct", Lite0Other),
    kind("192 × 192", "trash-lite0-size192-legacy", Lite0Small),
    kind("EfficientNet-Lite1", "trash-lite1-logits-legacy", Lite1),
    two("Keras, tf2onnx", "keras-b0-random-a-tf2onnx-224", "keras-b0-random-b-tf2onnx-224", Keras),
    two(
        "Keras, H and W open, block 7a retrained",
        "linerlike-b0-random-a-tf2onnx-dynhw",
        "linerlike-b0-random-b-tf2onnx-dynhw",
        Keras,
    ),
    kind("Keras export, broken", "keras-b0-random-a-kerasexport", KerasBroken),
    two("Teachable Machine", "trash-tm-mobilenetv2_035", "clothes_b-tm-mobilenetv2_035", TeachableMachine),
    kind("Teachable Machine, original", "tm-original-class1-class2", TeachableMachine),
];

impl Kind {
    /// Reads the first head, or the second one.
    pub fn read(&self, folder: &Path, second: bool) -> Result<ImportedModel> {
        let file = match self.other {
            Some(other) if second => other,
            _ => self.file,
        };
        let mut bytes = std::fs::read(folder.join(format!("{file}.onnx"))).unwrap();
        let name = if second { "second" } else { "first" };
        if second && self.other.is_none() {
            let mut proto = onnx::decode(name, bytes)?;
            turn_last_layer(&mut proto);
            bytes = onnx::encode(&proto);
        }
        let labels = std::fs::read_to_string(folder.join(format!("{file}.labels.txt"))).unwrap();
        let found = |value| Some(WithProvenance { value, from: Provenance::Stated("the fixtures' README".into()) });
        let stated = Overrides {
            name: Some(name.to_string()),
            labels: Some(WithProvenance {
                value: labels.lines().map(str::to_string).collect(),
                from: Provenance::Stated("its label file".into()),
            }),
            preprocessing: found(self.preprocessing()),
            ..Overrides::default()
        };
        ImportedModel::read(&format!("{file}.onnx"), &bytes, &stated, &Nothing)
    }

    fn preprocessing(&self) -> Preprocessing {
        let side = match self.family {
            Lite0Small => 192,
            Lite1 => 240,
            _ => 224,
        };
        let plain = Preprocessing::new(side, side);
        match self.family {
            Lite0Baked => Preprocessing { range: [0.0, 255.0], ..plain },
            Keras | KerasBroken => Preprocessing { range: [0.0, 255.0], layout: TensorLayout::Nhwc, ..plain },
            TeachableMachine => {
                Preprocessing { range: [-1.0, 1.0], layout: TensorLayout::Nhwc, fit: ResizeMode::CentreCrop, ..plain }
            }
            _ => Preprocessing { mean: [0.5; 3], std: [0.5; 3], ..plain },
        }
    }

    /// The code with which a pair should be refused; `None` if it should merge.
    pub fn expected(&self, second: &Kind) -> Option<&'static str> {
        let never = |family| matches!(family, KerasBroken | Lite0Int8);
        let lite0 = |family| matches!(family, Lite0 | Lite0Baked);
        let square = |family| matches!(family, Lite0 | Lite0Baked | Lite0Other);
        match (self.family, second.family) {
            (a, b) if never(a) || never(b) => Some("unsupported-model"),
            (a, b) if a == b || lite0(a) && lite0(b) => None,
            // A Transpose converts one layout into the other; the weights differ.
            (a, TeachableMachine) if square(a) || a == Keras => Some("too-little-shared"),
            (a, b) if square(a) && square(b) => Some("fine-tuned-backbone"),
            _ => Some("different-inputs"),
        }
    }

    /// An input of this shape for the first head and onnxruntime's output for it, if that was recorded; otherwise a
    /// gradient.
    pub fn recorded(&self, folder: &Path, shape: &[usize]) -> (Vec<f32>, Option<Vec<f32>>) {
        let load = |which: &str| numbers(&folder.join(format!("{}.{which}.npy", self.file)));
        let count: usize = shape.iter().product();
        match (load("in"), load("out")) {
            (Some(input), Some(answer)) if input.len() == count => (input, Some(answer)),
            _ => ((0..count).map(|i| (i % 977) as f32 / 977.0).collect(), None),
        }
    }
}

/// The 32-bit floats of a NumPy file of version 1.
fn numbers(path: &Path) -> Option<Vec<f32>> {
    let bytes = std::fs::read(path).ok()?;
    let header = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert!(bytes.starts_with(b"\x93NUMPY\x01"), "{}", path.display());
    Some(bytes[header..].chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect())
}

/// Makes another head of the same kind: the numbers of the last layer's weights in reverse order.
fn turn_last_layer(proto: &mut ModelProto) {
    let graph = proto.graph.as_mut().unwrap();
    let layer = graph.node.iter().rev().find(|n| matches!(n.op_type.as_str(), "Gemm" | "MatMul")).unwrap();
    // Nodes between the layer and its constant only change its type or its position.
    let mut name = layer.input[1].clone();
    while let Some(node) = graph.node.iter().find(|n| n.output.contains(&name)) {
        name = node.input[0].clone();
    }
    let tensor = graph.initializer.iter_mut().find(|t| t.name == name).unwrap();
    let count: usize = tensor.dims.iter().map(|&d| d as usize).product();
    if tensor.raw_data.is_empty() {
        tensor.float_data.reverse();
        return;
    }
    let width = tensor.raw_data.len() / count;
    tensor.raw_data = tensor.raw_data.chunks_exact(width).rev().flatten().copied().collect();
}
