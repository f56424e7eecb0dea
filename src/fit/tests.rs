//! Fits compared with scikit-learn, scipy and numpy (`tests/fixtures/fit/make.py`), and their invariance to grouping.

use super::basis::Basis;
use super::candidates::{Trial, SHRINKAGES};
use super::cv_scores::Rows;
use super::discriminant::{Discriminant, Kind};
use super::input;
use super::lbfgs::Prior;
use super::logistic::Logistic;
use super::sample::Sample;
use super::sums::Sums;
use super::{opinion_pool, rejection, scaled};
use crate::features::Pooling;
use crate::rule::softmax::softmax;
use crate::rule::{Distance, Posterior};
use serde::de::DeserializeOwned;
use serde_json::Value;

fn answers() -> Value {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/fit/expected.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn list<T: DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap()
}

fn each(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().unwrap().iter()
}

fn rows(value: &Value) -> Vec<Sample> {
    let (labels, features): (Vec<usize>, Vec<Vec<f64>>) = (list(&value["labels"]), list(&value["features"]));
    let logits: Vec<Vec<f64>> = value.get("logits").map_or(vec![Vec::new(); labels.len()], list);
    let numbers = labels.into_iter().zip(features).zip(logits).enumerate();
    let row = |(at, ((label, features), logits))| Sample {
        target: vec![label],
        columns: vec![label],
        fold: at % 3,
        features,
        logits,
    };
    numbers.map(row).collect()
}

fn bare(answers: &Value, rows: &[Sample]) -> Rows {
    Rows::bare(rows, &list::<Vec<usize>>(&answers["owners"]))
}

fn basis(rows: &[Sample], scaled: bool) -> Basis {
    let matrix = faer::Mat::from_fn(rows.len(), 24, |i, j| rows[i].features[j]);
    Basis::new(&Sums::zeros(9, 24), &matrix, rows.iter().map(|r| r.columns.clone()).collect(), scaled)
}

fn posterior(rows: &[Sample], kind: Kind) -> Posterior {
    let basis = basis(rows, kind != Kind::Cosine);
    let solved = basis.solved(kind.shape());
    let gram = basis.gram(kind.shape(), &solved);
    Discriminant::new(&basis, &gram, kind, &vec![true; rows.len()]).posterior(&basis, &solved, &Pooling::ALL, 1.0)
}

fn narrow(row: &Sample) -> Vec<f32> {
    row.features.iter().map(|&v| v as f32).collect()
}

fn scores(posterior: &Posterior, rows: &[Sample]) -> Vec<Vec<f64>> {
    rows.iter().map(|row| posterior.scores(&narrow(row))).collect()
}

/// Within `bound` of the largest number.
#[track_caller]
fn assert_near(found: &[f64], expected: &[f64], bound: f64) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let apart = found.iter().zip(expected).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
    assert!(apart <= bound * largest, "{apart} apart, of {largest}: {found:?}, expected {expected:?}");
}

#[test]
fn lda_is_numpys_and_scikit_learns() {
    let answers = answers();
    let (images, held_out) = (rows(&answers["images"]), rows(&answers["held_out"]));
    for case in each(&answers["lda"]) {
        let found = posterior(&images, Kind::Lda(list(&case["shrinkage"])));
        assert_near(&scores(&found, &held_out).concat(), &list::<Vec<Vec<f64>>>(&case["scores"]).concat(), 1e-5);
        let distances: Vec<f64> = held_out.iter().map(|row| found.distance(&narrow(row))).collect();
        assert_near(&distances, &list::<Vec<f64>>(&case["distances"]), 1e-5);
    }
    let even = rows(&answers["even"]);
    for case in each(&answers["sklearn_lda"]) {
        let found = scores(&posterior(&even, Kind::Lda(list(&case["shrinkage"]))), &held_out);
        let found: Vec<Vec<f64>> = found.iter().map(|s| softmax(s)).collect();
        assert_near(&found.concat(), &list::<Vec<Vec<f64>>>(&case["probabilities"]).concat(), 1e-5);
    }
}

#[test]
fn ridge_cosine_and_logistic_are_scikit_learns() {
    let answers = answers();
    let (images, held_out) = (rows(&answers["images"]), rows(&answers["held_out"]));
    for case in each(&answers["ridge"]) {
        let found = scores(&posterior(&images, Kind::Ridge(list(&case["shrinkage"]))), &held_out);
        assert_near(&found.concat(), &list::<Vec<Vec<f64>>>(&case["scores"]).concat(), 1e-5);
    }
    let cosine = scores(&posterior(&images, Kind::Cosine), &held_out);
    assert_near(&cosine.concat(), &list::<Vec<Vec<f64>>>(&answers["cosine"]).concat(), 1e-5);
    let basis = basis(&images, true);
    let logistic = Logistic::new(&images.iter().collect::<Vec<_>>(), &basis.centre, &basis.scale).unwrap();
    let all: Vec<usize> = (0..images.len()).collect();
    let head = logistic.fit(&all, list(&answers["logistic"]["penalty"]));
    let found = logistic.posterior(&head, &Pooling::ALL, 1.0);
    for (row, image) in images.iter().enumerate() {
        assert_near(&found.scores(&narrow(image)), &logistic.scores(&head, row), 1e-5);
    }
    // scikit-learn's offsets have no penalty; these have a penalty of 1e-3.
    let found: Vec<Vec<f64>> = scores(&found, &held_out).iter().map(|s| softmax(s)).collect();
    assert_near(&found.concat(), &list::<Vec<Vec<f64>>>(&answers["logistic"]["probabilities"]).concat(), 1e-3);
}

#[test]
fn scales_weights_and_sharpness_are_scipys() {
    let answers = answers();
    let held_out = rows(&answers["held_out"]);
    let mut rows = bare(&answers, &held_out);
    let all = rows.outside(None);
    for case in each(&answers["scaled"]) {
        let [scale, offset]: [f64; 2] = list(&case["prior"]);
        let found = scaled::fit_with(&rows, &all, [vec![scale; 3], vec![offset; 9]].concat());
        let found = [found.scale, found.bias].concat();
        assert_near(&found, &list::<Vec<f64>>(&case["parameters"]), 1e-5);
    }
    let lda = each(&answers["lda"]).find(|case| case["shrinkage"] == 0.5).unwrap();
    rows.scores.push(list(&lda["scores"]));
    assert_near(&[opinion_pool::sharpness(&rows, 0, &all)], &[list(&answers["sharpness"])], 1e-5);
    for case in each(&answers["pools"]) {
        let heads: Vec<Vec<f64>> = list(&case["heads"]);
        let terms = all.iter().map(|&row| opinion_pool::terms(&heads[row], &rows.scores[0][row], &rows.owners));
        let terms: Vec<_> = terms.collect();
        let prior = Prior { mean: list(&case["mean"]), strength: vec![list(&case["strength"]); 4] };
        let found = opinion_pool::weights(&terms, rows.targets(&all), &prior);
        assert_near(&found, &list::<Vec<f64>>(&case["weights"]), 1e-5);
    }
    for case in each(&answers["none"]) {
        let found = rejection::none(Distance::Energy, list(&lda["distances"]), list(&case["share"])).unwrap();
        assert_near(&[found.threshold], &[list(&case["threshold"])], 1e-9);
    }
}

/// Sums of rows.
fn sums(rows: &[Sample]) -> Sums {
    let mut sums = Sums::zeros(9, 24);
    input::add(&mut sums, rows);
    sums
}

#[test]
fn evidence_and_images_are_one() {
    let answers = answers();
    let (mut images, held_out) = (rows(&answers["images"]), rows(&answers["held_out"]));
    // A merged label, which counts for two columns.
    images.iter_mut().filter(|p| p.target == [2]).for_each(|p| p.columns = vec![2, 3]);
    let (known, judged) = images.split_at(40);
    let trials = [
        Trial::new(&sums(&images), &[], &[], 24, SHRINKAGES),
        Trial::new(&sums(known), judged, known, 24, SHRINKAGES),
        Trial::new(&Sums::zeros(9, 24), &images, &[], 24, SHRINKAGES),
    ];
    for (candidate, kind) in trials[0].candidates.iter().enumerate() {
        let [evidence, both, alone] =
            &trials.each_ref().map(|t| scores(&t.posterior(candidate, &Pooling::ALL, 1.0), &held_out));
        assert_eq!(trials[1].candidates[candidate], *kind);
        assert_near(&both.concat(), &evidence.concat(), 2e-5);
        assert_near(&alone.concat(), &evidence.concat(), 2e-5);
    }
}

#[test]
fn every_image_is_judged_without_its_fold() {
    let answers = answers();
    let (images, owners) = (rows(&answers["images"]), list::<Vec<usize>>(&answers["owners"]));
    let crossed = Trial::new(&Sums::zeros(9, 24), &images, &[], 24, SHRINKAGES);
    let found = crossed.rows(&images, &owners, true);
    for fold in 0..3 {
        let (own, rest): (Vec<Sample>, Vec<Sample>) = images.iter().cloned().partition(|p| p.fold == fold);
        // `rest` excludes the fold for the logistic head too, which has the same folds.
        let apart = Trial::new(&sums(&rest), &own, &rest, 24, SHRINKAGES);
        let expected = apart.rows(&own, &owners, false);
        let inside: Vec<usize> = (0..images.len()).filter(|&p| images[p].fold == fold).collect();
        for (candidate, kind) in crossed.candidates.iter().enumerate().filter(|(_, k)| **k != Kind::Logistic) {
            let found: Vec<f64> = inside.iter().flat_map(|&p| found.scores[candidate][p].clone()).collect();
            assert_eq!(apart.candidates[candidate], *kind);
            assert_near(&found, &expected.scores[candidate].concat(), 1e-7);
        }
    }
    let logistic = crossed.places(|k| k == Kind::Logistic)[0];
    let mut other = images.clone();
    other[5].logits = vec![0.0; 9];
    other[5].target = vec![8];
    let changed = Trial::new(&Sums::zeros(9, 24), &other, &[], 24, SHRINKAGES).rows(&other, &owners, true);
    assert_near(&changed.scores[logistic][5], &found.scores[logistic][5], 1e-9);
    assert!(changed.scores[logistic][6] != found.scores[logistic][6]);
}

#[test]
fn thinned_images_stay_in_every_fold() {
    let row = |at: usize| Sample {
        target: vec![at / 4500],
        columns: vec![at / 4500],
        fold: at % 5,
        features: vec![at as f64],
        logits: Vec::new(),
    };
    let mut kept: Vec<Sample> = (0..9000).map(row).collect();
    let others = input::thinned(&mut kept, 2000);
    assert_eq!((kept.len(), others.len()), (1800, 7200));
    for label in 0..2 {
        for fold in 0..5 {
            assert_eq!(kept.iter().filter(|r| r.columns == [label] && r.fold == fold).count(), 180);
        }
    }
}
