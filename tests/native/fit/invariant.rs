//! Properties that must not affect a fit: orders, groupings, and the way in which an image gets its label.

use super::{a, answers, b, both, evidence, examples, fit, material, rule, source, ALL};
use crate::tiny::{assert_close, Tiny};
use polyhead::evidence::Evidence;
use polyhead::features::Pooling;
use polyhead::features::{FeatureExtractor, LabelledExample};
use polyhead::fit::{Fit, FitInput, FitOptions};
use polyhead::labels::DuplicateLabels;
use polyhead::rule::{RuleKind, Validation};

#[test]
fn order_of_images_and_folders() {
    let extractor = both();
    let (train, held_out) = (examples(extractor, 1, &[7, 4, 9, 6, 5]), examples(extractor, 2, &[4, 3, 5, 2, 3]));
    let of = |images: &[LabelledExample], held_out: &[LabelledExample], unseen| {
        let material = FitInput { images, held_out, unseen, ..material(extractor) };
        ALL.map(|name| fit(&material, &rule(name)).unwrap())
    };
    let turned = |examples: &[LabelledExample]| {
        let mut turned = examples.to_vec();
        turned.rotate_left(8);
        turned.reverse();
        turned
    };
    for unseen in [false, true] {
        let (before, after) = (of(&train, &held_out, unseen), of(&turned(&train), &turned(&held_out), unseen));
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(before.comparison, after.comparison);
            assert!(before.combination == after.combination);
        }
    }
}

#[track_caller]
fn assert_alike(one: &Fit, other: &Fit, extractor: &FeatureExtractor) {
    for (one, other) in one.comparison.iter().zip(&other.comparison) {
        assert_eq!((one.rule, one.accuracy), (other.rule, other.accuracy));
        assert!((one.nll - other.nll).abs() < 1e-6 && (one.ece - other.ece).abs() < 1e-6, "{one:?}, {other:?}");
    }
    let images = examples(extractor, 9, &[3; 5]);
    assert_close(&answers(one, extractor, &images), &answers(other, extractor, &images), 1e-4);
}

#[test]
fn grouping_of_evidence() {
    let extractor = both();
    let (train, held_out) = (examples(extractor, 1, &[12, 9, 14, 10, 11]), examples(extractor, 2, &[4; 5]));
    let whole = evidence(extractor, &train, &Pooling::ALL);
    let mut parts: Vec<Evidence> = train.chunks(17).map(|part| evidence(extractor, part, &Pooling::ALL)).collect();
    let last = parts.pop().unwrap();
    let sum = parts.iter().rev().fold(last, |sum, part| sum.add(part).unwrap());
    for name in ALL {
        let of = |evidence| {
            fit(&FitInput { evidence: Some(evidence), held_out: &held_out, ..material(extractor) }, &rule(name))
                .unwrap()
        };
        assert_alike(&of(&whole), &of(&sum), extractor);
    }
}

#[test]
fn fit_to_evidence_equals_fit_to_its_images() {
    let extractor = both();
    let (train, held_out) = (examples(extractor, 3, &[12, 9, 14, 10, 11]), examples(extractor, 4, &[4; 5]));
    let whole = evidence(extractor, &train, &Pooling::ALL);
    let half = evidence(extractor, &train[..30], &Pooling::ALL);
    // Only the logistic head needs the images themselves.
    for name in [RuleKind::Scaled, RuleKind::Gated] {
        let of = |evidence, images| {
            let material = FitInput { evidence: Some(evidence), images, held_out: &held_out, ..material(extractor) };
            Fit { comparison: Vec::new(), ..fit(&material, &rule(name)).unwrap() }
        };
        assert_alike(&of(&whole, &[]), &of(&half, &train[30..]), extractor);
    }
}

#[test]
fn joined_labels() {
    let extractor = source(&[&a(), &b()], DuplicateLabels::Merge).feature_extractor().unwrap();
    let shirt = extractor.labels().iter().position(|l| l.label == "shirt").unwrap();
    let mut train = examples(&extractor, 1, &[10; 4]);
    // Some authors state the head of their shirts.
    train.iter_mut().filter(|e| e.label == shirt).step_by(2).for_each(|e| e.head = Some(1));
    let held_out = examples(&extractor, 2, &[5; 4]);
    let sums = evidence(&extractor, &train, &Pooling::ALL);
    assert_eq!(sums.counts(), [10, 10, 5, 10, 10]);
    let grounds = [
        (Validation::HeldOut, FitInput { evidence: Some(&sums), held_out: &held_out, ..material(&extractor) }),
        (Validation::Estimate, FitInput { evidence: Some(&sums), ..material(&extractor) }),
        (Validation::Seen, FitInput { images: &train, ..material(&extractor) }),
    ];
    for (grounds, material) in grounds {
        let fitted = fit(&material, &FitOptions::default()).unwrap();
        assert_eq!((fitted.grounds, fitted.comparison.len()), (grounds, 4));
        let own = fitted.comparison.iter().find(|c| c.rule == RuleKind::Gated).unwrap();
        assert!(own.accuracy > 0.6, "{own:?}");
        let answers = answers(&fitted, &extractor, &held_out);
        assert!(answers.iter().all(|p| (-1e-6..=1.0 + 1e-6).contains(p)));
    }
}

#[test]
fn three_heads() {
    let c = Tiny::new("c", &["tin", "glass", "paper", "wood"]);
    let extractor = source(&[&a(), &b(), &c], DuplicateLabels::Keep).feature_extractor().unwrap();
    let held_out = examples(&extractor, 1, &[6; 9]);
    let material = FitInput { held_out: &held_out, ..material(&extractor) };
    for name in ALL {
        let fitted = fit(&material, &rule(name)).unwrap();
        let temperatures = fitted.combination.record().parameters.get("temperatures").cloned();
        let heads = temperatures.map(|t| t.as_object().unwrap().len());
        assert_eq!(heads, [RuleKind::Scaled, RuleKind::Gated].contains(&name).then_some(3));
        let none = usize::from(name != RuleKind::Concat);
        let p = answers(&fitted, &extractor, &held_out[..1]);
        assert_eq!(p.len(), 9 + none);
        assert!((p[..9].iter().sum::<f32>() - 1.0).abs() < 1e-5);
    }
}
