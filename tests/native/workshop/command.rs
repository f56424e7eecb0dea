//! The demo pair in every step, compared with the command line.

use super::{assert_same, file, observe, state, File};
use crate::command::{run, succeeds};
use polyhead::merge::Weights;
use polyhead::project::{EvidenceOptions, FitOptions, ImageInfo, MergeOptions, Project};
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};

/// The samples with their labels.
const SAMPLES: [(&str, &str); 8] = [
    ("t-shirt.png", "t-shirt"),
    ("shirt.png", "shirt"),
    ("cardboard-box.png", "cardboard"),
    ("newspaper.png", "paper"),
    ("plastic-bottle.png", "plastic"),
    ("skirt.png", "skirt"),
    ("glass-bottle.png", "glass"),
    ("metal-can.png", "metal"),
];

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The demo pair and, in folders by label, the samples.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let place = |to: &str| folder.path().join(to);
    for name in ["trash", "clothes"] {
        for ending in ["onnx", "labels.txt", "preprocess.json"] {
            let file = format!("{name}.{ending}");
            fs::copy(repository(&format!("models/{file}")), place(&file)).unwrap();
        }
    }
    for (file, label) in SAMPLES {
        fs::create_dir_all(place(&format!("images/{label}"))).unwrap();
        fs::copy(repository(&format!("www/samples/{file}")), place(&format!("images/{label}/{file}"))).unwrap();
    }
    folder
}

#[track_caller]
fn json(folder: &tempfile::TempDir, arguments: &str) -> Value {
    let (_, output, errors) = run(folder, &format!("{arguments} --json"));
    serde_json::from_str(&output).unwrap_or_else(|_| panic!("{errors}"))
}

/// A command's output without these keys, which only the command has.
fn without(mut value: Value, keys: &[&str]) -> Value {
    keys.iter().for_each(|key| drop(value.as_object_mut().unwrap().remove(*key)));
    value
}

#[test]
fn demo_pair_agrees_with_the_command_line_in_every_step() {
    let folder = folder();
    let read = |path: &str| fs::read(folder.path().join(path)).unwrap();
    let mut project = Project::default();
    let names = ["trash.onnx", "trash.labels.txt", "trash.preprocess.json"];
    let drop: Vec<File> = names
        .iter()
        .flat_map(|name| [name.to_string(), name.replace("trash", "clothes")])
        .map(|name| file(&name, read(&name)))
        .collect();
    assert_eq!(serde_json::to_value(project.add_files(drop)).unwrap()["unused"], serde_json::json!([]));

    let inspected = json(&folder, "inspect clothes.onnx trash.onnx");
    for (at, model) in state(&project)["models"].as_array().unwrap().iter().enumerate() {
        assert_same(&model["model"], &inspected[at]["model"]);
        assert!(model["error"].is_null() && model["placeholders"] == false);
    }

    let ours = project.merge(MergeOptions::default()).unwrap().clone();
    let theirs = json(&folder, "merge clothes.onnx trash.onnx -o merged.onnx");
    assert_same(&without(ours.clone(), &["before", "after", "sharedWork", "output"]), &without(theirs, &["output"]));
    assert!(ours["sharedWork"].as_f64().unwrap() > 0.999);
    assert_eq!(ours["before"]["bytes"], 2 * 13_520_670);
    assert!(ours["after"]["bytes"].as_u64().unwrap() < 13_520_670);
    assert_eq!(ours["after"]["parameters"], 3_350_000 + 2 * 6_405);
    assert!(project.download(Weights::Keep).unwrap() == read("merged.onnx"));

    for (sample, label) in SAMPLES {
        let name = format!("images/{label}/{sample}");
        let about =
            ImageInfo { name: name.clone(), label: Some(label.into()), unseen: Some(true), ..ImageInfo::default() };
        observe(&mut project, about, &read(&name)).unwrap();
    }
    let report = serde_json::to_value(project.check(None).unwrap()).unwrap();
    assert_same(&report, &json(&folder, "check merged.onnx --images images")["report"]);

    let options = EvidenceOptions::default();
    let evidence = project.evidence(&options).unwrap();
    // Its header is not included in the estimate.
    let size = project.evidence_size(&options).unwrap();
    assert!((size..size + 4096).contains(&(evidence.len() as u64)), "{size}");
    succeeds(&folder, "evidence merged.onnx --images images -o own.evidence");
    assert!(evidence == read("own.evidence"));

    let own = ["written", "failures"];
    let ours = project.fit(FitOptions::default()).unwrap().clone();
    let theirs = json(&folder, "fit merged.onnx --held-out images --dry-run");
    assert_same(&without(ours, &["best"]), &without(theirs, &own));

    let demo = fs::read(repository("models/demo.evidence")).unwrap();
    fs::write(folder.path().join("demo.evidence"), &demo).unwrap();
    // The committed evidence names the heads in the other order.
    let refused = project.add_evidence("demo.evidence", demo.clone()).err().unwrap();
    assert_eq!(refused.code(), "other-model");
    let trash = state(&project)["models"][1]["id"].as_u64().unwrap() as u32;
    project.move_model(trash, 0).unwrap();
    project.merge(MergeOptions::default()).unwrap();
    succeeds(&folder, "merge trash.onnx clothes.onnx --force -o merged.onnx");
    let shown = serde_json::to_value(project.add_evidence("demo.evidence", demo).unwrap()).unwrap();
    assert_same(&shown["summary"], &without(json(&folder, "evidence show demo.evidence"), &["output", "failures"]));

    let ours = project.fit(FitOptions::default()).unwrap().clone();
    let theirs = json(&folder, "fit merged.onnx --evidence demo.evidence -o fitted.onnx");
    assert_same(&without(ours, &["best"]), &without(theirs, &own));
    let told = project.take(None).unwrap();
    assert_eq!(told["rule"]["name"], "gated");
    assert!(project.download(Weights::Keep).unwrap() == read("fitted.onnx"));
    assert_eq!(state(&project)["taken"]["name"], "gated");

    succeeds(&folder, "merge fitted.onnx --weight-format f16 -o half.onnx");
    assert!(project.download(Weights::F16).unwrap() == read("half.onnx"));
    let image = polyhead::image::decode("t-shirt.png", &read("images/t-shirt/t-shirt.png")).unwrap();
    let classifier = project.classifier().unwrap();
    let scores = classifier.run(&image).unwrap();
    let theirs = json(&folder, "classify fitted.onnx images/t-shirt/t-shirt.png");
    for ranked in theirs[0]["labels"].as_array().unwrap() {
        let label = classifier.labels().iter().position(|l| ranked["label"] == l.label.as_str()).unwrap();
        assert!((f64::from(scores.probabilities[label]) - ranked["probability"].as_f64().unwrap()).abs() < 1e-6);
    }
}
