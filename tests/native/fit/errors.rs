//! Errors of fits, and the rules that are tried instead.

use super::{a, b, both, evidence, examples, fit, material, rule, source, texts, Ending};
use polyhead::evidence::Evidence;
use polyhead::features::Pooling;
use polyhead::fit::{FitInput, FitOptions};
use polyhead::labels::DuplicateLabels;
use polyhead::rule::{RuleKind, Validation};

#[test]
fn error_sigmoid_heads() {
    let models = [a().ending(Ending::Sigmoid), b().ending(Ending::Sigmoid)];
    let extractor = source(&[&models[0], &models[1]], DuplicateLabels::Keep).feature_extractor().unwrap();
    let error = |options: &FitOptions| fit(&material(&extractor), options).unwrap_err();
    assert_eq!(error(&rule(RuleKind::Gated)).code(), "sigmoid-rule");
    let text = error(&FitOptions::default()).to_string();
    assert!(text.contains("'auto'") && text.contains("'a'"), "{text}");
}

#[test]
fn error_other_model() {
    let other = source(&[&a(), &super::Tiny { head: 3, ..b() }], DuplicateLabels::Keep).feature_extractor().unwrap();
    let found = evidence(&other, &examples(&other, 1, &[2; 5]), &[Pooling::Features]);
    let error = fit(&FitInput { evidence: Some(&found), ..material(both()) }, &FitOptions::default()).unwrap_err();
    assert_eq!(error.code(), "other-model");
    let heads = "with the heads a (cat, dog, shirt), b (shirt, shoe)";
    let texts = [both().fingerprint(), other.fingerprint()].map(|f| format!("{} {heads} and 16 features", &f[..16]));
    let text = error.to_string();
    assert!(
        text.contains(&format!("expected that of the model {}", texts[0]))
            && text.contains(&format!("found {}", texts[1])),
        "{text}"
    );
}

#[test]
fn error_no_evidence() {
    let extractor = both();
    let found = evidence(extractor, &examples(extractor, 1, &[9, 0, 9, 9, 0]), &Pooling::ALL);
    let held_out = examples(extractor, 2, &[4, 0, 4, 4, 4]);
    let partly = FitInput { evidence: Some(&found), held_out: &held_out, ..material(extractor) };
    for name in [RuleKind::Gated, RuleKind::Retrained] {
        let error = fit(&partly, &rule(name)).unwrap_err();
        let expected = format!(
            "rule '{name}': expected evidence or images of every label, found none of a/dog; give evidence or images \
             with them, or take another rule"
        );
        assert_eq!((error.code(), error.to_string()), ("no-evidence", expected));
    }
    let fitted = fit(&partly, &FitOptions::default()).unwrap();
    let tried: Vec<RuleKind> = fitted.comparison.iter().map(|c| c.rule).collect();
    assert_eq!((fitted.grounds, tried), (Validation::HeldOut, vec![RuleKind::Concat, RuleKind::Scaled]));
    let expected = ["1 of 5 labels have no held-out image", "no evidence of dog: only rules that need none were tried"];
    assert_eq!(texts(&fitted.combination.record.cautions), expected);
    // Without images nothing can be measured.
    let fitted = fit(&FitInput { held_out: &[], ..partly.clone() }, &FitOptions::default()).unwrap();
    assert_eq!((fitted.grounds, fitted.combination.rule.name()), (Validation::Weights, RuleKind::Concat));
    let expected = ["no evidence of dog, shoe: only rules that need none were tried"];
    assert_eq!(texts(&fitted.combination.record.cautions), expected);
    let error = fit(&FitInput { held_out: &[], ..partly }, &rule(RuleKind::Scaled)).unwrap_err();
    assert_eq!(error.code(), "no-evidence");
    let error = fit(&material(extractor), &rule(RuleKind::Gated)).unwrap_err();
    assert!(error.to_string().contains("found none of a/cat, a/dog, a/shirt, b/shirt, b/shoe;"), "{error}");
}

#[test]
fn error_false_rejects() {
    let error =
        |share| fit(&material(both()), &FitOptions { reject_rate: share, ..FitOptions::default() }).unwrap_err();
    let expected =
        "option rejectRate: expected more than 0 and less than 100 %, found 150 %; correct the option".to_string();
    assert_eq!((error(1.5).code(), error(1.5).to_string()), ("option", expected));
    for share in [0.0, 1.0, -0.1, f64::NAN, f64::INFINITY] {
        assert_eq!(error(share).code(), "option");
    }
}

#[test]
fn error_features_of_another_model() {
    let extractor = both();
    let sound = examples(extractor, 1, &[2; 5]);
    let error = |images: &[_]| fit(&FitInput { images, ..material(extractor) }, &FitOptions::default()).unwrap_err();
    let mut short = sound.clone();
    short[3].observation.features.pop();
    let expected =
        "observation: expected 40 features, found 39; observe the image with the model that the evidence is of";
    assert_eq!((error(&short).code(), error(&short).to_string()), ("different-observation", expected.to_string()));
    let mut long = sound.clone();
    long[0].observation.logits.push(1.0);
    assert_eq!(error(&long).code(), "different-observation");
    let mut broken = sound.clone();
    broken[7].observation.logits[1] = f32::NAN;
    assert_eq!(error(&broken).code(), "not-finite");
    let members = &extractor.members()[1..];
    let error = fit(&FitInput { members, images: &sound, ..material(extractor) }, &FitOptions::default()).unwrap_err();
    assert_eq!(error.code(), "different-observation");
}

#[test]
fn cautions_about_few_images() {
    let extractor = both();
    let held_out = examples(extractor, 1, &[7, 5, 5, 3, 6]);
    let fitted = fit(&FitInput { held_out: &held_out, ..material(extractor) }, &FitOptions::default()).unwrap();
    let expected = ["a label has only 3 held-out images: the figures are rough"];
    assert_eq!(texts(&fitted.combination.record.cautions), expected);
}

#[test]
fn evidence_without_images() {
    let extractor = both();
    let empty = Evidence::empty(extractor, &Pooling::ALL);
    let fitted = fit(&FitInput { evidence: Some(&empty), ..material(extractor) }, &FitOptions::default()).unwrap();
    assert_eq!((fitted.grounds, fitted.combination.rule.name()), (Validation::Weights, RuleKind::Concat));
    let found = &texts(&fitted.combination.record.cautions)[0];
    assert!(found.starts_with("no evidence of cat, dog, shirt, shirt, shoe: "), "{found}");
}
