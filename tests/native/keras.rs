//! Keras files: HDF5 of Keras 2 and 3, Keras 3 archives; their results compared with NumPy, and refusals.

use crate::exports::{folder, softmax, zip, Memory};
use crate::mutants;
use polyhead::engine::Engine;
use polyhead::import::{Format, ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::merge::{merge, MergeOptions};
use polyhead::onnx::to_proto;
use polyhead::{Error, Result};
use serde_json::Value;

const FILES: [(&str, Format, &str); 5] = [
    ("shapes-keras2.h5", Format::KerasH5, "Keras 2.15.0"),
    ("shapes-keras3.h5", Format::KerasH5, "Keras 3.5.0"),
    ("shapes.keras", Format::Keras, "Keras 3.5.0"),
    ("layers.h5", Format::KerasH5, "Keras 3.5.0"),
    ("layers.keras", Format::Keras, "Keras 3.5.0"),
];

fn overrides() -> Overrides {
    let value = ["red", "green", "blue"].map(String::from).to_vec();
    let labels = Some(WithProvenance { value, from: Provenance::Stated("the test".into()) });
    Overrides { labels, ..Overrides::default() }
}

fn read(file: &str, bytes: &[u8]) -> Result<ImportedModel> {
    ImportedModel::read(file, bytes, &overrides(), &Nothing)
}

fn bytes(file: &str) -> Vec<u8> {
    folder("keras").0[file].clone()
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

fn error(result: Result<ImportedModel>) -> (&'static str, String) {
    let error: Error = result.unwrap_err();
    (error.code(), error.to_string())
}

#[test]
fn every_file_matches_numpy() {
    for (file, format, producer) in FILES {
        let expected = file.split(['-', '.']).next().unwrap();
        let expected: Value = serde_json::from_slice(&bytes(&format!("{expected}.expected.json"))).unwrap();
        let source = read(file, &bytes(file)).unwrap();
        assert_eq!((source.facts.format, source.facts.producer.as_str()), (format, producer));
        assert_eq!(source.name, file.rsplit_once('.').unwrap().0);
        assert!(source.facts.ends_with_activation);
        let canonical = polyhead::canonical::canonical(source.graph.clone()).unwrap();
        for graph in [source.graph.clone(), canonical] {
            let engine = Engine::new("test", &to_proto(graph), &source.preprocessing.value.shape()).unwrap();
            let found = engine.run(&numbers(&expected["input"])).unwrap().remove(0).values;
            for (found, expected) in found.iter().zip(numbers(&expected["logits"])) {
                assert!((found - expected).abs() < 1e-5, "{file}: {found} {expected}");
            }
            for (found, expected) in softmax(&found).iter().zip(numbers(&expected["probabilities"])) {
                assert!((found - expected).abs() < 1e-6, "{file}: {found} {expected}");
            }
        }
    }
}

#[test]
fn all_forms_of_a_model_have_the_same_weights() {
    let tfjs = || ImportedModel::read_folder("tfjs", &folder("tfjs"), &Overrides::default()).unwrap();
    for file in ["shapes-keras2.h5", "shapes-keras3.h5", "shapes.keras"] {
        let mut other = read(file, &bytes(file)).unwrap();
        other.preprocessing = tfjs().preprocessing;
        let options =
            MergeOptions { duplicate_labels: polyhead::labels::DuplicateLabels::Keep, ..MergeOptions::default() };
        // Down to the logits: a model cannot be merged with itself.
        assert_eq!(merge(vec![tfjs(), other], &options).unwrap_err().code(), "same-model", "{file}");
    }
}

#[test]
fn rescaling_inside_becomes_part_of_the_preprocessing() {
    let found = read("layers.keras", &bytes("layers.keras")).unwrap().preprocessing.value;
    assert_eq!(found.range, [0.0, 255.0]);
}

#[test]
fn folders_and_archives_hold_keras_files() {
    let named = |files: &[(&str, &str)]| {
        let mut place = Memory(files.iter().map(|(name, file)| (name.to_string(), bytes(file))).collect());
        place.0.insert("labels.txt".into(), b"0 red\n1 green\n2 blue\n".to_vec());
        place
    };
    // As Teachable Machine packs it.
    let machine = named(&[("keras_model.h5", "shapes-keras2.h5")]);
    let source = ImportedModel::read_folder("my model", &machine, &Overrides::default()).unwrap();
    assert_eq!((source.name.as_str(), source.facts.format), ("my model", Format::KerasH5));
    assert_eq!(source.heads[0].labels, ["red", "green", "blue"]);
    let packed = zip("converted_keras/", &machine);
    let source = ImportedModel::read("converted_keras.zip", &packed, &Overrides::default(), &Nothing).unwrap();
    assert_eq!(source.heads[0].labels, ["red", "green", "blue"]);
    // The labels beside a Keras 3 file, which is an archive itself, and one in an archive.
    let place = named(&[("layers.keras", "layers.keras")]);
    let source = ImportedModel::read("layers.keras", &bytes("layers.keras"), &Overrides::default(), &place).unwrap();
    assert_eq!(source.heads[0].labels, ["red", "green", "blue"]);
    let source = ImportedModel::read("a.zip", &zip("", &place), &Overrides::default(), &Nothing).unwrap();
    assert_eq!((source.name.as_str(), source.facts.format), ("a", Format::Keras));
    // Of several exports of one model the ONNX file is taken, then that of TensorFlow.js.
    let mut several = folder("tfjs");
    several.0.extend(machine.0.clone());
    let source = ImportedModel::read_folder("several", &several, &Overrides::default()).unwrap();
    assert_eq!(source.facts.format, Format::TfjsLayers);
    several.0.extend(folder("liner").0);
    let source = ImportedModel::read_folder("several", &several, &Overrides::default()).unwrap();
    assert_eq!(source.facts.format, Format::Onnx);
}

/// The archive with a part of its layers replaced.
fn edited(from: &str, to: &str) -> Vec<u8> {
    let archive = bytes("layers.keras");
    let archive = polyhead::import::Archive::open("layers", &archive).unwrap();
    use polyhead::import::FileTree;
    let files = archive.names().unwrap().into_iter().map(|name| {
        let bytes = archive.read(&name).unwrap().unwrap();
        let bytes = match name.as_str() {
            "config.json" => {
                let text = String::from_utf8(bytes).unwrap();
                assert!(text.contains(from), "{text}");
                text.replacen(from, to, 1).into_bytes()
            }
            _ => bytes,
        };
        (name, bytes)
    });
    zip("", &Memory(files.collect()))
}

#[test]
fn refusals_name_the_layer() {
    let lambda = edited("\"LeakyReLU\"", "\"Lambda\"");
    let (code, text) = error(read("m.keras", &lambda));
    assert_eq!(code, "unsupported-model");
    assert!(text.starts_with("model 'm', layer 'leaky': expected a layer of image classifiers"), "{text}");
    assert!(text.contains("found Lambda"), "{text}");
    let axes = edited("\"axis\": [-1]", "\"axis\": [1, 2]");
    let (code, text) = error(read("m.keras", &axes));
    let expected = "model 'm', layer 'normalise': expected normalised channels, axis -1, found [1,2]; replace it";
    assert_eq!(code, "unsupported-model");
    assert!(text.starts_with(expected), "{text}");
    let axis = edited("\"axis\": -1", "\"axis\": 2");
    let (code, text) = error(read("m.keras", &axis));
    assert_eq!(code, "unsupported-model", "{text}");
    let softmax = edited(
        "\"LeakyReLU\", \"name\": \"leaky\", \"config\": {",
        "\"Softmax\", \"name\": \"leaky\", \"config\": {\"axis\": [1, 2], ",
    );
    let (code, text) = error(read("m.keras", &softmax));
    assert_eq!(code, "unsupported-model", "{text}");
    assert!(text.contains("expected a softmax over the channels, axis -1, found [1,2]"), "{text}");
    // Nested layers are named with the models around them.
    let nested = bytes("shapes-keras2.h5");
    let at = nested.windows(20).position(|bytes| bytes == b"\"class_name\": \"ReLU\"").unwrap();
    let nested = [&nested[..at], b"\"class_name\": \"ReLX\"", &nested[at + 20..]].concat();
    let (_, text) = error(read("m.h5", &nested));
    assert!(text.starts_with("model 'm', layer 'base/relu': expected a layer"), "{text}");
    let (code, text) = error(read("m.h5", b"\x89HDF\r\n\x1a\n"));
    assert_eq!(code, "malformed-model");
    assert!(text.starts_with("model 'm', the layers: expected a complete HDF5 file, found "), "{text}");
}

#[test]
fn weights_without_layers_are_refused() {
    let h5 = bytes("shapes-keras2.h5");
    // The attribute under another name.
    let at = h5.windows(12).position(|bytes| bytes == b"model_config").unwrap();
    let renamed = [&h5[..at], b"model_donfig", &h5[at + 12..]].concat();
    let (code, text) = error(read("m.h5", &renamed));
    let expected =
        "model 'm', the layers: expected a model with its layers, found weights without the model's layers; save the \
                    whole model in Keras: model.save(\"model.keras\")";
    assert_eq!((code, text.as_str()), ("unsupported-model", expected));
}

#[test]
fn damaged_files_are_errors() {
    for file in ["shapes-keras2.h5", "layers.keras"] {
        let whole = bytes(file);
        for length in (0..whole.len()).step_by(997) {
            let _ = read(file, &whole[..length]).unwrap_err();
        }
        for mutant in mutants::of(&whole, &bytes("shapes-keras3.h5"), 211) {
            // Any answer but a panic: a changed weight is still a weight.
            let _ = read(file, &mutant.bytes);
        }
    }
}
