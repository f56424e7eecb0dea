//! TensorFlow Lite files: floats, half floats and integers, their results compared with TensorFlow's, and refusals.

use crate::exports::{folder, Memory};
use crate::mutants;
use polyhead::engine::Engine;
use polyhead::import::{Format, ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::merge::{merge, MergeOptions, Weights};
use polyhead::onnx::to_proto;
use polyhead::{Error, Result};
use serde_json::Value;

fn bytes(file: &str) -> Vec<u8> {
    folder("tflite").0[file].clone()
}

fn read_named(name: &str, bytes: &[u8], labels: &[&str]) -> Result<ImportedModel> {
    let value = labels.iter().map(|label| label.to_string()).collect();
    let labels = Some(WithProvenance { value, from: Provenance::Stated("the test".into()) });
    ImportedModel::read(name, bytes, &Overrides { labels, ..Overrides::default() }, &Nothing)
}

fn read(file: &str) -> ImportedModel {
    let labels: &[&str] = if file == "operators.tflite" { &["a", "b", "c", "d"] } else { &["red", "green", "blue"] };
    read_named(file, &bytes(file), labels).unwrap()
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

fn expected(key: &str) -> Vec<f32> {
    let expected: Value = serde_json::from_slice(&bytes("expected.json")).unwrap();
    numbers(&expected[key])
}

/// The largest difference of a probability to TensorFlow's float model, of the graph as read and in canonical form.
fn furthest(model: &ImportedModel, key: &str) -> f32 {
    let canonical = polyhead::canonical::canonical(model.graph.clone()).unwrap();
    let mut furthest = 0f32;
    for graph in [model.graph.clone(), canonical] {
        let engine = Engine::new("test", &to_proto(graph), &model.preprocessing.value.shape()).unwrap();
        let logits = engine.run(&expected("input")).unwrap().remove(0).values;
        let found = crate::exports::softmax(&logits);
        for (found, expected) in found.iter().zip(expected(key)) {
            furthest = furthest.max((found - expected).abs());
        }
    }
    furthest
}

#[test]
fn every_kind_matches_tensorflow() {
    // TensorFlow Lite computes the integer models in integers: their float results are nearer to the float model.
    let kinds = [
        ("layers-float.tflite", 1e-6, Weights::F32),
        ("layers-half.tflite", 1e-3, Weights::F16),
        ("layers-dynamic.tflite", 2e-2, Weights::F32),
        ("layers-integers.tflite", 2e-2, Weights::Int8),
        ("layers-unsigned.tflite", 2e-2, Weights::Int8),
    ];
    for (file, tolerance, weights) in kinds {
        let model = read(file);
        assert_eq!((model.facts.format, model.facts.weights), (Format::Tflite, weights), "{file}");
        assert_eq!(model.facts.producer, "TensorFlow Lite, MLIR Converted.");
        assert!(model.facts.ends_with_activation);
        let found = furthest(&model, "layers");
        assert!(found < tolerance, "{file}: {found}");
    }
}

#[test]
fn operators_of_other_architectures_match_tensorflow() {
    let found = furthest(&read("operators.tflite"), "operators");
    assert!(found < 1e-5, "{found}");
}

#[test]
fn integers_as_input_imply_the_range_of_pixels() {
    let unsigned = read("layers-unsigned.tflite");
    assert_eq!(unsigned.preprocessing.value.range, [-1.0, 1.0]);
    let text = unsigned.preprocessing.from.to_string();
    assert!(text.starts_with("metadata 'quantization of the input' (range); guess: "), "{text}");
    assert!(read("layers-float.tflite").preprocessing.from.is_guess());
}

#[test]
fn weights_of_integers_are_stored_as_integers_again() {
    let model = read("layers-integers.tflite");
    let merged = merge(vec![model.clone()], &MergeOptions::default()).unwrap();
    let proto = merged.proto;
    let dequantised = proto.graph.as_ref().unwrap().node.iter().filter(|n| n.op_type == "DequantizeLinear").count();
    assert!(dequantised >= 3, "{dequantised}");
    let again =
        ImportedModel::read("m.onnx", &polyhead::onnx::encode(&proto), &Overrides::default(), &Nothing).unwrap();
    assert_eq!(again.facts.weights, Weights::Int8);
    let found = furthest(&again, "layers");
    assert!((found - furthest(&model, "layers")).abs() < 1e-3, "{found}");
}

#[test]
fn the_integers_are_those_of_the_file() {
    // Half floats of the same weights differ by half a unit of eleven bits, integers of eight bits by half a step.
    let merges = |file: &str, tolerance: f64| {
        let (a, mut b) = (read("layers-float.tflite"), read(file));
        b.name = "b".into();
        b.preprocessing = a.preprocessing.clone();
        let duplicates = polyhead::labels::DuplicateLabels::Keep;
        merge(vec![a, b], &MergeOptions { duplicate_labels: duplicates, tolerance, ..MergeOptions::default() })
    };
    assert_eq!(merges("layers-half.tflite", 1e-5).unwrap_err().code(), "too-little-shared");
    assert_eq!(merges("layers-half.tflite", 1e-3).unwrap_err().code(), "same-model");
    assert_eq!(merges("layers-integers.tflite", 1e-2).unwrap_err().code(), "same-model");
}

#[test]
fn a_folder_names_and_labels_the_model() {
    // As Teachable Machine packs it.
    let files =
        [("model_unquant.tflite", bytes("layers-float.tflite")), ("labels.txt", b"0 red\n1 green\n2 blue\n".to_vec())];
    let place = Memory(files.map(|(name, bytes)| (name.to_string(), bytes)).into());
    let model = ImportedModel::read_folder("colours", &place, &Overrides::default()).unwrap();
    assert_eq!((model.name.as_str(), model.facts.format), ("colours", Format::Tflite));
    assert_eq!(model.heads[0].labels, ["red", "green", "blue"]);
    assert_eq!(model.preprocessing.value.range, [-1.0, 1.0]);
}

fn error(bytes: &[u8]) -> (&'static str, String) {
    let error: Error = read_named("m.tflite", bytes, &["red", "green", "blue"]).unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn refusals_name_the_operator() {
    let file = bytes("layers-float.tflite");
    let (code, text) = error(&file[..file.len() / 2]);
    assert_eq!(code, "malformed-model", "{text}");
    assert!(text.starts_with("model 'm', the file: expected a TensorFlow Lite model, found "), "{text}");
    let (code, text) = error(&bytes("refused.tflite"));
    assert_eq!(code, "unsupported-model");
    let expected =
        "model 'm', CUMSUM 'Cumsum': expected an operator of image classifiers, found CUMSUM; export the model as a \
                    Keras file or as ONNX";
    assert_eq!(text, expected);
}

#[test]
fn damaged_files_are_errors() {
    for (file, step) in [("layers-integers.tflite", 97), ("operators.tflite", 211)] {
        let whole = bytes(file);
        for mutant in mutants::of(&whole, &bytes("layers-half.tflite"), step) {
            // Any answer but a panic: a changed weight is still a weight.
            let _ = read_named(file, &mutant.bytes, &["red", "green", "blue"]);
        }
    }
}
