//! The demo pair merged in the browser, and onnxruntime's output for its sample images.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use polyhead::image::preprocess::Preprocessing;
use polyhead::import::{ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::merge::{merge, MergeOptions};
use polyhead::onnx;
use serde::Deserialize;

pub const TRASH: &[u8] = include_bytes!("../../models/trash.onnx");
pub const CLOTHES: &[u8] = include_bytes!("../../models/clothes.onnx");
const GOLDEN: [&str; 2] =
    [include_str!("../fixtures/golden/concat.json"), include_str!("../fixtures/golden/unresized.json")];
/// The sample of all tests that need one image.
pub const IMAGE: &[u8] = include_bytes!("../../www/samples/t-shirt.png");

/// The bytes of the merged pair, made once.
pub fn merged() -> Vec<u8> {
    thread_local!(static MERGED: OnceCell<Vec<u8>> = const { OnceCell::new() });
    MERGED.with(|merged| merged.get_or_init(make).clone())
}

fn make() -> Vec<u8> {
    let trash = source("trash", TRASH, include_str!("../../models/trash.labels.txt"));
    let clothes = source("clothes", CLOTHES, include_str!("../../models/clothes.labels.txt"));
    onnx::encode(&merge(vec![trash, clothes], &MergeOptions::default()).unwrap().proto)
}

fn source(name: &str, model: &[u8], labels: &str) -> ImportedModel {
    let found = |value| WithProvenance { value, from: Provenance::Stated("the test".into()) };
    let preprocessing = Preprocessing { mean: [0.5; 3], std: [0.5; 3], ..Preprocessing::new(224, 224) };
    let stated = Overrides {
        name: Some(name.into()),
        labels: Some(found(labels.lines().map(String::from).collect())),
        preprocessing: Some(WithProvenance { value: preprocessing, from: Provenance::Stated("the test".into()) }),
        ..Overrides::default()
    };
    ImportedModel::read(&format!("{name}.onnx"), model, &stated, &Nothing).unwrap()
}

#[derive(Deserialize)]
struct Golden {
    file: String,
    probabilities: BTreeMap<String, f64>,
}

/// Some of the samples and one image of the models' own size, each with its golden probabilities and the allowed
/// difference from them: where Pillow resized, a tie between two levels may be rounded differently.
pub fn golden() -> Vec<(&'static [u8], BTreeMap<String, f64>, f64)> {
    let files: [(&str, &[u8], f64); 4] = [
        ("t-shirt.png", IMAGE, 1e-3),
        ("glass-bottle.png", include_bytes!("../../www/samples/glass-bottle.png"), 1e-3),
        ("newspaper.png", include_bytes!("../../www/samples/newspaper.png"), 1e-3),
        ("unresized.png", include_bytes!("../fixtures/golden/unresized.png"), 1e-4),
    ];
    GOLDEN
        .into_iter()
        .flat_map(|golden| serde_json::from_str::<Vec<Golden>>(golden).unwrap())
        .filter_map(|golden| {
            let (_, bytes, bound) = files.iter().find(|(file, ..)| *file == golden.file)?;
            Some((*bytes, golden.probabilities, *bound))
        })
        .collect()
}
