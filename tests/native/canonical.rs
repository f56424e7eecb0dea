//! The one form of graphs: what each small model of `tests/models` becomes, and that it computes the same.

use polyhead::canonical::{canonical, fold, prepare};
use polyhead::engine::Engine;
use polyhead::onnx::{decode, to_graph, to_proto, Graph};
use std::collections::BTreeMap;
use std::path::Path;

fn read(name: &str) -> polyhead::Result<Graph> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models").join(format!("{name}.onnx"));
    to_graph(name, decode(name, &std::fs::read(path).unwrap())?)
}

fn answers() -> BTreeMap<String, Vec<f32>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/models/answers.json");
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// The picture of `make.py`.
fn picture(name: &str, len: usize) -> Vec<f32> {
    let levels = ["input_scaled", "input_batch_normalized", "input_keras"].contains(&name);
    let value = |i: usize| (i * 37 % 101) as f32 / 50.0 - 1.0;
    (0..len).map(|i| if levels { value(i) * 127.5 + 127.5 } else { value(i) }).collect()
}

fn run(name: &str, graph: Graph) -> polyhead::Result<Vec<f32>> {
    let shape: Vec<usize> = graph.shape(graph.inputs[0]).unwrap().iter().map(|d| d.unwrap()).collect();
    let input = picture(name, shape.iter().product());
    Ok(Engine::new(name, &to_proto(graph), &shape)?.run(&input)?.remove(0).values)
}

fn off(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    found.iter().zip(expected).map(|(a, b)| (a - b).abs() / b.abs().max(1.0)).fold(0.0, f32::max)
}

#[test]
fn explore() {
    let answers = answers();
    let mut names: Vec<_> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/models"))
        .unwrap()
        .filter_map(|e| e.unwrap().file_name().into_string().unwrap().strip_suffix(".onnx").map(String::from))
        .collect();
    names.sort();
    for name in &names {
        let raw = read(name).and_then(|mut g| {
            prepare(&mut g)?;
            fold(&mut g)?;
            run(name, g)
        });
        let form = read(name).and_then(canonical);
        let ops = form
            .as_ref()
            .map(|g| g.nodes.iter().map(|n| n.op.clone()).collect::<Vec<_>>().join(" "))
            .map_err(|e| e.to_string());
        let done = form.map_err(|_| "-".to_string()).and_then(|g| run(name, g).map_err(|e| e.to_string()));
        let say = |r: Result<Vec<f32>, String>| match r {
            Ok(v) => match answers.get(name) {
                Some(a) => format!("{:.0e}", off(&v, a)),
                None => "ran".into(),
            },
            Err(e) => format!("ERR {}", e.chars().take(300).collect::<String>()),
        };
        println!("{name}: raw {} canon {} | {:?}", say(raw.map_err(|e| e.to_string())), say(done), ops);
    }
}
