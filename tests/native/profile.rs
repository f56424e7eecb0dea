//! `polyhead profile`: every operator of a model once, with one thread and with several.

use crate::command::{run, succeeds};
use crate::tiny::{merged, Tiny};
use serde_json::Value;

fn layers(output: &str) -> Vec<String> {
    let nodes: Vec<Value> = serde_json::from_str(output).unwrap();
    for node in &nodes {
        let time = node["milliseconds"].as_f64().unwrap();
        assert!(time.is_finite() && time >= 0.0, "{node}");
    }
    nodes.iter().map(|node| node["op"].as_str().unwrap().to_string()).collect()
}

#[test]
fn several_threads_list_the_same_operators() {
    let folder = tempfile::tempdir().unwrap();
    let both = merged(&[&Tiny::new("one", &["a"]), &Tiny::new("two", &["c", "d"])], &Default::default()).unwrap();
    std::fs::write(folder.path().join("both.onnx"), polyhead::onnx::encode(&both.proto)).unwrap();
    let one = layers(&succeeds(&folder, "profile both.onnx --runs 2 --json"));
    assert!(one.iter().any(|op| op == "convolution") && one.iter().any(|op| op == "dense"), "{one:?}");
    assert_eq!(layers(&succeeds(&folder, "profile both.onnx --runs 2 --threads 3 --json")), one);
    let table = succeeds(&folder, "profile both.onnx --runs 2 --threads 2");
    assert!(table.starts_with("layer") && table.lines().last().unwrap().starts_with("all"), "{table}");
    let (code, _, errors) = run(&folder, "profile both.onnx --threads 0");
    assert!(code == 2 && errors.contains("--threads"), "{code}: {errors}");
}
