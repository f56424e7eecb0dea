//! Class activation maps compared with numpy's, and the values that they are computed from.

use crate::tiny::assert_close;
use polyhead::classifier::activation_map::ActivationMap;
use polyhead::classifier::Classifier;
use polyhead::image::preprocess::{Area, Preprocessing, ResizeMode};
use polyhead::image::{decode, RgbImage};
use polyhead::import::{ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::merge::{merge, Edits, MergeOptions, Weights};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
struct Answer {
    logits: Vec<f32>,
    maps: Option<Vec<Vec<Vec<f32>>>>,
    bias: Option<Vec<f32>>,
}

const WIDTH: u32 = 20;
const HEIGHT: u32 = 12;

fn answers() -> BTreeMap<String, Answer> {
    serde_json::from_str(include_str!("../fixtures/maps/expected.json")).unwrap()
}

/// The image that `tests/fixtures/maps/make.py` describes.
fn image() -> Vec<f32> {
    (0..3 * WIDTH * HEIGHT).map(|i| ((37 * i) % 101) as f32 / 50.0 - 1.0).collect()
}

fn source(name: &str) -> ImportedModel {
    let bytes = std::fs::read(format!("tests/fixtures/maps/{name}.onnx")).unwrap();
    let labels: Vec<String> = (0..answers()[name].logits.len()).map(|i| format!("{name} {i}")).collect();
    let found = |value| WithProvenance { value, from: Provenance::Stated("the test".into()) };
    let stated = Overrides {
        labels: Some(WithProvenance { value: labels, from: Provenance::Stated("the test".into()) }),
        preprocessing: Some(found(Preprocessing::new(WIDTH, HEIGHT))),
        ..Overrides::default()
    };
    ImportedModel::read(&format!("{name}.onnx"), &bytes, &stated, &Nothing).unwrap()
}

fn merged(names: &[&str], options: &MergeOptions) -> Classifier {
    let merged = merge(names.iter().map(|name| source(name)).collect(), options).unwrap();
    Classifier::from_proto("merged", &merged.proto).unwrap()
}

fn mean(map: &ActivationMap) -> f32 {
    map.values.iter().sum::<f32>() / map.values.len() as f32
}

#[track_caller]
fn assert_maps(maps: &[ActivationMap], name: &str, answer: &Answer) {
    let expected = answer.maps.as_ref().unwrap();
    assert_eq!(maps.len(), expected.len());
    for (label, (map, rows)) in maps.iter().zip(expected).enumerate() {
        assert_eq!((map.label.as_str(), map.head.as_str()), (format!("{name} {label}").as_str(), name));
        assert_eq!((map.width, map.height), (5, 3));
        assert_close(&map.values, &rows.concat(), 1e-5);
        assert!((mean(map) + answer.bias.as_ref().unwrap()[label] - answer.logits[label]).abs() < 1e-5);
    }
}

#[test]
fn maps_of_two_heads_in_one_layer_match_numpy() {
    let (classifier, answers) = (merged(&["plain", "other"], &MergeOptions::default()), answers());
    let maps = classifier.explain_tensor(&image()).unwrap();
    assert_maps(&maps[..4], "plain", &answers["plain"]);
    assert_maps(&maps[4..], "other", &answers["other"]);
    assert!(classifier.card().heads.iter().all(|head| head.linear));
}

#[test]
fn maps_of_a_head_without_weights_are_its_channels() {
    let (classifier, answers) = (merged(&["convolution", "plain"], &MergeOptions::default()), answers());
    let maps = classifier.explain_tensor(&image()).unwrap();
    assert_maps(&maps[..3], "convolution", &answers["convolution"]);
    assert_maps(&maps[3..], "plain", &answers["plain"]);
}

#[test]
fn head_with_a_hidden_layer_has_no_map() {
    let (classifier, answers) = (merged(&["plain", "hidden", "other"], &MergeOptions::default()), answers());
    let linear: Vec<bool> = classifier.card().heads.iter().map(|head| head.linear).collect();
    assert_eq!(linear, [true, false, true]);
    let maps = classifier.explain_tensor(&image()).unwrap();
    assert_maps(&maps[..4], "plain", &answers["plain"]);
    assert_maps(&maps[4..], "other", &answers["other"]);
}

#[test]
fn error_no_linear_head() {
    let classifier = merged(&["hidden"], &MergeOptions::default());
    let error = classifier.explain_tensor(&image()).unwrap_err();
    assert_eq!(error.code(), "not-linear");
    assert_eq!(
        error.to_string(),
        "model 'merged', heads hidden: expected a head that is linear on the average of a map, found none; merge models \
         whose heads are one linear layer"
    );
    assert!(classifier.run_tensor(&image()).is_ok());
}

#[test]
fn dropped_labels_have_no_map() {
    let edits = Edits { drop: vec!["plain 1".into()], ..Edits::default() };
    let maps = merged(&["plain", "other"], &MergeOptions { edits, ..MergeOptions::default() })
        .explain_tensor(&image())
        .unwrap();
    let labels: Vec<&str> = maps.iter().map(|map| map.label.as_str()).collect();
    assert_eq!(labels, ["plain 0", "plain 2", "plain 3", "other 0", "other 1", "other 2"]);
    let expected = answers()["plain"].maps.as_ref().unwrap()[2].concat();
    assert_close(&maps[1].values, &expected, 1e-5);
}

#[test]
fn strengths_are_relative_to_the_largest_value() {
    let map = |values: &[f32]| ActivationMap {
        label: "a".into(),
        head: "h".into(),
        width: values.len(),
        height: 1,
        values: values.to_vec(),
    };
    assert_eq!(map(&[-3.0, 0.0, 1.0, 4.0]).heatmap(), [0, 0, 64, 255]);
    assert_eq!(map(&[-3.0, -0.5]).heatmap(), [0, 0]);
}

/// The demo pair, stored as half floats: for any image a map's mean differs from the logit by the bias alone.
#[test]
fn mean_of_a_map_plus_bias_is_the_logit() {
    let read = |name: &str| {
        let bytes = std::fs::read(format!("models/{name}.onnx")).unwrap();
        let labels = std::fs::read_to_string(format!("models/{name}.labels.txt")).unwrap();
        let preprocessing = Preprocessing { mean: [0.5; 3], std: [0.5; 3], ..Preprocessing::new(224, 224) };
        let stated = Overrides {
            labels: Some(WithProvenance {
                value: labels.lines().map(String::from).collect(),
                from: Provenance::Stated("the test".into()),
            }),
            preprocessing: Some(WithProvenance { value: preprocessing, from: Provenance::Stated("the test".into()) }),
            ..Overrides::default()
        };
        ImportedModel::read(&format!("{name}.onnx"), &bytes, &stated, &Nothing).unwrap()
    };
    for weights in [Weights::F16, Weights::Int8] {
        let options = MergeOptions { weight_format: weights, ..MergeOptions::default() };
        let merged = merge(vec![read("trash"), read("clothes")], &options).unwrap();
        let classifier = Classifier::from_proto("merged", &merged.proto).unwrap();
        let bias = |file: &str| -> Vec<f32> {
            let image = decode(file, &std::fs::read(format!("www/samples/{file}")).unwrap()).unwrap();
            let (explanation, scores) = (classifier.explain(&image).unwrap(), classifier.run(&image).unwrap());
            assert_eq!(explanation.area, Area { x: 0.0, y: 0.0, width: 1.0, height: 1.0 });
            assert!(explanation.maps.iter().all(|map| (map.width, map.height) == (7, 7)));
            scores.logits.iter().zip(&explanation.maps).map(|(logit, map)| logit - mean(map)).collect()
        };
        assert_close(&bias("t-shirt.png"), &bias("glass-bottle.png"), 1e-4);
    }
}

#[test]
fn shorter_side_covers_the_tensor_before_the_crop() {
    let wide = Preprocessing::new(200, 100);
    assert_eq!(wide.shorter_side(), 200);
    assert_eq!(Preprocessing { fit: ResizeMode::CentreCrop, resize_to: Some(256), ..wide }.shorter_side(), 256);
}

#[test]
fn area_is_the_part_of_the_image_in_the_tensor() {
    let of = |preprocessing: Preprocessing, width, height| {
        let area = preprocessing.area(width, height);
        [area.x, area.y, area.width, area.height]
    };
    let fit = |fit| Preprocessing { fit, ..Preprocessing::new(200, 100) };
    assert_eq!(of(fit(ResizeMode::Squash), 37, 91), [0.0, 0.0, 1.0, 1.0]);
    // 400 × 400 is resized to 200 × 200, of which the rows 50 to 150 stay.
    assert_eq!(of(fit(ResizeMode::CentreCrop), 400, 400), [0.0, 0.25, 1.0, 0.5]);
    // … to 100 × 100, with 50 columns of black on each side.
    assert_eq!(of(fit(ResizeMode::Letterbox), 400, 400), [-0.5, 0.0, 2.0, 1.0]);
    let resized = Preprocessing { resize_to: Some(250), ..fit(ResizeMode::CentreCrop) };
    assert_eq!(of(resized, 500, 500), [0.1, 0.3, 0.8, 0.4]);
}

/// The values at the start of the tensor are the image's colours at the edges of the area.
#[test]
fn area_agrees_with_the_crop() {
    let preprocessing = Preprocessing { fit: ResizeMode::CentreCrop, ..Preprocessing::new(4, 4) };
    let rgb = (0..8u8).flat_map(|y| (0..16u8).flat_map(move |x| [x * 10, y * 10, 0])).collect();
    let image = RgbImage::new(16, 8, rgb).unwrap();
    let tensor = preprocessing.tensor(&image).unwrap();
    let area = preprocessing.area(16, 8);
    assert_eq!((area.x, area.width), (0.25, 0.5));
    // The first of four columns is the average of two source columns, from a quarter of the width on, and their neighbours.
    assert!((tensor[0] * 255.0 - (area.x as f32 * 16.0 + 0.5) * 10.0).abs() <= 1.0, "{}", tensor[0] * 255.0);
}
