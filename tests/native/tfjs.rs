//! TensorFlow.js layers models: their results, and refusals.

use crate::exports::{fixtures, folder, softmax, Memory};
use polyhead::engine::Engine;
use polyhead::import::{Format, ImportedModel, Nothing, Overrides};
use polyhead::merge::{merge, MergeOptions};
use polyhead::onnx::to_proto;
use polyhead::{Error, ErrorKind};
use serde_json::{json, Value};

fn read(place: &Memory) -> Result<ImportedModel, Error> {
    ImportedModel::read_folder("shapes", place, &Overrides::default())
}

/// The logits of a model on one input.
fn logits(source: ImportedModel, input: &[f32]) -> Vec<f32> {
    let shape = source.preprocessing.value.shape();
    let engine = Engine::new("test", &to_proto(source.graph), &shape).unwrap();
    engine.run(input).unwrap().remove(0).values
}

fn numbers(value: &Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect()
}

#[test]
fn every_layer_matches_numpy() {
    let place = folder("tfjs");
    let expected: Value = serde_json::from_slice(&place.0["expected.json"]).unwrap();
    let source = read(&place).unwrap();
    assert_eq!(source.name, "shapes");
    assert_eq!(source.heads[0].labels, ["red", "green", "blue"]);
    assert_eq!(source.facts.format, Format::TfjsLayers);
    assert_eq!(source.facts.producer, "tfjs-layers 4.0.0");
    assert!(source.facts.ends_with_activation);
    let found = logits(source, &numbers(&expected["input"]));
    for (found, expected) in found.iter().zip(numbers(&expected["logits"])) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
    for (found, expected) in softmax(&found).iter().zip(numbers(&expected["probabilities"])) {
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

#[test]
fn canonical_form_computes_the_same() {
    let place = folder("tfjs");
    let expected: Value = serde_json::from_slice(&place.0["expected.json"]).unwrap();
    let mut source = read(&place).unwrap();
    source.graph = polyhead::canonical::canonical(source.graph).unwrap();
    let found = logits(source, &numbers(&expected["input"]));
    for (found, expected) in found.iter().zip(numbers(&expected["logits"])) {
        assert!((found - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn teachable_machine_preprocessing() {
    let found = read(&folder("tfjs")).unwrap().preprocessing;
    assert_eq!(found.from.to_string(), "metadata.json");
    let json = json!({
        "width": 9, "height": 9, "fit": "centre-crop", "filter": "bilinear", "antialias": false,
        "range": [-1.0, 1.0], "mean": [0.0, 0.0, 0.0], "std": [1.0, 1.0, 1.0], "channels": "rgb", "layout": "nhwc"
    });
    assert_eq!(serde_json::to_value(&found.value).unwrap(), json);
}

/// The example with a part of its `model.json` replaced.
fn edited(edit: impl FnOnce(&mut Value)) -> Memory {
    let mut place = folder("tfjs");
    let mut json: Value = serde_json::from_slice(&place.0["model.json"]).unwrap();
    edit(&mut json);
    place.0.insert("model.json".into(), json.to_string().into_bytes());
    place
}

fn base(json: &mut Value) -> &mut Value {
    &mut json["modelTopology"]["config"]["layers"][1]["config"]["layers"]
}

#[test]
fn unknown_layer_is_named() {
    let error = read(&edited(|json| base(json)[13]["class_name"] = "LSTM".into())).unwrap_err();
    assert_eq!(error.code(), "unsupported-model");
    assert!(error.is_refusal());
    let text = error.to_string();
    assert!(text.starts_with("model 'shapes', layer 'base/swish': expected a layer of image classifiers"), "{text}");
    assert!(text.contains("found LSTM; replace it in Keras and save the model again"), "{text}");
    let error = read(&edited(|json| base(json)[13]["config"]["activation"] = "sparsemax".into())).unwrap_err();
    assert!(error.to_string().contains("found sparsemax"), "{error}");
    let both = edited(|json| {
        let relu = &mut base(json)[4]["config"];
        relu["threshold"] = 0.5.into();
        relu["negative_slope"] = 0.1.into();
    });
    assert!(read(&both).unwrap_err().to_string().contains("a slope or a threshold, found both"));
    let error = read(&edited(|json| base(json)[2]["config"]["data_format"] = "channels_first".into())).unwrap_err();
    assert!(error.to_string().contains("data_format channels_last"), "{error}");
}

#[test]
fn arguments_of_functions_are_read_or_refused() {
    // A function in the place of a ReLU.
    let call = |function: &str, arguments: Value| {
        read(&edited(|json| {
            let leaky = base(json).as_array_mut().unwrap().iter_mut().find(|layer| layer["config"]["name"] == "leaky");
            let leaky = leaky.unwrap();
            leaky["class_name"] = "TFOpLambda".into();
            leaky["config"] = json!({ "name": leaky["config"]["name"], "function": function });
            let from = leaky["inbound_nodes"][0][0][0].clone();
            leaky["inbound_nodes"] = json!([[from, 0, 0, arguments]]);
        }))
    };
    let operand = [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5];
    for (function, arguments) in [
        ("__operators__.add", json!({ "y": operand, "name": null })),
        ("nn.bias_add", json!({ "bias": operand, "data_format": "NHWC" })),
    ] {
        let graph = call(function, arguments).unwrap().graph;
        let constants = (0..graph.values.len()).filter_map(|value| graph.tensor(value)?.f32s());
        assert!(constants.into_iter().any(|numbers| numbers == operand.map(|number| number as f32)), "{function}");
    }
    let refused = [
        ("__operators__.add", json!({}), "two operands, found 1"),
        ("nn.bias_add", json!({ "bias": operand, "data_format": "NCHW" }), "data_format NHWC, found \"NCHW\""),
        ("math.add", json!({ "x2": 1.0 }), "only arguments that are converted, found x2: 1.0"),
        ("nn.softmax", json!({ "axis": 1 }), "axis -1, found 1"),
        ("cast", json!({ "dtype": "int32" }), "a cast to floats, found int32"),
        ("nn.elu", json!({ "alpha": 0.5 }), "only arguments that are converted, found alpha: 0.5"),
    ];
    for (function, arguments, expected) in refused {
        let error = call(function, arguments).unwrap_err();
        assert_eq!(error.code(), "unsupported-model", "{function}");
        assert!(error.to_string().contains(expected), "{function}: {error}");
    }
}

#[test]
fn graph_model_is_refused() {
    let error = read(&edited(|json| json["format"] = "graph-model".into())).unwrap_err();
    assert!(error.to_string().contains("--tfjs model.json"), "{error}");
}

#[test]
fn cyclic_and_missing_layers_are_refused() {
    let error = read(&edited(|json| base(json)[2]["inbound_nodes"][0][0][0] = "relu".into())).unwrap_err();
    assert_eq!(error.code(), "malformed-model", "{error}");
    let error = read(&edited(|json| base(json)[2]["inbound_nodes"][0][0][0] = "nowhere".into())).unwrap_err();
    assert_eq!(error.code(), "malformed-model", "{error}");
}

#[test]
fn weights_that_do_not_fit() {
    type Case = (fn(&mut Value), &'static str);
    let cases: [Case; 5] = [
        (|w| w["shape"] = json!([3, 3, 3, 5]), "malformed-model"),
        (|w| w["shape"] = json!([u64::MAX / 2, 8, 1, 1]), "limit"),
        (|w| w["shape"] = json!([108]), "malformed-model"),
        (|w| w["name"] = "other/kernel".into(), "malformed-model"),
        (|w| w["quantization"]["dtype"] = "int4".into(), "unsupported-model"),
    ];
    for (number, (edit, code)) in cases.into_iter().enumerate() {
        let place = edited(|json| edit(&mut json["weightsManifest"][0]["weights"][0]));
        assert_eq!(read(&place).unwrap_err().code(), code, "case {number}");
    }
    let mut place = folder("tfjs");
    place.0.get_mut("group1-shard2of2.bin").unwrap().push(0);
    assert!(read(&place).unwrap_err().to_string().contains("1 bytes behind the last weight"));
    place.0.remove("group1-shard2of2.bin");
    let error = read(&place).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::ExternalData { .. }), "{error}");
    for path in ["../weights.bin", "/etc/passwd", "a\\b"] {
        let place = edited(|json| json["weightsManifest"][0]["paths"][0] = path.into());
        assert_eq!(read(&place).unwrap_err().code(), "external-data", "{path}");
    }
}

#[test]
fn several_inputs_and_other_json() {
    let place = edited(|json| {
        let config = &mut json["modelTopology"]["config"];
        config["input_layers"] = json!([["input", 0, 0], ["base", 0, 0]]);
    });
    assert_eq!(read(&place).unwrap_err().code(), "unsupported-model");
    let mut place = folder("tfjs");
    for text in ["{\"a\": 1}", "{", "{\"modelTopology\": {}, \"weightsManifest\": []}"] {
        place.0.insert("model.json".into(), text.into());
        assert!(["not-onnx", "malformed-model"].contains(&read(&place).unwrap_err().code()), "{text}");
    }
}

/// Models that call themselves twice per level must not double the work until memory runs out.
#[test]
fn nested_calls_are_limited() {
    let input = json!({"class_name": "InputLayer", "name": "i", "inbound_nodes": [],
        "config": {"name": "i", "batch_input_shape": [null, 4, 4, 3]}});
    let relu = json!({"class_name": "ReLU", "name": "m", "config": {"name": "m"}, "inbound_nodes": [[["i", 0, 0, {}]], [["m", 0, 0, {}]]]});
    let model = |inner: Value| {
        json!({"class_name": "Model", "name": "m", "inbound_nodes": [[["i", 0, 0, {}]], [["m", 0, 0, {}]]],
            "config": {"name": "m", "layers": [input, inner], "input_layers": [["i", 0, 0]], "output_layers": [["m", 1, 0]]}})
    };
    let deep = (0..20).fold(relu, |inner, _| model(inner));
    let json = json!({"modelTopology": deep, "weightsManifest": []});
    let place = Memory([("model.json".to_string(), json.to_string().into_bytes())].into());
    assert_eq!(read(&place).unwrap_err().code(), "limit");
}

/// The numbers of a NumPy file of 32-bit floats, whose header ends with a newline.
fn npy(path: &std::path::Path) -> Vec<f32> {
    let bytes = std::fs::read(path).unwrap();
    let start = 10 + usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes[start..].chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect()
}

/// A real export equals the same model rebuilt in Keras, and a second head on its base merges with it.
#[test]
fn teachable_machine_export() {
    let Some(fixtures) = fixtures() else { return };
    let archive = fixtures.join("tm-image-model.zip");
    let Ok(bytes) = std::fs::read(archive) else { return eprintln!("skipped: no tm-image-model.zip") };
    let export = ImportedModel::read("tm-image-model.zip", &bytes, &Overrides::default(), &Nothing).unwrap();
    assert_eq!(export.heads[0].labels, ["Class 1", "Class 2"]);
    let models = fixtures.join("models");
    let input = npy(&models.join("tm-original-class1-class2.in.npy"));
    let found = softmax(&logits(export.clone(), &input));
    for (found, expected) in found.iter().zip(npy(&models.join("tm-original-class1-class2.out.npy"))) {
        assert!((found - expected).abs() < 1e-4, "{found} {expected}");
    }

    let labels = std::fs::read(models.join("trash-tm-mobilenetv2_035.labels.txt")).unwrap();
    let beside = Memory([("trash-tm-mobilenetv2_035.labels.txt".to_string(), labels)].into());
    let other = std::fs::read(models.join("trash-tm-mobilenetv2_035.onnx")).unwrap();
    let other = ImportedModel::read("trash-tm-mobilenetv2_035.onnx", &other, &Overrides::default(), &beside).unwrap();
    let merged = merge(vec![export, other], &MergeOptions::default()).unwrap();
    assert_eq!(merged.metadata.labels.len(), 7);
    assert!(merged.backbone.models[1].shared > 0.99, "{}", merged.backbone.models[1].shared);
}
