//! The demo's sample images against onnxruntime (`tests/fixtures/golden/make.py`).

use crate::command::succeeds;
use polyhead::classifier::Classifier;
use polyhead::classifier::{rank, RankOptions};
use polyhead::engine::Engine;
use polyhead::image::decode;
use polyhead::image::preprocess::Preprocessing;
use polyhead::onnx;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

#[derive(Deserialize)]
struct Golden {
    file: String,
    probabilities: BTreeMap<String, f32>,
    none: Option<f32>,
}

fn path(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(file)
}

fn text(file: &str) -> String {
    fs::read_to_string(path(file)).unwrap()
}

/// A demo model: its labels, its preprocessing, and the engine that returns its logits.
struct Model {
    labels: Vec<String>,
    preprocessing: Preprocessing,
    engine: Engine,
}

impl Model {
    fn load(name: &str) -> Model {
        let proto = onnx::decode(name, fs::read(path(&format!("models/{name}.onnx"))).unwrap()).unwrap();
        let preprocessing = Preprocessing::from_json(&text(&format!("models/{name}.preprocess.json"))).unwrap();
        let engine = Engine::new(name, &proto, &preprocessing.shape()).unwrap();
        let labels = text(&format!("models/{name}.labels.txt")).lines().map(str::to_owned).collect();
        Model { labels, preprocessing, engine }
    }
}

/// Compares every probability of the golden file's images, which are in `folder`, within `bound`.
fn assert_golden(golden: &str, folder: &str, bound: f32) {
    let golden: Vec<Golden> = serde_json::from_str(&text(golden)).unwrap();
    let models = ["trash", "clothes"].map(Model::load);
    for sample in golden {
        let image = decode(&sample.file, &fs::read(path(folder).join(&sample.file)).unwrap()).unwrap();
        let mut exps = Vec::new();
        for model in &models {
            let tensor = model.preprocessing.tensor(&image).unwrap();
            let outputs = model.engine.run(&tensor).unwrap();
            exps.extend(model.labels.iter().zip(&outputs[0].values).map(|(label, z)| (label, z.exp())));
        }
        let sum: f32 = exps.iter().map(|(_, e)| e).sum();
        assert_eq!(exps.len(), sample.probabilities.len());
        for (label, exp) in exps {
            let (ours, theirs) = (exp / sum, sample.probabilities[label]);
            assert!((ours - theirs).abs() < bound, "{}, {label}: {ours}, expected {theirs}", sample.file);
        }
    }
}

/// The images are resized by Pillow there and by us here, and a tie between two levels may be rounded differently: at
/// most 2.4e-4 apart.
#[test]
fn the_samples_equal_onnxruntime() {
    assert_golden("tests/fixtures/golden/concat.json", "www/samples", 1e-3);
}

#[test]
fn images_without_a_resize_equal_onnxruntime() {
    assert_golden("tests/fixtures/golden/unresized.json", "tests/fixtures/golden", 1e-4);
}

/// The file that `./build.sh build` makes and the page shows.
#[test]
fn the_fitted_demo_equals_onnxruntime() {
    let folder = tempfile::tempdir().unwrap();
    let models = ["trash.onnx", "clothes.onnx", "demo.evidence", "demo.features"].map(|file| path("models").join(file));
    let [trash, clothes, evidence, features] = models.map(|path| path.to_str().unwrap().to_owned());
    succeeds(&folder, &format!("merge {trash} {clothes} -o merged.onnx"));
    let fit = format!("fit merged.onnx --evidence {evidence} --held-out {features} --weight-format f16 -o demo.onnx");
    let output = succeeds(&folder, &fit);
    assert!(output.starts_with("cross-validated on images that the heads have not seen (100 images)\n"), "{output}");
    let demo = Classifier::from_bytes("demo", fs::read(folder.path().join("demo.onnx")).unwrap()).unwrap();
    let golden: Vec<Golden> = serde_json::from_str(&text("tests/fixtures/golden/demo.json")).unwrap();
    for sample in golden {
        let bytes = fs::read(path("www/samples").join(&sample.file)).unwrap();
        let scores = demo.run(&decode(&sample.file, &bytes).unwrap()).unwrap();
        let ranking = rank(demo.labels(), demo.heads(), &scores, &RankOptions::default()).unwrap();
        assert_eq!(ranking.labels.len(), sample.probabilities.len());
        let mut compared = vec![("none", ranking.none.unwrap(), sample.none.unwrap())];
        compared.extend(ranking.labels.iter().map(|ranked| {
            let label = ranked.label.label.as_str();
            (label, ranked.probability, sample.probabilities[label])
        }));
        for (what, ours, theirs) in compared {
            assert!((ours - theirs).abs() < 2e-3, "{}, {what}: {ours}, expected {theirs}", sample.file);
        }
    }
}
