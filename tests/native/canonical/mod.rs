//! The canonical form of each small model of `tests/fixtures/models`, and the equality of its results.

mod ending;
mod forms;
mod kept;
mod random;

use forms::{ALIKE, FORMS, REFUSED};
use polyhead::backbone::{align, RelativeTolerance};
use polyhead::canonical::{canonical, check_floats, fold_constants, prepare};
use polyhead::engine::Engine;
use polyhead::onnx::{decode, to_graph, to_proto, Graph};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

const TAIL: &str = "GlobalAveragePool Flatten Gemm";

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/models")
}

/// The bytes of a small model.
pub fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(format!("{name}.onnx"))).unwrap()
}

fn read(name: &str) -> polyhead::Result<Graph> {
    to_graph(name, decode(name, bytes(name))?)
}

fn answers() -> BTreeMap<String, Vec<f32>> {
    serde_json::from_str(&std::fs::read_to_string(folder().join("expected.json")).unwrap()).unwrap()
}

/// The image of `make.py`.
fn image(name: &str, len: usize) -> Vec<f32> {
    let levels = ["input_scaled", "input_batch_normalized", "input_keras"].contains(&name);
    let value = |i: usize| (i * 37 % 101) as f32 / 50.0 - 1.0;
    (0..len).map(|i| if levels { value(i) * 127.5 + 127.5 } else { value(i) }).collect()
}

/// The output of the engine for a graph and an input.
fn run(graph: Graph, input: &[f32]) -> Vec<f32> {
    let shape: Vec<usize> = graph.shape(graph.inputs[0]).unwrap().iter().map(|d| d.unwrap()).collect();
    let engine = Engine::new(&graph.name.clone(), &to_proto(graph), &shape).unwrap();
    engine.run(input).unwrap().remove(0).values
}

/// The largest |a − b| / max(1, |b|).
fn off(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f32::max)
}

fn operators(graph: &Graph) -> String {
    let names: Vec<&str> = graph.nodes.iter().map(|n| n.op.as_str()).collect();
    names.join(" ").replace(TAIL, "…")
}

#[test]
fn every_small_model_is_tested() {
    let files = std::fs::read_dir(folder()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let files: BTreeSet<String> = files.filter_map(|f| f.strip_suffix(".onnx").map(str::to_string)).collect();
    let tested = FORMS.iter().chain(REFUSED).map(|(name, _)| name.to_string()).collect();
    assert_eq!(files, tested);
}

#[test]
fn small_models_have_their_canonical_form() {
    for (name, form) in FORMS {
        assert_eq!(&operators(&canonical(read(name).unwrap()).unwrap()), form, "{name}");
    }
}

/// Compares onnxruntime's stored output with two graphs: the export, and its canonical form.
#[test]
fn small_models_match_onnxruntime() {
    for (name, expected) in answers() {
        if REFUSED.iter().any(|(refused, _)| *refused == name) {
            continue;
        }
        let mut exported = read(&name).unwrap();
        prepare(&mut exported).unwrap();
        fold_constants(&mut exported).unwrap();
        let len = exported.shape(exported.inputs[0]).unwrap().iter().flatten().product();
        let input = image(&name, len);
        // onnxruntime computes half-precision graphs in half precision, we in 32 bits.
        let bound = if name.starts_with("half_") && name != "half_source" { 2e-3 } else { 1e-4 };
        assert!(off(&run(exported, &input), &expected) < bound, "{name} as exported");
        let form = canonical(read(&name).unwrap()).unwrap();
        assert!(off(&run(form, &input), &expected) < bound, "{name} in canonical form");
    }
}

#[test]
fn canonical_form_is_a_fixed_point() {
    for (name, form) in FORMS {
        let once = canonical(read(name).unwrap()).unwrap();
        assert_eq!(&operators(&canonical(once).unwrap()), form, "{name}");
    }
}

#[test]
fn unsupported_models_are_refused_by_name() {
    for (name, text) in REFUSED {
        let error = read(name).and_then(canonical).unwrap_err().to_string();
        assert_eq!(error, format!("model '{name}', {text}"));
    }
}

#[test]
fn values_rounded_to_integers_are_named() {
    let graph = canonical(read("integer_values").unwrap()).unwrap();
    assert_eq!(
        check_floats(&graph).unwrap_err().to_string(),
        "model 'integer_values', node 'QuantizeLinear_n1' (QuantizeLinear): expected a model that computes in floating \
         point, found one quantised to integers; give the float model it was quantised from"
    );
    assert!(check_floats(&canonical(read("integer_weights").unwrap()).unwrap()).is_ok());
}

#[test]
fn equivalent_models_have_the_same_canonical_form() {
    for group in ALIKE {
        let graphs: Vec<Graph> = group.iter().map(|name| canonical(read(name).unwrap()).unwrap()).collect();
        let joined = align(&graphs, &RelativeTolerance(1e-6));
        for (model, name) in group.iter().enumerate() {
            let alone = joined.members.iter().filter(|m| m.contains(&model) && !m.contains(&0)).count();
            assert_eq!(alone, 0, "{name} and {}", group[0]);
        }
    }
}
