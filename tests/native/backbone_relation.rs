//! How the weights of two models differ: drifted batch normalisation, fine-tuning, another base.

use crate::command::{run, succeeds};
use crate::tiny::{merged, read, Tiny};
use polyhead::backbone::{LayerClass, RelationKind, WeightRelation};
use polyhead::canonical::canonical;
use polyhead::import::ImportedModel;
use polyhead::merge::{merge, MergeOptions};
use polyhead::onnx::{self, pb::AttributeProto, pb::NodeProto, pb::TensorProto, ModelProto};

pub fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

pub fn b() -> Tiny {
    Tiny::new("b", &["hat", "shoe"])
}

fn relation(first: &ImportedModel, second: &ImportedModel) -> WeightRelation {
    let [first, second] = [first, second].map(|model| canonical(model.graph.clone()).unwrap());
    WeightRelation::of(&first, &second)
}

pub fn model(proto: &ModelProto, labels: &[&str]) -> ImportedModel {
    read("b", &onnx::encode(proto), Some(labels)).unwrap()
}

/// The numbers of a tensor, changed by their place.
fn change(tensor: &mut TensorProto, change: impl Fn(usize, f32) -> f32) {
    let numbers = tensor.raw_data.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap()));
    let changed: Vec<u8> = numbers.enumerate().flat_map(|(at, v)| change(at, v).to_le_bytes()).collect();
    tensor.raw_data = changed.into();
}

fn factor(channel: usize) -> f32 {
    1.0 + 0.3 * (1.7 * channel as f32).sin()
}

/// The model with a factor and a shift for each output channel of its convolutions, as folded batch normalisation has them.
pub fn drifted(tiny: &Tiny) -> ModelProto {
    let mut proto = onnx::to_proto(tiny.graph());
    for tensor in &mut proto.graph.as_mut().unwrap().initializer {
        let channels = tensor.dims[0] as usize;
        match tensor.dims.len() {
            4 => {
                let width = tensor.dims[1..].iter().product::<i64>() as usize;
                change(tensor, |at, v| v * factor(at / width));
            }
            1 if channels >= 8 => change(tensor, |at, v| v + 0.1 * factor(at)),
            _ => {}
        }
    }
    proto
}

#[test]
fn drift_is_a_factor_per_output_channel() {
    let second = model(&drifted(&b()), &["hat", "shoe"]);
    let found = relation(&a().source(), &second);
    assert_eq!(found.kind, RelationKind::Drifted);
    let convolutions: Vec<_> = found.layers.iter().filter(|l| l.op == "Conv").collect();
    assert_eq!(convolutions.len(), 2);
    for layer in convolutions {
        assert_eq!(layer.class, LayerClass::Rescaled);
        assert!(layer.residual < 1e-6 && layer.factor > 0.1 && layer.relative > 0.1, "{layer:?}");
    }
    let error = merge(vec![a().source(), second], &MergeOptions::default()).unwrap_err();
    assert_eq!(error.code(), "drifted-backbone");
    let expected = "model 'b': expected the weights of 'a', found the same network; batch-normalisation statistics moved in \
                    2 of 2 layers, by 21 % in the median; the models were trained with the backbone in training mode; merge with \
                    separate backbones (exact, the work of each) or with a shared one (the work of one, other answers, which a \
                    fit repairs); for the next training, keep batch normalisation in evaluation mode (PyTorch: eval() on it \
                    after train(); Keras: training=False; fastai: train_bn=False)";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn channels_of_zeros_have_no_factor() {
    let zero = |mut proto: ModelProto| {
        for tensor in proto.graph.as_mut().unwrap().initializer.iter_mut().filter(|t| t.dims.len() == 4) {
            let width = tensor.dims[1..].iter().product::<i64>() as usize;
            change(tensor, |at, v| if at / width == 3 { 0.0 } else { v });
        }
        proto
    };
    let first = read("a", &onnx::encode(&zero(onnx::to_proto(a().graph()))), Some(&a().labels)).unwrap();
    let found = relation(&first, &model(&zero(drifted(&b())), &["hat", "shoe"]));
    assert_eq!(found.kind, RelationKind::Drifted);
    assert!(found.layers.iter().all(|layer| layer.factor.is_finite() && layer.residual.is_finite()), "{found:?}");
}

/// The model with batch normalisation before its second convolution, as in DenseNet, which nothing folds.
pub fn normalised(tiny: &Tiny, moved: f32) -> ModelProto {
    let mut proto = onnx::to_proto(tiny.graph());
    let graph = proto.graph.as_mut().unwrap();
    let at =
        graph.node.iter().position(|node| node.name.starts_with("two") || node.output[0].starts_with("two")).unwrap();
    let read = graph.node[at].input[0].clone();
    let names = ["gamma", "beta", "mean", "variance"];
    for (name, value) in names.iter().zip([1.0, 0.2, 0.3, 0.8]) {
        let numbers = (0..8).flat_map(|c| (value + moved * factor(c)).to_le_bytes()).collect::<Vec<u8>>();
        let tensor = TensorProto {
            name: name.to_string(),
            dims: vec![8],
            data_type: 1,
            raw_data: numbers.into(),
            ..Default::default()
        };
        graph.initializer.push(tensor);
    }
    let epsilon = AttributeProto { name: "epsilon".into(), r#type: 1, f: 1e-5, ..Default::default() };
    let input = std::iter::once(read).chain(names.map(String::from)).collect();
    let node = NodeProto {
        op_type: "BatchNormalization".into(),
        input,
        output: vec!["normal".into()],
        attribute: vec![epsilon],
        ..Default::default()
    };
    graph.node[at].input[0] = "normal".into();
    graph.node.insert(at, node);
    proto
}

#[test]
fn normalisation_by_itself_drifts_too() {
    let first = read("a", &onnx::encode(&normalised(&a(), 0.0)), Some(&a().labels)).unwrap();
    let found = relation(&first, &model(&normalised(&b(), 0.1), &["hat", "shoe"]));
    assert_eq!(found.kind, RelationKind::Drifted, "{found:?}");
}

#[test]
fn fine_tuned_and_other_weights() {
    let tuned = Tiny { noise: 0.02, ..b() };
    let found = relation(&a().source(), &tuned.source());
    assert_eq!(found.kind, RelationKind::FineTuned);
    assert!(found.layers.iter().filter(|l| l.op == "Conv").all(|l| l.class == LayerClass::Close), "{found:?}");
    let code = |second: &Tiny| merged(&[&a(), second], &MergeOptions::default()).unwrap_err().code();
    assert_eq!(code(&tuned), "fine-tuned-backbone");
    let other = Tiny { first: 8, second: 9, ..b() };
    assert_eq!(relation(&a().source(), &other.source()).kind, RelationKind::OtherBase);
    assert_eq!(code(&other), "too-little-shared");
    assert_eq!(relation(&a().source(), &b().source()).kind, RelationKind::Same);
    let smaller = Tiny { size: 32, ..b() };
    assert_ne!(relation(&a().source(), &smaller.source()).kind, RelationKind::Drifted);
}

#[test]
fn inspect_compares_every_model_with_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("a.onnx", &a().bytes());
    write("b.onnx", &onnx::encode(&drifted(&b())));
    write("c.onnx", &b().bytes());
    let output = succeeds(&folder, "inspect a.onnx b.onnx c.onnx");
    let ends: Vec<&str> = output.lines().filter(|line| line.starts_with("backbone")).collect();
    let drift =
        "the same network; batch-normalisation statistics moved in 2 of 2 layers, by 21 % in the median; the models \
                 were trained with the backbone in training mode";
    let expected = [
        format!(
            "backbone      b.onnx: {drift}; for the next training, keep batch normalisation in evaluation mode (PyTorch: eval() \
             on it after train(); Keras: training=False; fastai: train_bn=False)"
        ),
        "backbone      c.onnx: the same backbone, 99.9 % of the multiply-adds".to_string(),
    ];
    assert_eq!(ends, expected);
    let rows: serde_json::Value =
        serde_json::from_str(&succeeds(&folder, "inspect a.onnx b.onnx c.onnx --json")).unwrap();
    assert_eq!(rows[0].get("backbone"), None);
    assert_eq!(rows[1]["backbone"]["kind"], "drifted");
    assert_eq!(rows[1]["backbone"]["layers"][1]["class"], "rescaled");
    assert_eq!(rows[2]["backbone"]["kind"], "same");
    let alone: serde_json::Value = serde_json::from_str(&succeeds(&folder, "inspect a.onnx --json")).unwrap();
    assert_eq!(alone[0].get("backbone"), None);
    let (code, _, errors) = run(&folder, "inspect a.onnx nowhere.onnx");
    assert_eq!((code, errors.as_str()), (2, ""), "one that cannot be read is told in its place");
}
