//! Rules in merged files: the graph in tract and in onnxruntime agrees with the formula in 64 bits.

mod cases;

use super::tiny::{again, assert_close, labels, merged, read, texts, Ending, Tiny};
use cases::{a, b, cases, evidence, find, images, posterior, Case};
use polyhead::classifier::RuleEvaluator;
use polyhead::classifier::{Classifier, Scores};
use polyhead::features::Pooling;
use polyhead::features::{ExtractedFeatures, FeatureExtractor};
use polyhead::merge::{merge, Edits, MergeOptions, Merged, Weights};
use polyhead::onnx::{self, Tensor};
use polyhead::rule::{
    softmax, Distance, FittedOn, FittedRule, Gated, Posterior, Rejection, Rule, RuleKind, RuleRecord, Scaled,
};
use std::collections::BTreeMap;

/// The outputs of onnxruntime, by case and output, one row per image.
fn answers() -> BTreeMap<String, BTreeMap<String, Vec<Vec<f32>>>> {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/rules/onnxruntime.json");
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

/// The scores of all test images.
fn classified(merged: &Merged) -> Vec<Scores> {
    let classifier = Classifier::from_proto("fitted", &merged.proto).unwrap();
    images().iter().map(|p| classifier.run_tensor(p).unwrap()).collect()
}

fn observed(extractor: &FeatureExtractor) -> Vec<ExtractedFeatures> {
    images().iter().map(|p| extractor.run_tensor(p).unwrap()).collect()
}

#[track_caller]
fn assert_same(name: &str, found: &Scores, expected: &Scores, within: f32) {
    println!("{name}: {:?} none {:?}", found.probabilities, found.none_probability);
    assert_close(&found.probabilities, &expected.probabilities, within);
    let heads = |s: &Scores| s.head_probabilities.clone().unwrap();
    assert_close(&heads(found), &heads(expected), within);
    let none = |s: &Scores| s.none_probability.into_iter().collect::<Vec<_>>();
    assert_close(&none(found), &none(expected), within);
}

#[test]
fn evaluator_matches_the_file() {
    for Case { name, fitted, .. } in cases() {
        let source = again(name, fitted);
        let extractor = source.feature_extractor().unwrap();
        let evaluator = RuleEvaluator::new(source.combination().unwrap(), &extractor).unwrap();
        for (scores, observation) in classified(fitted).iter().zip(observed(&extractor)) {
            assert_same(name, scores, &evaluator.run(&observation).unwrap(), 1e-5);
        }
    }
}

#[test]
fn onnxruntime_matches_the_evaluator() {
    let answers = answers();
    assert_eq!(answers.len(), cases().len());
    for Case { name, fitted, .. } in cases() {
        let answers = &answers[*name];
        for (at, scores) in classified(fitted).iter().enumerate() {
            let answer = |output: &str| answers.get(output).map(|rows| rows[at].clone());
            let expected = Scores {
                probabilities: answer("probabilities").unwrap(),
                head_probabilities: answer("head_probabilities"),
                none_probability: answer("none_probability").map(|n| n[0]),
                ..Scores::default()
            };
            assert_same(name, scores, &expected, 1e-5);
            let features = answer("features").unwrap_or_default();
            assert_close(&scores.features, &features, 1e-4);
        }
    }
}

#[test]
fn fitted_file_has_the_same_features_as_the_unfitted() {
    for Case { name, unfitted, fitted, .. } in cases() {
        if fitted.rounding.is_some() {
            continue;
        }
        let [before, after] = [unfitted, fitted].map(|m| again(name, m).feature_extractor().unwrap());
        assert_eq!(before.fingerprint(), after.fingerprint(), "{name}");
        assert_eq!(observed(&before), observed(&after), "{name}");
        let twice = merge(vec![again(name, fitted)], &MergeOptions { rule: Some(FittedRule::default()), ..keep() });
        let twice = twice.unwrap();
        assert!(twice.warnings.is_empty() && twice.metadata == unfitted.metadata, "{name}");
        let nodes = |m: &Merged| m.proto.graph.as_ref().map(|g| g.node.len());
        assert_eq!(nodes(&twice), nodes(unfitted), "{name}");
    }
}

fn keep() -> MergeOptions {
    MergeOptions { duplicate_labels: polyhead::labels::DuplicateLabels::Keep, ..MergeOptions::default() }
}

#[test]
fn parameters_are_read_back_from_the_file() {
    for Case { name, fitted, combination, .. } in cases() {
        let read = again(name, fitted).combination().unwrap();
        assert_eq!(read.record, fitted.metadata.rule, "{name}");
        assert_eq!(read.rule.posterior(), combination.rule.posterior(), "{name}");
        assert_eq!(read.nearest(), combination.nearest(), "{name}");
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-6 * b.abs();
        let numbers = |c: &FittedRule| -> Vec<f64> {
            let scaled = c.rule.scaled().map(|s| [s.scale.clone(), s.bias.clone()].concat());
            let gated = match &c.rule {
                Rule::Gated(g) => [g.gate, g.within].concat(),
                _ => Vec::new(),
            };
            let none = c.none.as_ref().map(|n| vec![n.threshold, n.width]);
            [scaled.unwrap_or_default(), gated, none.unwrap_or_default()].concat()
        };
        let (found, expected) = (numbers(&read), numbers(combination));
        assert_eq!(found.len(), expected.len(), "{name}");
        assert!(found.iter().zip(&expected).all(|(&a, &b)| near(a, b)), "{name}: {found:?} {expected:?}");
    }
}

#[test]
fn outputs_of_a_fitted_file() {
    let outputs = |name: &str| -> Vec<String> {
        let case = find(name);
        case.fitted.proto.graph.iter().flat_map(|g| &g.output).map(|o| o.name.clone()).collect()
    };
    let usual = ["probabilities", "logits", "features", "head_probabilities"];
    assert_eq!(outputs("scaled"), usual);
    assert_eq!(outputs("gated"), [&usual[..], &["none_probability"]].concat());
    let apart = ["probabilities", "logits", "features.a", "features.b", "features", "head_probabilities"];
    assert_eq!(outputs("gated-apart"), apart);
    let widths = cases().iter().map(|c| (c.name, classified(&c.fitted)[0].features.len()));
    let widths: BTreeMap<_, _> = widths.collect();
    assert_eq!((widths["gated"], widths["gated-apart"], widths["retrained"], widths["cosine"]), (16, 32, 40, 32));
}

#[test]
fn rules_compute_their_formulas() {
    let softmax =
        |z: &[f64]| -> Vec<f64> { z.iter().map(|v| v.exp() / z.iter().map(|v| v.exp()).sum::<f64>()).collect() };
    let (s, q) = ([1.0, -0.5, 2.0, 0.3, 0.1], [0.2, 3.0, -1.0, 0.5, 1.5]);
    let plain =
        Gated { scaled: Scaled::identity(2, 5), posterior: posterior(&[], 0, 0), gate: [0.0, 1.0], within: [1.0, 0.0] };
    let (own, all) = ([softmax(&s[..3]), softmax(&s[3..])].concat(), softmax(&q));
    let gates = [all[..3].iter().sum::<f64>(), all[3..].iter().sum()];
    let expected = own.iter().enumerate().map(|(c, p)| p * gates[usize::from(c > 2)]);
    let found = softmax::softmax(&plain.pool(&s, &q, &[3, 2]));
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12));
    let heads_alone = Gated { gate: [1.0, 0.0], ..plain.clone() };
    let found = softmax::softmax(&heads_alone.pool(&s, &q, &[3, 2]));
    assert!(found.iter().zip(softmax(&s)).all(|(a, b)| (a - b).abs() < 1e-12));
    let huge = softmax::softmax(&plain.pool(&s.map(|v| v * 1e4), &q.map(|v| v * 1e4), &[3, 2]));
    assert_eq!(huge.iter().sum::<f64>(), 1.0);
    let near = evidence(posterior(&[Pooling::Features], 4, 3));
    let Distance::Evidence(space) = &near.distance else { unreachable!() };
    // The distance of an image at the mean from the nearest prototype is the length of that prototype.
    let lengths = space.prototypes.chunks(2).map(|m| m.iter().map(|v| f64::from(v * v)).sum::<f64>().sqrt());
    let expected = lengths.fold(f64::INFINITY, f64::min);
    assert!((space.distance(&space.mean) - expected).abs() < 1e-6);
}

#[test]
fn new_names_and_another_order_keep_the_rule() {
    for name in ["gated", "retrained", "gated-joined"] {
        let case = find(name);
        let before = labels(&case.fitted).iter().map(|l| l.to_string()).collect::<Vec<_>>();
        let edits = Edits {
            rename: vec![("dog".into(), "wolf".into())],
            order: before.iter().rev().map(|l| l.replace("dog", "wolf")).collect(),
            ..Edits::default()
        };
        let edited = merge(vec![again(name, &case.fitted)], &MergeOptions { edits, ..keep() }).unwrap();
        assert!(edited.warnings.is_empty(), "{:?}", edited.warnings);
        for (new, old) in classified(&edited).iter().zip(classified(&case.fitted)) {
            let reversed: Vec<f32> = old.probabilities.iter().rev().copied().collect();
            assert_close(&new.probabilities, &reversed, 1e-6);
            assert_eq!((&new.logits, new.none_probability), (&old.logits, old.none_probability));
        }
        let (found, was) = (&edited.metadata.rule, &case.fitted.metadata.rule);
        assert_eq!((&found.parameters, found.name), (&was.parameters, was.name));
        let counts = &found.fitted_on.as_ref().unwrap().evidence;
        assert_eq!(counts.keys().collect::<Vec<_>>(), ["a/cat", "a/wolf"]);
    }
}

#[test]
fn rule_is_dropped_for_labels_it_was_not_fitted_to() {
    let case = find("gated");
    let source = || again("both", &case.fitted);
    let dropped = "the rule gated of 'both' was fitted to other labels and is dropped: fit the merged model again";
    let edits = Edits { drop: vec!["dog".into()], ..Edits::default() };
    let less = merge(vec![source()], &MergeOptions { edits, ..MergeOptions::default() }).unwrap();
    let more = merge(vec![source(), Tiny::new("c", &["car", "bus"]).source()], &MergeOptions::default()).unwrap();
    let single = polyhead::merge::split(source(), "a", Weights::Keep).unwrap();
    for merged in [less, more, single] {
        assert_eq!(texts(&merged), [dropped]);
        assert_eq!(merged.metadata.rule, RuleRecord::default());
        assert!(!again("m", &merged).is_fitted());
    }
    let mut broken = source();
    broken.parameters.remove("rule.gate.heads");
    let expected = "model 'both', metadata 'polyhead.rule': expected the constant 'rule.gate.heads' of floats in the \
                    graph, found none; merge the sources again";
    assert_eq!(broken.combination().unwrap_err().to_string(), expected);
    let merged = merge(vec![broken], &MergeOptions::default()).unwrap();
    assert_eq!(merged.metadata.rule.name, RuleKind::Concat);
    let start = "the rule gated of 'both' is dropped, its parameters cannot be read: fit the merged model again (";
    assert!(texts(&merged)[0].starts_with(start), "{:?}", merged.warnings);
}

#[test]
fn error_parameters_of_another_form() {
    let case = find("gated");
    let refused = |change: &dyn Fn(&mut Gated, &mut Rejection)| {
        let mut combination = case.combination.clone();
        let (Rule::Gated(gated), Some(none)) = (&mut combination.rule, &mut combination.none) else { unreachable!() };
        change(gated, none);
        let options = MergeOptions { rule: Some(combination), ..MergeOptions::default() };
        let error = merge(vec![again("both", &case.unfitted)], &options).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "rule-parameters");
        error.to_string()
    };
    let text = |facts: &str| format!("rule parameter {facts}; fit the rule to this model");
    assert_eq!(refused(&|g, _| g.scaled.scale = vec![1.0]), text("'scale': expected 2 numbers, found 1"));
    assert_eq!(refused(&|g, _| g.scaled.scale[1] = 0.0), text("'scale': expected numbers above 0, found 0"));
    assert_eq!(refused(&|g, _| g.scaled.bias.truncate(4)), text("'bias': expected 5 numbers, found 4"));
    assert_eq!(refused(&|g, _| g.scaled.bias[0] = f64::NAN), text("'bias': expected finite numbers, found NaN"));
    assert_eq!(refused(&|g, _| g.gate[0] = -1.0), text("'gate': expected numbers of 0 or more, found -1"));
    let pools = "'posterior.pools': expected at least one section of the features, found none";
    assert_eq!(refused(&|g, _| g.posterior.pools.clear()), text(pools));
    let mean = "'posterior.mean': expected 40 numbers, found 16";
    assert_eq!(refused(&|g, _| g.posterior.pools = Pooling::ALL.to_vec()), text(mean));
    let projection = "'posterior.projection': expected a multiple of 16 numbers, found 31";
    assert_eq!(refused(&|g, _| g.posterior.projection.truncate(31)), text(projection));
    let offsets = "'posterior.offsets': expected 5 numbers, found 4";
    assert_eq!(
        refused(&|g, _| {
            g.posterior.offsets.pop();
            g.posterior.prototypes.truncate(8);
        }),
        text(offsets)
    );
    assert_eq!(refused(&|_, n| n.width = 0.0), text("'none.width': expected a number above 0, found 0"));
    assert_eq!(
        refused(&|_, n| n.threshold = 1e300),
        text(&format!("'none.threshold': expected a finite number, found {}", 1e300))
    );
}

#[test]
fn error_facts_of_another_kind_in_a_record() {
    let refused = |record: &str| {
        let mut proto = find("gated").fitted.proto.clone();
        let entry = proto.metadata_props.iter_mut().find(|p| p.key == "polyhead.rule").unwrap();
        entry.value = record.to_string();
        let error = read("both", &onnx::encode(&proto), None).map(|_| ()).unwrap_err();
        assert_eq!(error.code(), "metadata");
        error.to_string()
    };
    let figures = r#""measured":"by eye","images":1,"accuracy":1,"nll":0,"ece":0,"concat-accuracy":1,"concat-nll":0"#;
    let expected =
        "model 'both', metadata 'polyhead.rule': expected the JSON that polyhead writes, found unknown variant \
                    `by eye`, expected one of `held-out`, `seen`, `folds`, `estimate`, `weights` at line 1 column 46";
    let found = refused(&format!(r#"{{"name":"gated","figures":{{{figures}}}}}"#));
    assert!(found.starts_with(expected), "{found}");
    let found = refused(r#"{"name":"gated","cautions":["the figures are rough"]}"#);
    let expected = "model 'both', metadata 'polyhead.rule': expected the JSON that polyhead writes, found ";
    assert!(found.starts_with(expected), "{found}");
    let found = refused(r#"{"name":"gated","cautions":[{"kind":"rough"}]}"#);
    assert!(found.contains("found unknown variant `rough`, expected one of `labels-not-held-out`, "), "{found}");
}

#[test]
fn error_sigmoid_heads() {
    let models = [a().ending(Ending::Sigmoid), Tiny::new("b", &["hat", "shoe", "tie"]).ending(Ending::Sigmoid)];
    let rule = Rule::Scaled(Scaled::identity(2, 6));
    let options = MergeOptions { rule: Some(FittedRule { rule, ..FittedRule::default() }), ..MergeOptions::default() };
    let error = merged(&[&models[0], &models[1]], &options).map(|_| ()).unwrap_err();
    let expected =
        "rule 'scaled': expected softmax heads, found the sigmoid head 'a'; combine sigmoid heads by the rule \
                    concat, without a score for none of these";
    assert_eq!((error.code(), error.to_string().as_str()), ("sigmoid-rule", expected));
    assert!(error.is_refusal());
}

#[test]
fn error_features_of_another_model() {
    let case = find("scaled");
    let source = again("both", &case.fitted);
    let evaluator = RuleEvaluator::new(source.combination().unwrap(), &source.feature_extractor().unwrap()).unwrap();
    let error = evaluator.run(&ExtractedFeatures { features: vec![0.0; 40], logits: vec![0.0; 4] }).unwrap_err();
    assert_eq!(error.code(), "output");
}

#[test]
fn half_floats_leave_the_rule_as_it_is() {
    let (half, full) = (find("gated-f16"), find("gated"));
    assert!(half.fitted.rounding.unwrap() < 1e-2);
    let stored = |m: &Merged| again("m", m).parameters;
    assert_eq!(stored(&half.fitted), stored(&full.fitted));
    for (narrow, wide) in classified(&half.fitted).iter().zip(classified(&full.fitted)) {
        assert_close(&narrow.probabilities, &wide.probabilities, 1e-2);
    }
}

#[test]
fn error_missing_or_truncated_parameters() {
    for Case { name, fitted, .. } in cases() {
        let whole = again(name, fitted);
        for parameter in whole.parameters.keys() {
            for cut in [
                None,
                Some(Tensor::from_f32(&[0], &[])),
                Some(Tensor::from_f32(&[7], &[1.0; 7])),
                Some(Tensor::from_i64(&[1])),
            ] {
                let mut broken = whole.clone();
                let missing = cut.is_none();
                match cut {
                    None => broken.parameters.remove(parameter),
                    Some(tensor) => broken.parameters.insert(parameter.clone(), tensor.into()),
                };
                let code = broken.combination().map_err(|e| e.code());
                // The rejection as a whole is optional, so its parameters may be missing together.
                let optional = missing && ["rule.none.threshold", "rule.none.prototypes"].contains(&parameter.as_str());
                assert!(
                    optional || matches!(code, Err("metadata" | "rule-parameters")),
                    "{name} {parameter}: {code:?}"
                );
            }
        }
        let mut broken = whole.clone();
        broken.rule.as_mut().unwrap().parameters.clear();
        let reads = !whole.combination().unwrap().pools().is_empty();
        assert_eq!(broken.combination().map_err(|e| e.code()).err(), reads.then_some("metadata"), "{name}");
    }
}

/// A rule that reads every feature range of a real backbone, in a file of half floats.
#[test]
fn the_demo_pair_with_a_rule() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let sources = ["trash", "clothes"].map(|name| {
        let bytes = std::fs::read(folder.join(format!("{name}.onnx"))).unwrap();
        let labels = std::fs::read_to_string(folder.join(format!("{name}.labels.txt"))).unwrap();
        read(name, &bytes, Some(&labels.lines().collect::<Vec<_>>())).unwrap()
    });
    let unfitted =
        merge(sources.to_vec(), &MergeOptions { weight_format: Weights::F16, ..MergeOptions::default() }).unwrap();
    let source = again("demo", &unfitted);
    let extractor = source.feature_extractor().unwrap();
    let preprocessing = &unfitted.metadata.preprocessing;
    let size = 3 * preprocessing.width as usize * preprocessing.height as usize;
    let images = [1, 2].map(|seed| super::tiny::weights(seed, size, 1.0));
    let observations = [0, 1].map(|at| extractor.run_tensor(&images[at]).unwrap());
    let all = Posterior {
        mean: observations[0].features.clone(),
        ..posterior(&Pooling::ALL, extractor.layout().width(), 15)
    };
    assert!(all.mean.len() > 3000);
    let combination = {
        let logits = source.width();
        let mut all = Posterior { offsets: all.offsets[..logits].to_vec(), ..all.clone() };
        all.prototypes.truncate(2 * logits);
        all.projection.iter_mut().for_each(|v| *v *= 0.02);
        let none = Rejection { threshold: 4.0, ..evidence(all.clone()) };
        let rule = Rule::Gated(Gated {
            scaled: Scaled::identity(2, logits),
            posterior: all,
            gate: [0.2, 0.3],
            within: [0.5, 0.5],
        });
        FittedRule { rule, none: Some(none), record: RuleRecord::default() }
    };
    let fitted =
        merge(vec![source], &MergeOptions { rule: Some(combination.clone()), ..MergeOptions::default() }).unwrap();
    let again = again("demo", &fitted);
    assert_eq!(again.feature_extractor().unwrap().fingerprint(), extractor.fingerprint());
    let evaluator = RuleEvaluator::new(again.combination().unwrap(), &extractor).unwrap();
    let classifier = Classifier::from_proto("demo", &fitted.proto).unwrap();
    for (image, observation) in images.iter().zip(&observations) {
        let found = classifier.run_tensor(image).unwrap();
        assert_same("demo", &found, &evaluator.run(observation).unwrap(), 1e-5);
        assert_eq!(found.features.len(), extractor.layout().width());
    }
}

/// Value names of a model that equal those of a rule.
#[test]
fn names_of_a_model_are_not_taken_for_a_rule() {
    let mut graph = b().graph();
    for value in graph.values.iter_mut().filter(|v| v.name.starts_with("head")) {
        value.name = "rule.scale".into();
    }
    let bytes = polyhead::onnx::encode(&polyhead::onnx::to_proto(graph));
    let second = read("b", &bytes, Some(&["hat", "shoe"])).unwrap();
    let merged = merge(vec![a().source(), second], &MergeOptions::default()).unwrap();
    assert!(!again("both", &merged).is_fitted());
    let record = RuleRecord { fitted_on: Some(FittedOn::default()), ..RuleRecord::default() };
    let rule = Rule::Scaled(Scaled { scale: vec![0.5, 2.0], bias: vec![0.0; 5] });
    let options =
        MergeOptions { rule: Some(FittedRule { rule: rule.clone(), none: None, record }), ..MergeOptions::default() };
    let fitted = merge(vec![again("both", &merged)], &options).unwrap();
    assert_eq!(again("both", &fitted).combination().unwrap().rule, rule);
}

/// Writes the input of `tests/fixtures/rules/make.py`.
#[test]
#[ignore = "writes target/rules"]
fn write_cases() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("target/rules");
    std::fs::create_dir_all(&folder).unwrap();
    for Case { name, fitted, .. } in cases() {
        std::fs::write(folder.join(format!("{name}.onnx")), polyhead::onnx::encode(&fitted.proto)).unwrap();
    }
    let numbers: Vec<u8> = images().concat().iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(folder.join("images.bin"), numbers).unwrap();
}
