//! Checks of merged models: figures compared with scikit-learn's, intervals, verdicts, the page, the command.

mod command;
mod page;
mod verdict;

use polyhead::check::{check, Comparison, Prediction, Predictions, Report, Warning};
use polyhead::labels::{Activation, HeadLabels, Label};
use polyhead::statistics::{Distribution, SEED};
use serde_json::Value;

/// The synthetic models of `tests/fixtures/check/expected.json`, with figures from other libraries.
fn cases() -> Vec<(Predictions, Value)> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/check/expected.json");
    let cases: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    cases.iter().map(|case| (checked(case), case["expected"].clone())).collect()
}

fn list<T: serde::de::DeserializeOwned>(case: &Value, key: &str) -> Vec<T> {
    serde_json::from_value(case[key].clone()).unwrap()
}

fn checked(case: &Value) -> Predictions {
    let (widths, members): (Vec<usize>, Vec<usize>) = (list(case, "widths"), list(case, "members"));
    let mut logits = members.iter();
    let heads: Vec<HeadLabels> = widths
        .iter()
        .enumerate()
        .map(|(h, &width)| HeadLabels {
            name: format!("head {h}"),
            labels: logits.by_ref().take(width).map(|l| format!("label {l}")).collect(),
            activation: Activation::Softmax,
        })
        .collect();
    let label = |l: usize| {
        let label = format!("label {l}");
        let owners = heads.iter().filter(|h| h.labels.contains(&label)).map(|h| h.name.clone());
        Label { heads: owners.collect(), label }
    };
    let labels: Vec<Label> = (0..=*members.iter().max().unwrap()).map(label).collect();
    let mut checked = Predictions { model: "imagined".into(), heads, labels, members, ..Predictions::default() };
    let right: Vec<usize> = list(case, "labels");
    let (names, sha256): (Vec<String>, Vec<String>) = (list(case, "names"), list(case, "sha256"));
    let rows = |key| -> Vec<Vec<f32>> { list(case, key) };
    let (logits, features) = (rows("logits"), rows("features"));
    let (probabilities, gate) = (rows("probabilities"), rows("head_probabilities"));
    for (i, &label) in right.iter().enumerate() {
        let answer = Prediction {
            name: names[i].clone(),
            sha256: sha256[i].clone(),
            label,
            heads: checked.owners(label),
            features: features[i].clone(),
            logits: logits[i].clone(),
            probabilities: probabilities[i].clone(),
            head_probabilities: Some(gate[i].clone()),
            ..Prediction::default()
        };
        checked.images.push(answer);
    }
    checked
}

fn first() -> Predictions {
    cases().swap_remove(0).0
}

fn report(checked: &Predictions) -> Report {
    check(checked, SEED).unwrap()
}

#[track_caller]
fn close(what: &str, found: f64, expected: &Value) {
    let expected = expected.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-6, "{what}: {found}, expected {expected}");
}

#[track_caller]
fn spread(what: &str, found: &Option<Distribution>, expected: &Value) {
    let found = found.as_ref().unwrap();
    close(what, found.lower_quartile, &expected[0]);
    close(what, found.median.value, &expected[1]);
    close(what, found.upper_quartile, &expected[2]);
    assert_eq!(found.histogram.iter().sum::<usize>(), found.median.images, "{what}");
}

#[test]
fn every_figure_matches_scikit_learn() {
    for (checked, expected) in cases() {
        let report = report(&checked);
        for (head, expected) in report.heads.iter().zip(expected["heads"].as_array().unwrap()) {
            assert_eq!(head.own_images, expected["own"].as_u64().unwrap() as usize);
            close("accuracy", head.accuracy.unwrap().value, &expected["accuracy"]);
            spread("entropy, own", &head.entropy.own, &expected["entropy_own"]);
            spread("entropy, foreign", &head.entropy.foreign, &expected["entropy_foreign"]);
            spread("largest p, own", &head.largest_probability.own, &expected["largest_own"]);
            spread("largest p, foreign", &head.largest_probability.foreign, &expected["largest_foreign"]);
            let auroc = &head.auroc;
            close("gate", auroc.gate.unwrap().value, &expected["gate"]);
            close("energy", auroc.energy.unwrap().value, &expected["energy"]);
            close("max-logit", auroc.max_logit.unwrap().value, &expected["max_logit"]);
            close("entropy", auroc.negative_entropy.unwrap().value, &expected["negative_entropy"]);
            close("features", auroc.features.unwrap().value, &expected["features"]);
        }
        let joint = &report.joint;
        close("accuracy", joint.accuracy.value, &expected["accuracy"]);
        close("head choice", joint.head_choice.value, &expected["head_choice"]);
        close("within head", joint.within_head.unwrap().value, &expected["within_head"]);
        close("with the right head", joint.with_right_head.value, &expected["with_right_head"]);
        close("gate estimate", joint.gate_estimate.unwrap().value, &expected["gate_estimate"]);
        close("NLL", joint.nll.unwrap().value, &expected["nll"]);
        close("Brier", joint.brier.unwrap().value, &expected["brier"]);
        let calibration = joint.calibration.as_ref().unwrap();
        close("ECE, equal width", calibration.ece_equal_width.value, &expected["ece_equal_width"]);
        close("ECE, equal mass", calibration.ece_equal_mass.value, &expected["ece_equal_mass"]);
        assert_eq!(serde_json::json!(joint.confusion.counts), expected["confusion"]);
    }
}

#[test]
fn figures_are_consistent_with_each_other() {
    for (checked, _) in cases() {
        let joint = report(&checked).joint;
        let product = joint.head_choice.value * joint.within_head.unwrap().value;
        assert!((joint.accuracy.value - product).abs() < 1e-12);
        assert!((joint.wrong_head.value + joint.head_choice.value - 1.0).abs() < 1e-12);
        let cost = joint.with_right_head.value - joint.accuracy.value;
        assert!((joint.cost_of_choice.value - cost).abs() < 1e-12);
        let wrong: usize = joint.wrong_heads.iter().map(|w| w.images).sum();
        assert_eq!(wrong, (joint.wrong_head.value * checked.images.len() as f64).round() as usize);
        for cell in &joint.confusion.cells {
            assert_eq!(cell.images.len(), joint.confusion.counts[cell.right][cell.top]);
        }
        let bins = joint.calibration.unwrap();
        for bins in [bins.equal_width, bins.equal_mass] {
            assert_eq!(bins.iter().map(|b| b.images).sum::<usize>(), checked.images.len());
        }
    }
}

#[test]
fn order_of_images_changes_nothing() {
    let (mut checked, _) = cases().swap_remove(1);
    let before = report(&checked);
    checked.images.reverse();
    checked.images.rotate_left(7);
    assert_eq!(report(&checked), before);
}

#[test]
fn same_seed_same_intervals() {
    let checked = first();
    assert_eq!(report(&checked), report(&checked));
    let other = check(&checked, SEED + 1).unwrap();
    let before = report(&checked);
    assert_eq!(other.joint.accuracy.value, before.joint.accuracy.value);
    assert_ne!(other.joint, before.joint);
}

/// Resamples of a share that keep the number of images per label have the standard deviation √(Σ_label n·q(1 − q))/N.
#[test]
fn width_of_the_interval_matches_theory() {
    let joint = report(&first()).joint;
    let variance: f64 =
        joint.labels.iter().map(|l| (l.images as f64, l.accuracy.unwrap().value)).map(|(n, q)| n * q * (1.0 - q)).sum();
    let expected = 2.0 * 1.96 * variance.sqrt() / joint.accuracy.images as f64;
    let found = joint.accuracy.width();
    assert!((found / expected - 1.0).abs() < 0.12, "{found}, expected {expected}");
    assert!(joint.accuracy.low < joint.accuracy.value && joint.accuracy.value < joint.accuracy.high);
}

#[test]
fn too_few_images_are_reported() {
    let mut checked = first();
    checked.images.retain(|p| p.label != 4);
    let mut kept = 0;
    checked.images.retain(|p| {
        kept += usize::from(p.label == 2);
        p.label != 2 || kept <= 3
    });
    let report = report(&checked);
    let texts: Vec<String> = report.warnings.iter().map(Warning::to_string).collect();
    assert_eq!(texts[0], "no image of label 4: nothing is said about them");
    assert_eq!(texts[1], "fewer than 10 images of label 2: too few to say");
    assert!(report.warnings[2..].iter().all(|w| w.to_string().contains(": between ")), "{texts:?}");
    assert!(report.verdict.uncertain);
    let explanation = report.verdict.explanation();
    assert!(explanation.ends_with(" (too few images to be sure)"), "{explanation}");
    assert_eq!(report.joint.labels[4].accuracy, None);
}

#[test]
fn images_of_one_head_alone_have_no_other_heads_images() {
    let mut checked = first();
    checked.images.retain(|p| p.label < 3);
    let report = report(&checked);
    assert_eq!(report.heads[0].auroc.best(), None);
    assert_eq!(report.heads[0].entropy.foreign, None);
    assert_eq!(report.heads[1].accuracy, None);
    let warning = Warning::NoOwnImages { head: "head 1".into() };
    let text = "no image of the head 'head 1': the choice between heads is half tested";
    assert!(report.warnings.contains(&warning), "{:?}", report.warnings);
    assert_eq!(warning.to_string(), text);
}

#[test]
fn sigmoid_heads_report_missing_figures() {
    let mut checked = first();
    for head in &mut checked.heads {
        head.activation = Activation::Sigmoid;
    }
    for image in &mut checked.images {
        image.head_probabilities = None;
        image.probabilities = image.logits.iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
    }
    let report = report(&checked);
    let head = &report.heads[0];
    assert_eq!((head.auroc.gate, head.auroc.negative_entropy, &head.entropy.own), (None, None, &None));
    assert!(head.auroc.energy.is_some() && head.accuracy.is_some());
    assert_eq!((report.joint.nll, report.joint.brier), (None, None));
    assert!(report.joint.calibration.is_some());
    assert!(report.warnings.contains(&Warning::SigmoidHeads));
}

#[test]
fn false_rejects_are_counted_at_one_half() {
    let mut checked = first();
    assert_eq!(report(&checked).false_reject_rate, None);
    for (i, image) in checked.images.iter_mut().enumerate() {
        image.none = Some(if i % 4 == 0 { 0.5 } else { 0.25 });
    }
    assert_eq!(report(&checked).false_reject_rate.unwrap().value, 0.25);
}

#[test]
fn error_predictions_of_another_shape() {
    let error = |spoil: fn(&mut Predictions)| {
        let mut checked = first();
        spoil(&mut checked);
        check(&checked, SEED).unwrap_err()
    };
    let none = error(|c| c.images.clear());
    assert_eq!(none.code(), "no-images");
    assert_eq!(
        none.to_string(),
        "model 'imagined': expected labelled images to check it on, found none; give some of each label"
    );
    let nan = error(|c| c.images[3].logits[0] = f32::NAN);
    assert_eq!(nan.to_string(), "image '1-3.png': expected a finite score, found NaN; check the model and the image");
    for spoil in [
        |c: &mut Predictions| {
            c.images[0].logits.pop();
        },
        |c: &mut Predictions| {
            c.images[0].probabilities.pop();
        },
        |c: &mut Predictions| c.images[0].heads = vec![2],
        |c: &mut Predictions| c.images[0].label = 5,
        |c: &mut Predictions| {
            c.members.pop();
        },
        |c: &mut Predictions| {
            c.labels.pop();
        },
    ] {
        assert_eq!(error(spoil).code(), "output");
    }
}

#[test]
fn a_comparison_counts_the_images_that_only_one_model_gets_right() {
    let (mut first, _) = cases().remove(0);
    first.images.truncate(60);
    let mut second = first.clone();
    // The second model turns two right answers into wrong ones, and one wrong answer into a right one.
    let top =
        |p: &Prediction| (0..p.probabilities.len()).max_by(|&a, &b| p.probabilities[a].total_cmp(&p.probabilities[b]));
    let right: Vec<usize> = (0..60).filter(|&i| top(&first.images[i]) == Some(first.images[i].label)).collect();
    let wrong: Vec<usize> = (0..60).filter(|&i| !right.contains(&i)).collect();
    let answer = |p: &mut Prediction, label: usize| {
        p.probabilities.fill(0.0);
        p.probabilities[label] = 1.0;
    };
    for &image in &right[..2] {
        let label = (second.images[image].label + 1) % second.labels.len();
        answer(&mut second.images[image], label);
    }
    let label = second.images[wrong[0]].label;
    answer(&mut second.images[wrong[0]], label);
    let [first, second] = [first, second].map(|predictions| check(&predictions, SEED).unwrap());
    let found = Comparison::new(&second, &first);
    assert_eq!((found.gained, found.lost), (1, 2));
    let difference = found.difference.unwrap();
    assert!((difference.value + 1.0 / 60.0).abs() < 1e-12 && difference.images == 60, "{difference:?}");
    assert!(difference.low <= difference.value && difference.value <= difference.high, "{difference:?}");
    let expected = second.joint.accuracy.value - first.joint.accuracy.value;
    assert!((difference.value - expected).abs() < 1e-12);
    assert_eq!(Comparison::new(&first, &first).difference.unwrap().value, 0.0);
}
