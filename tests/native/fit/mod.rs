//! Fits of combination rules: validation and its cautions, errors, and files that agree with the fit.

mod command;
mod errors;
mod features_file;
mod hostile;
mod invariant;

use super::tiny::{again, merged, weights, Ending, Tiny};
use polyhead::classifier::Classifier;
use polyhead::classifier::RuleEvaluator;
use polyhead::evidence::Evidence;
use polyhead::features::Pooling;
use polyhead::features::{ExtractedFeatures, FeatureExtractor, LabelledExample};
use polyhead::fit::{fit, last_layers, Fit, FitInput, FitOptions};
use polyhead::import::ImportedModel;
use polyhead::labels::DuplicateLabels;
use polyhead::merge;
use polyhead::rule::{Caution, Distance, RuleKind, Validation};
use std::sync::OnceLock;

fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

fn b() -> Tiny {
    Tiny { gain: 6.0, ..Tiny::new("b", &["shirt", "shoe"]) }
}

fn texts(cautions: &[Caution]) -> Vec<String> {
    cautions.iter().map(Caution::to_string).collect()
}

fn source(models: &[&Tiny], duplicates: DuplicateLabels) -> ImportedModel {
    again("both", &merged(models, &merge::MergeOptions { duplicate_labels: duplicates, ..Default::default() }).unwrap())
}

/// The heads a and b, both with a label `shirt`.
fn both() -> &'static FeatureExtractor {
    static BOTH: OnceLock<FeatureExtractor> = OnceLock::new();
    BOTH.get_or_init(|| source(&[&a(), &b()], DuplicateLabels::Keep).feature_extractor().unwrap())
}

/// Synthetic images, `counts` per merged label: features around the label's mean, logits that predict it more or less
/// well.
fn examples(extractor: &FeatureExtractor, seed: u32, counts: &[usize]) -> Vec<LabelledExample> {
    let (width, columns) = (extractor.layout().width(), extractor.members().len());
    let mut examples = Vec::new();
    for (label, &count) in counts.iter().enumerate() {
        let mean = weights(1000 + label as u32, width, 1.0);
        for number in 0..count {
            let own = seed * 10_000 + (label * 100 + number) as u32;
            let noise = weights(own, width + columns, 1.6);
            let features = mean.iter().zip(&noise).map(|(m, n)| m + n).collect();
            let member = |c: usize| if extractor.members()[c] == label { 1.5 } else { 0.0 };
            let logits = (0..columns).map(|c| (member(c) + noise[width + c]) * (1.0 + c as f32)).collect();
            let (name, sha256) = (format!("{label}/{own}"), format!("{:064x}", own.wrapping_mul(2_654_435_761)));
            examples.push(LabelledExample {
                name,
                sha256,
                label,
                head: None,
                observation: ExtractedFeatures { features, logits },
            });
        }
    }
    examples
}

fn evidence(extractor: &FeatureExtractor, examples: &[LabelledExample], pools: &[Pooling]) -> Evidence {
    let mut evidence = Evidence::empty(extractor, pools);
    for example in examples {
        for column in extractor.columns(example.label, example.head) {
            evidence.add_example(column, &example.observation).unwrap();
        }
    }
    evidence
}

fn material(extractor: &FeatureExtractor) -> FitInput<'_> {
    FitInput::of(extractor)
}

fn rule(rule: RuleKind) -> FitOptions {
    FitOptions { rule: rule.into(), ..FitOptions::default() }
}

const ALL: [RuleKind; 4] = [RuleKind::Concat, RuleKind::Scaled, RuleKind::Gated, RuleKind::Retrained];

/// Probabilities of every image, and that of none of the labels.
fn answers(fitted: &Fit, extractor: &FeatureExtractor, examples: &[LabelledExample]) -> Vec<f32> {
    let evaluator = RuleEvaluator::new(fitted.combination.clone(), extractor).unwrap();
    let scores = examples.iter().map(|e| evaluator.run(&e.observation).unwrap());
    scores.flat_map(|s| s.probabilities.into_iter().chain(s.none_probability)).collect()
}

#[test]
fn held_out_images_are_preferred_for_validation() {
    let extractor = both();
    let (train, held_out) = (examples(extractor, 1, &[20; 5]), examples(extractor, 2, &[10; 5]));
    let evidence = evidence(extractor, &train, &Pooling::ALL);
    let material = FitInput { evidence: Some(&evidence), held_out: &held_out, ..material(extractor) };
    let fitted = fit(&material, &FitOptions::default()).unwrap();
    assert_eq!((fitted.grounds, fitted.compared), (Validation::HeldOut, 50));
    assert_eq!(fitted.comparison.iter().map(|c| c.rule).collect::<Vec<_>>(), ALL);
    let record = fitted.combination.record();
    assert_eq!(record.cautions, []);
    let on = record.fitted_on.unwrap();
    assert_eq!((on.held_out, on.evidence["a/cat"], on.evidence.len()), (50, 30, 5));
    let (figures, taken) = (record.figures.unwrap(), fitted.comparison.iter().find(|c| c.rule == record.name).unwrap());
    assert_eq!((figures.images, figures.accuracy, figures.nll), (50, taken.accuracy, taken.nll));
    assert_eq!(figures.measured.to_string(), "cross-validated on images that the heads have not seen");
    // Labels are separable by their features and heads are overconfident: rules can improve on concatenation.
    let (concat, accuracy) = (fitted.comparison[0].accuracy, figures.accuracy);
    assert!(accuracy > concat + 0.05 && record.name != RuleKind::Concat, "{accuracy}, {concat} by concat");
    let fresh = examples(extractor, 3, &[20; 5]);
    let evaluator = RuleEvaluator::new(fitted.combination.clone(), extractor).unwrap();
    let right = |e: &&LabelledExample| {
        let p = evaluator.run(&e.observation).unwrap().probabilities;
        p.iter().all(|v| *v <= p[e.label])
    };
    let found = fresh.iter().filter(right).count() as f64 / 100.0;
    assert!((found - accuracy).abs() < 0.15, "{found} on other images, {accuracy} in the comparison");
}

#[test]
fn unseen_images_count_as_held_out() {
    let extractor = both();
    let images = examples(extractor, 4, &[8, 6, 7, 5, 9]);
    let by = |material: FitInput| fit(&material, &FitOptions::default()).unwrap();
    let unseen = by(FitInput { images: &images, unseen: true, ..material(extractor) });
    let held_out = by(FitInput { held_out: &images, ..material(extractor) });
    assert_eq!((unseen.combination, unseen.comparison), (held_out.combination, held_out.comparison));
}

#[test]
fn seen_images_fit_no_temperatures() {
    let extractor = both();
    let images = examples(extractor, 5, &[6; 5]);
    let fitted = fit(&FitInput { images: &images, ..material(extractor) }, &rule(RuleKind::Scaled)).unwrap();
    let record = fitted.combination.record();
    assert_eq!((fitted.grounds, record.parameters["temperatures"]["b"].as_f64()), (Validation::Seen, Some(1.0)));
    let caution = "the heads may have been trained on these images and be overconfident on them: temperatures are not \
                   fitted and the figures are too good; give unseen images, or say that these are";
    assert_eq!((texts(&record.cautions), record.fitted_on.unwrap().held_out), (vec![caution.to_string()], 0));
}

#[test]
fn evidence_alone_is_an_estimate() {
    let extractor = both();
    let train = examples(extractor, 6, &[12; 5]);
    let whole = evidence(extractor, &train, &[Pooling::Features]);
    let parts: Vec<Evidence> = (0..3)
        .map(|part| {
            let own: Vec<LabelledExample> = train.iter().skip(part).step_by(3).cloned().collect();
            evidence(extractor, &own, &[Pooling::Features])
        })
        .collect();
    let folds = Evidence::of_folds(parts).unwrap().unwrap();
    for (evidence, grounds) in [(&whole, Validation::Estimate), (&folds, Validation::Folds)] {
        let material = FitInput { evidence: Some(evidence), ..material(extractor) };
        let fitted = fit(&material, &FitOptions::default()).unwrap();
        let record = fitted.combination.record();
        assert_eq!((fitted.grounds, fitted.compared, fitted.comparison.len()), (grounds, 60, 4));
        let caution =
            "the figures are estimates from sums, as if heads were as sure of unseen images as of those they \
                       were trained on, and are too good; give unseen images";
        assert_eq!(texts(&record.cautions), [caution]);
        assert_eq!(record.figures.unwrap().measured, grounds);
        assert_eq!(fit(&material, &FitOptions::default()).unwrap().combination, fitted.combination);
        let other = fit(&material, &FitOptions { seed: 2, ..FitOptions::default() }).unwrap();
        assert!(other.comparison != fitted.comparison);
    }
}

#[test]
fn weights_alone_measure_nothing() {
    let source = source(&[&a(), &b()], DuplicateLabels::Keep);
    let layers = last_layers(&source).unwrap();
    assert_eq!(layers.iter().map(|l| (l.weights.len(), l.bias.len())).collect::<Vec<_>>(), [(48, 3), (32, 2)]);
    let material = FitInput { layers: &layers, ..material(both()) };
    let fitted = fit(&material, &FitOptions::default()).unwrap();
    let record = fitted.combination.record();
    assert_eq!((fitted.grounds, record.name, fitted.compared), (Validation::Weights, RuleKind::Scaled, 0));
    let caution = "nothing was measured: the heads' weights were made alike, no more; give images or evidence";
    assert_eq!((texts(&record.cautions), record.figures), (vec![caution.to_string()], None));
    // b's weights are six times as large as usual.
    let scale = &fitted.combination.rule.scaled().unwrap().scale;
    let lengths = layers.iter().map(|layer| {
        let (labels, width) = (layer.bias.len(), 16);
        let mean = |k: usize| (0..labels).map(|c| layer.weights[c * width + k]).sum::<f32>() / labels as f32;
        let square = (0..labels * width).map(|at| (layer.weights[at] - mean(at % width)).powi(2)).sum::<f32>();
        f64::from(square / labels as f32).sqrt()
    });
    let scaled: Vec<f64> = lengths.zip(scale).map(|(length, scale)| length * scale).collect();
    assert!((scaled[0] / scaled[1] - 1.0).abs() < 1e-5 && scale[1] < 0.5 * scale[0], "{scale:?}");
}

#[test]
fn rejection_has_the_stated_rate() {
    let extractor = both();
    let held_out = examples(extractor, 7, &[21, 20, 20, 20, 20]);
    let material = FitInput { held_out: &held_out, ..material(extractor) };
    for share in [0.05, 0.2] {
        // Without features the distance is that of the scaled logits, measured on a head's own images only.
        let options = FitOptions { features: Vec::new(), reject_rate: share, ..rule(RuleKind::Scaled) };
        let fitted = fit(&material, &options).unwrap();
        let record = fitted.combination.record();
        assert_eq!(texts(&record.cautions), ["the heads share no features: only rules that need none were tried"]);
        assert_eq!(fitted.combination.none.as_ref().unwrap().distance, Distance::Energy);
        assert_eq!(rejected(&fitted, extractor, &held_out), (share * 100.0) as usize);
        // By evidence every image was measured without its fold, and the final distance is no larger on the whole.
        let fitted = fit(&material, &FitOptions { reject_rate: share, ..rule(RuleKind::Gated) }).unwrap();
        assert!(matches!(fitted.combination.none.as_ref().unwrap().distance, Distance::Evidence(_)));
        assert!(rejected(&fitted, extractor, &held_out) <= (share * 100.0) as usize);
        let far: Vec<LabelledExample> = held_out.iter().cloned().map(moved).collect();
        assert!(rejected(&fitted, extractor, &far) > 50);
    }
    assert!(fit(&material, &rule(RuleKind::Concat)).unwrap().combination.none.is_none());
}

fn moved(mut example: LabelledExample) -> LabelledExample {
    example.observation.features.iter_mut().for_each(|v| *v *= 4.0);
    example
}

fn rejected(fitted: &Fit, extractor: &FeatureExtractor, examples: &[LabelledExample]) -> usize {
    let evaluator = RuleEvaluator::new(fitted.combination.clone(), extractor).unwrap();
    let none = |e: &&LabelledExample| evaluator.run(&e.observation).unwrap().none_probability.unwrap() > 0.5;
    examples.iter().filter(none).count()
}

#[test]
fn file_agrees_with_the_fit() {
    let source = || source(&[&a(), &b()], DuplicateLabels::Merge);
    let extractor = source().feature_extractor().unwrap();
    let observed = |seed: u32, count: usize| -> Vec<LabelledExample> {
        let example = |number: usize| {
            let tensor = weights(seed * 1000 + number as u32, 3 * 16 * 16, 1.0 + number as f32 / 10.0);
            let (name, sha256) = (number.to_string(), format!("{:064x}", number * 7919 % 1009));
            let observation = extractor.run_tensor(&tensor).unwrap();
            LabelledExample { name, sha256, label: number % 4, head: None, observation }
        };
        (0..count).map(example).collect()
    };
    let (train, held_out) = (observed(1, 40), observed(2, 24));
    let evidence = evidence(&extractor, &train, &[Pooling::Features, Pooling::Deviation]);
    let material = FitInput { evidence: Some(&evidence), held_out: &held_out, ..material(&extractor) };
    for name in ALL {
        let fitted = fit(&material, &rule(name)).unwrap();
        let evaluator = RuleEvaluator::new(fitted.combination.clone(), &extractor).unwrap();
        let options = merge::MergeOptions { rule: Some(fitted.combination), ..Default::default() };
        let written = merge::merge(vec![source()], &options).unwrap();
        let classifier = Classifier::from_proto("fitted", &written.proto).unwrap();
        for number in 0..6 {
            let tensor = weights(2000 + number, 3 * 16 * 16, 1.0);
            let expected = classifier.run_tensor(&tensor).unwrap();
            let found = evaluator.run(&extractor.run_tensor(&tensor).unwrap()).unwrap();
            super::tiny::assert_close(&found.probabilities, &expected.probabilities, 1e-5);
            super::tiny::assert_close(&found.head_probabilities.unwrap(), &expected.head_probabilities.unwrap(), 1e-5);
            assert_eq!(found.none_probability.is_some(), name != RuleKind::Concat);
            if let (Some(found), Some(expected)) = (found.none_probability, expected.none_probability) {
                assert!((found - expected).abs() < 1e-4, "{name}: {found}, {expected}");
            }
        }
    }
}
