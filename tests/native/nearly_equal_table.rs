//! Pairs of models whose backbones are nearly the same, merged in both ways and compared in onnxruntime; writes the table of
//! `src/merge/README.md`.
//!
//! Needs real exports: `POLYHEAD_FIXTURES=DIR cargo test --test native nearly_equal_table -- --ignored --nocapture`, where
//! `DIR/nearly` contains pairs `NAME-a.onnx` and `NAME-b.onnx` with their labels and preprocessing.

use crate::command::{run, succeeds};
use crate::exporter_matrix::onnxruntime::Onnxruntime;
use polyhead::onnx::{self, ModelProto};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// The required difference of a logit, size of a file and work, the latter two relative to the first model's.
const LOGITS: f32 = 1e-4;
const SIZE: f64 = 1.10;
const WORK: f64 = 1.02;

#[test]
#[ignore = "needs real exports in POLYHEAD_FIXTURES"]
fn both_ways() {
    let Some(folder) = std::env::var_os("POLYHEAD_FIXTURES").map(|f| PathBuf::from(f).join("nearly")) else {
        println!("skipped: POLYHEAD_FIXTURES does not name the folder of the exports");
        return;
    };
    let onnxruntime = Onnxruntime::find().unwrap();
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .filter_map(|entry| Some(entry.unwrap().file_name().to_str()?.strip_suffix("-a.onnx")?.to_string()))
        .collect();
    names.sort();
    let rows: Vec<String> = names.iter().map(|name| row(&folder, name, &onnxruntime)).collect();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/merge/README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (start, end) = ("<!-- nearly equal -->\n", "<!-- /nearly equal -->");
    let (before, rest) = text.split_once(start).unwrap();
    let (_, after) = rest.split_once(end).unwrap();
    let head = "| pair | relation | separate: logits | file | work | shared: file | work | other top label, a / b |\n|---|---|--:|--:|--:|--:|--:|--:|\n";
    std::fs::write(&path, format!("{before}{start}{head}{}\n{end}{after}", rows.join("\n"))).unwrap();
}

/// Merges one pair in both ways, asserts what must hold, and returns its row.
fn row(folder: &Path, name: &str, onnxruntime: &Onnxruntime) -> String {
    let output = tempfile::tempdir().unwrap();
    let files = ["a", "b"].map(|model| folder.join(format!("{name}-{model}.onnx")));
    let pair = format!("{} {}", files[0].display(), files[1].display());
    let relation: Value = serde_json::from_str(&succeeds(&output, &format!("inspect {pair} --json"))).unwrap();
    let relation = relation[1]["backbone"]["kind"].as_str().unwrap().to_string();
    let (code, _, errors) = run(&output, &format!("merge {pair} --duplicate-labels keep --dry-run"));
    assert_eq!(code, 1, "{name} was not refused: {errors}");
    let merged = |backbones: &str| -> Value {
        let flags = format!("--duplicate-labels keep --backbones {backbones} -o {backbones}.onnx --json");
        serde_json::from_str(&succeeds(&output, &format!("merge {pair} {flags}"))).unwrap()
    };
    let (separate, shared) = (merged("separate"), merged("shared"));
    assert!(shared["proof"].is_null() && separate["proof"]["exact"] == true);
    let model = &separate["backbone"]["models"][0]["multiply_adds"];
    let work = |report: &Value| report["multiply_adds"].as_f64().unwrap() / model.as_f64().unwrap();
    let size = |report: &Value| report["bytes"].as_f64().unwrap() / std::fs::metadata(&files[0]).unwrap().len() as f64;
    let logits = largest_difference(&files, &output.path().join("separate.onnx"), &separate, onnxruntime);
    assert!(logits <= LOGITS, "{name}: {logits}");
    assert!(relation != "drifted" || name.contains("fastai") || size(&separate) <= SIZE, "{name}: {}", size(&separate));
    assert!(work(&shared) <= WORK, "{name}: {}", work(&shared));
    let top = |head: usize| 100.0 * shared["shared_backbone"]["heads"][head]["top_label"].as_f64().unwrap();
    let row = format!(
        "| {name} | {relation} | {logits:.1e} | {:.3} | {:.3} | {:.3} | {:.3} | {:.0} % / {:.0} % |",
        size(&separate),
        work(&separate),
        size(&shared),
        work(&shared),
        top(0),
        top(1)
    );
    println!("{row}");
    row
}

/// The largest difference of a logit in onnxruntime between the models and the merged file.
fn largest_difference(files: &[PathBuf], merged: &Path, report: &Value, onnxruntime: &Onnxruntime) -> f32 {
    let read = |path: &Path| -> ModelProto { onnx::decode("model", std::fs::read(path).unwrap()).unwrap() };
    let side = |key: &str| report["preprocessing"][key].as_u64().unwrap() as usize;
    let shape = [1, 3, side("height"), side("width")];
    let input: Vec<f32> = (0..shape.iter().product()).map(|at: usize| (at as f32 * 0.73).sin()).collect();
    let outputs = onnxruntime.run(&read(merged), &input, &shape);
    let found = &outputs.iter().find(|(name, _)| name == "logits").unwrap().1;
    let expected: Vec<f32> =
        files.iter().flat_map(|file| onnxruntime.run(&read(file), &input, &shape).remove(0).1).collect();
    assert_eq!(found.len(), expected.len());
    found.iter().zip(&expected).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}
