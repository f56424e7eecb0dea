//! Merges of tiny models: the results, and the texts of the refusals.

use super::tiny::{again, assert_close, change, labels, merged, read, run, softmax, texts, Ending, Tiny};
use polyhead::engine::Engine;
use polyhead::import::ImportedModel;
use polyhead::labels::DuplicateLabels;
use polyhead::merge::{merge, MergeOptions, Merged, Weights};
use polyhead::onnx::{self, encode, to_graph, ModelProto};

fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

fn b() -> Tiny {
    Tiny::new("b", &["hat", "shoe"])
}

fn c() -> Tiny {
    Tiny::new("c", &["car", "bus", "tram", "bike"])
}

/// The logits of a tiny model on its own.
fn own(model: &Tiny) -> Vec<f32> {
    let graph = Tiny { ending: Ending::Logits, ..model.clone() }.graph();
    let proto = onnx::to_proto(graph);
    let output = proto.graph.as_ref().unwrap().output[0].name.clone();
    run(&proto, model.size, &output)
}

fn error(models: &[&Tiny], options: &MergeOptions) -> (&'static str, String) {
    let error = merged(models, options).map(|_| ()).unwrap_err();
    (error.code(), error.to_string())
}

fn operators(merged: &Merged) -> Vec<&str> {
    merged.proto.graph.iter().flat_map(|g| &g.node).map(|n| n.op_type.as_str()).collect()
}

fn options(duplicates: DuplicateLabels) -> MergeOptions {
    MergeOptions { duplicate_labels: duplicates, ..MergeOptions::default() }
}

#[test]
fn three_models() {
    let merged = merged(&[&a(), &b(), &c()], &MergeOptions::default()).unwrap();
    assert_eq!(labels(&merged), ["cat", "dog", "shirt", "hat", "shoe", "car", "bus", "tram", "bike"]);
    let expected = [own(&a()), own(&b()), own(&c())].concat();
    assert_close(&run(&merged.proto, 16, "logits"), &expected, 1e-5);
    let probabilities = run(&merged.proto, 16, "probabilities");
    assert_close(&probabilities, &softmax(&expected), 1e-5);
    let heads = [&probabilities[..3], &probabilities[3..5], &probabilities[5..]].map(|p| p.iter().sum::<f32>());
    assert_close(&run(&merged.proto, 16, "head_probabilities"), &heads, 1e-5);
    assert_eq!(run(&merged.proto, 16, "features").len(), 16);
    let ops = operators(&merged);
    assert_eq!(ops.iter().filter(|op| **op == "Conv").count(), 2);
    assert_eq!(ops.iter().filter(|op| **op == "Gemm").count(), 1, "three linear heads are one layer: {ops:?}");
    assert!(merged.backbone.models.iter().all(|m| m.shared > 0.98));
    assert!(merged.proof.as_ref().unwrap().heads.iter().all(|h| h.logit <= h.bound));
}

#[test]
fn heads_of_different_depth_and_ending() {
    let b = || b().ending(Ending::Softmax);
    let models = [a().ending(Ending::Hidden), b(), c().ending(Ending::LogSoftmax)];
    let merged = merged(&[&models[0], &models[1], &models[2]], &MergeOptions::default()).unwrap();
    let logits = run(&merged.proto, 16, "logits");
    assert_close(&logits[3..], &[own(&b()), own(&c())].concat(), 1e-5);
    assert_close(&run(&merged.proto, 16, "probabilities"), &softmax(&logits), 1e-5);
    assert_eq!(merged.proof.as_ref().unwrap().heads.len(), 3);
}

#[test]
fn sigmoid_heads_stay_multi_label() {
    let models = [a().ending(Ending::Sigmoid), c().ending(Ending::Sigmoid)];
    let merged = merged(&[&models[0], &models[1]], &MergeOptions::default()).unwrap();
    let sigmoid: Vec<f32> = run(&merged.proto, 16, "logits").iter().map(|z| 1.0 / (1.0 + (-z).exp())).collect();
    assert_close(&run(&merged.proto, 16, "probabilities"), &sigmoid, 1e-5);
    let outputs = &merged.proto.graph.as_ref().unwrap().output;
    assert!(outputs.iter().all(|o| o.name != "head_probabilities"));
}

#[test]
fn one_output_sigmoid_head_has_two_labels() {
    let binary = Tiny::new("binary", &["bad", "good"]).ending(Ending::Sigmoid);
    let merged = merged(&[&binary, &c()], &MergeOptions::default()).unwrap();
    let logits = run(&merged.proto, 16, "logits");
    let z = run(&onnx::to_proto(binary.graph()), 16, "p")[0];
    assert_close(&softmax(&logits[..2]), &[1.0 - z, z], 1e-5);
    assert_eq!(logits.len(), 6);
}

#[test]
fn merged_label_adds_its_members() {
    let second = Tiny::new("b", &["shirt", "shoe"]);
    let joined = merged(&[&a(), &second], &options(DuplicateLabels::Merge)).unwrap();
    assert_eq!(labels(&joined), ["cat", "dog", "shirt", "shoe"]);
    assert_eq!(joined.metadata.labels[2].heads, ["a", "b"]);
    let apart = softmax(&run(&joined.proto, 16, "logits"));
    let expected = [apart[0], apart[1], apart[2] + apart[3], apart[4]];
    assert_close(&run(&joined.proto, 16, "probabilities"), &expected, 1e-6);
    let kept = merged(&[&a(), &second], &options(DuplicateLabels::Keep)).unwrap();
    assert_eq!(labels(&kept), ["cat", "dog", "shirt (a)", "shirt (b)", "shoe"]);
}

#[test]
fn error_duplicate_label() {
    let expected = "label 'shirt': expected it in one model, found it in 'a' and 'b'; keep both, or make them one \
                    label";
    let found = error(&[&a(), &Tiny::new("b", &["shirt", "shoe"])], &MergeOptions::default());
    assert_eq!(found, ("duplicate-label", expected.to_string()));
}

#[test]
fn error_mixed_and_merged_sigmoid_heads() {
    let sigmoid = |labels| Tiny::new("b", labels).ending(Ending::Sigmoid);
    let expected = "model 'b': expected a softmax head as in 'a', found a sigmoid head; merge heads of one kind";
    assert_eq!(
        error(&[&a(), &sigmoid(&["hat", "shoe", "tie"])], &MergeOptions::default()),
        ("mixed-heads", expected.to_string())
    );
    let expected = "label 'shirt': expected softmax heads to join it, found sigmoid heads; keep both";
    let models = [&a().ending(Ending::Sigmoid), &sigmoid(&["shirt", "shoe", "tie"])];
    assert_eq!(error(&models, &options(DuplicateLabels::Merge)), ("joined-sigmoid", expected.to_string()));
}

#[test]
fn error_same_model_and_head_names() {
    let twin = Tiny { name: "b", labels: vec!["x", "y", "z"], ..a() };
    let expected = "head 'b': expected another model than 'a', found the same weights down to the logits; merge two \
                    different models";
    assert_eq!(error(&[&a(), &twin], &MergeOptions::default()), ("same-model", expected.to_string()));
    let expected = "head 'a': expected a name of its own, found it twice; give each model a name of its own";
    assert_eq!(error(&[&a(), &a()], &MergeOptions::default()).1, expected);
}

#[test]
fn error_another_base() {
    let other = Tiny { first: 8, second: 9, ..b() };
    let (code, text) = error(&[&a(), &other], &MergeOptions::default());
    assert_eq!(code, "too-little-shared");
    let start =
        "model 'b': expected at least 10 % of its multiply-adds shared with 'a', found 0.0 %: the same structure \
                 with the weights of another base; it first differs at node 'one' (Conv), tensor 'one.weight': other weights, largest relative difference ";
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with("; merge models retrained from one base, or lower the least share"), "{text}");
}

#[test]
fn error_no_common_prefix() {
    let graph = polyhead::onnx::to_graph("b", flipped()).unwrap();
    let bytes = onnx::encode(&onnx::to_proto(graph));
    let second = read("b", &bytes, Some(&["hat", "shoe"])).unwrap();
    let error = merge(vec![a().source(), second], &MergeOptions::default()).unwrap_err();
    let expected = "model 'b': expected at least 10 % of its multiply-adds shared with 'a', found 0.0 %: another \
                    network; it first differs at node 'sign' (Neg): the first model has 'one' (Conv) there; merge models retrained from \
                    one base, or lower the least share";
    assert_eq!(error.to_string(), expected);
}

/// Model b with a negation in front of everything.
fn flipped() -> ModelProto {
    let mut graph = b().graph();
    let input = graph.inputs[0];
    let fact = graph.values[input].fact.clone();
    let negative = graph.add_node("sign", "Neg", Default::default(), &[input], fact);
    let last = graph.nodes.len() - 1;
    graph.replace_uses(input, negative);
    graph.nodes[last].inputs = vec![Some(input)];
    graph.prune_and_sort();
    onnx::to_proto(graph)
}

#[test]
fn error_another_size() {
    let (code, text) = error(&[&a(), &Tiny { size: 24, ..b() }], &MergeOptions::default());
    assert_eq!(code, "different-inputs");
    let expected =
        "model 'b': expected an input of 3 × 16 × 16 as in 'a', found 3 × 24 × 24; apart from that it shares 99.9 % \
                    of its multiply-adds; export both for one size and layout";
    assert_eq!(text, expected);
}

#[test]
fn error_no_classifier() {
    let refused = |ending| {
        let error = c().ending(ending).read().unwrap_err();
        (error.code(), error.to_string())
    };
    let unsupported = |text: &str| ("unsupported-model", format!("model 'c', output {text}"));
    let expected = "'dictionary': expected a table of scores, found a dictionary (ZipMap); convert it with the option zipmap=False";
    assert_eq!(refused(Ending::ZipMap), unsupported(expected));
    let expected = "'best': expected a score for every label, found only the best label (ArgMax); export the model \
                    without its last ArgMax";
    assert_eq!(refused(Ending::ArgMax), unsupported(expected));
    let expected = "'table': expected scores of the shape [images, classes], found [?, 10, 6], which is no image \
                    classifier (a detector or segmenter?); give a classifier";
    assert_eq!(refused(Ending::Boxes), unsupported(expected));
    let expected =
        "'mask.relu': expected scores of the shape [images, classes], found [?, 4, 2, 2], which is no image \
                    classifier (a detector or segmenter?); give a classifier";
    assert_eq!(refused(Ending::Mask), unsupported(expected));
}

#[test]
fn partly_shared_models_merge_with_a_warning() {
    // Only the first convolution is common: 43 % of the multiply-adds.
    let second = Tiny { second: 9, ..b() };
    let merged = merged(&[&a(), &second], &MergeOptions::default()).unwrap();
    assert_close(&run(&merged.proto, 16, "logits"), &[own(&a()), own(&second)].concat(), 1e-5);
    let expected = "'b' shares only 42.8 % of its multiply-adds with 'a': the merged model does most of its work twice";
    assert_eq!(texts(&merged), [expected]);
    let outputs: Vec<_> = merged.proto.graph.as_ref().unwrap().output.iter().map(|o| o.name.as_str()).collect();
    assert_eq!(outputs, ["probabilities", "logits", "features.a", "features.b", "head_probabilities"]);
    let strict = MergeOptions { min_shared: 0.5, ..MergeOptions::default() };
    assert_eq!(error(&[&a(), &second], &strict).0, "too-little-shared");
}

#[test]
fn models_with_nothing_in_common_merge_on_request() {
    let other = Tiny { first: 8, second: 9, ..b() };
    let all = MergeOptions { min_shared: 0.0, ..MergeOptions::default() };
    let merged = merged(&[&a(), &other], &all).unwrap();
    assert_close(&run(&merged.proto, 16, "logits"), &[own(&a()), own(&other)].concat(), 1e-5);
}

#[test]
fn names_of_values_do_not_matter() {
    let plain = merged(&[&a(), &b()], &MergeOptions::default()).unwrap();
    let mut proto = onnx::to_proto(b().graph());
    let graph = proto.graph.as_mut().unwrap();
    // The other model's value names in reverse, so that every name refers to another value.
    let mut names: Vec<String> = graph.node.iter().flat_map(|n| n.output.clone()).collect();
    names.extend(graph.initializer.iter().map(|t| t.name.clone()));
    let new: std::collections::HashMap<String, String> =
        names.iter().cloned().zip(names.iter().rev().cloned()).collect();
    let rename = |name: &mut String| *name = new.get(name).unwrap_or(name).clone();
    for (number, node) in graph.node.iter_mut().enumerate() {
        node.name = format!("n{}", number * 7919 % 13);
        node.input.iter_mut().chain(&mut node.output).for_each(rename);
    }
    graph.initializer.iter_mut().for_each(|t| rename(&mut t.name));
    graph.output.iter_mut().for_each(|o| rename(&mut o.name));
    graph.initializer.reverse();
    let second = read("b", &onnx::encode(&proto), Some(&["hat", "shoe"])).unwrap();
    let renamed = merge(vec![a().source(), second], &MergeOptions::default()).unwrap();
    assert_eq!(run(&renamed.proto, 16, "logits"), run(&plain.proto, 16, "logits"));
    assert_eq!(renamed.backbone.multiply_adds, plain.backbone.multiply_adds);
    assert_eq!(renamed.backbone.nodes, plain.backbone.nodes);
}

#[test]
fn noise_within_the_tolerance_keeps_the_first_weights() {
    let near = Tiny { noise: 4e-6, ..b() };
    let both = merged(&[&a(), &near], &MergeOptions::default()).unwrap();
    assert_close(&run(&both.proto, 16, "logits")[..3], &own(&a()), 1e-6);
    let largest = both.backbone.models[1].largest_difference.as_ref().unwrap();
    assert!(largest.relative > 1e-6 && largest.relative < 1e-5, "{largest:?}");
    let exact = MergeOptions { tolerance: 0.0, ..MergeOptions::default() };
    assert_eq!(error(&[&a(), &near], &exact).0, "too-little-shared");
}

#[test]
fn merged_again_with_one_more() {
    let second = Tiny::new("b", &["shirt", "shoe"]);
    let first = merged(&[&a(), &second], &options(DuplicateLabels::Keep)).unwrap();
    let third = merge(vec![again("both", &first), c().source()], &MergeOptions::default()).unwrap();
    let expected = ["cat", "dog", "shirt (a)", "shirt (b)", "shoe", "car", "bus", "tram", "bike"];
    assert_eq!(labels(&third), expected);
    let at_once = merged(&[&a(), &second, &c()], &options(DuplicateLabels::Keep)).unwrap();
    assert_eq!(third.metadata, at_once.metadata);
    assert_eq!(run(&third.proto, 16, "logits"), run(&at_once.proto, 16, "logits"));
    assert_eq!(third.metadata.sources.len(), 3);
    assert!(third.metadata.sources.iter().all(|s| s.sha256.len() == 64));
    assert_eq!(operators(&third), operators(&at_once));
}

#[test]
fn half_floats_print_their_change_and_merge_again() {
    let f16 = MergeOptions { weight_format: Weights::F16, ..MergeOptions::default() };
    let small = merged(&[&a(), &b()], &f16).unwrap();
    let change = small.rounding.unwrap();
    assert!(change > 0.0 && change < 5e-3, "{change}");
    let halves = again("small", &small);
    let alone = merge(vec![halves.clone()], &MergeOptions::default()).unwrap();
    assert!(alone.rounding.is_some(), "half floats stay half floats");
    let wide =
        merge(vec![halves.clone()], &MergeOptions { weight_format: Weights::F32, ..MergeOptions::default() }).unwrap();
    assert_eq!(wide.rounding, None);
    let strict = MergeOptions { min_shared: 0.5, ..MergeOptions::default() };
    let error = merge(vec![halves.clone(), c().source()], &strict).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "too-little-shared");
    let end = "; weights this close were stored in 16 bits: set the tolerance to 0.001";
    assert!(error.to_string().ends_with(end), "{error}");
    // The first convolution is too small to be stored in 16 bits, and large enough to be merged.
    let partly = merge(vec![halves.clone(), c().source()], &MergeOptions::default()).unwrap();
    assert!(texts(&partly)[1].ends_with(end), "{:?}", partly.warnings);
    let near = MergeOptions { tolerance: 1e-3, ..MergeOptions::default() };
    let merged = merge(vec![halves, c().source()], &near).unwrap();
    assert_eq!(labels(&merged).len(), 9);
    assert!(merged.backbone.models[1].shared > 0.98);
}

/// The demo pair.
fn demo() -> Vec<ImportedModel> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("models");
    let read = |name: &str| {
        let bytes = std::fs::read(folder.join(format!("{name}.onnx"))).unwrap();
        let labels = std::fs::read_to_string(folder.join(format!("{name}.labels.txt"))).unwrap();
        read(name, &bytes, Some(&labels.lines().collect::<Vec<_>>())).unwrap()
    };
    ["trash", "clothes"].map(read).to_vec()
}

#[test]
fn int8_weights_have_a_quarter_of_the_size_and_merge_again() {
    let stored = |weights| merge(demo(), &MergeOptions { weight_format: weights, ..MergeOptions::default() }).unwrap();
    let (full, small) = (stored(Weights::F32), stored(Weights::Int8));
    let bytes = encode(&small.proto);
    assert!(bytes.len() * 7 < encode(&full.proto).len() * 2, "{} bytes", bytes.len());
    let change = small.rounding.unwrap();
    assert!(change > 0.0 && change < 0.1, "{change}");
    let shape = small.metadata.preprocessing.shape();
    let numbers: Vec<f32> = (0..shape.iter().product()).map(|i| (i * 7919 % 2003) as f32 / 1001.5 - 1.0).collect();
    let run = |engine: Engine| engine.run(&numbers).unwrap().into_iter().flat_map(|o| o.values).collect::<Vec<_>>();
    let own = Engine::new("small", &small.proto, &shape).unwrap();
    assert!(own.is_lowered());
    let plain = Engine::plain("small", to_graph("small", small.proto.clone()).unwrap(), &shape).unwrap();
    for (own, plain) in run(own).into_iter().zip(run(plain)) {
        assert!((own - plain).abs() < 1e-4, "{own} for {plain}");
    }
    let kept = merge(vec![again("small", &small)], &MergeOptions::default()).unwrap();
    assert!(kept.rounding.unwrap() < 1e-5, "integers stay the same integers");
    assert!(encode(&kept.proto).len().abs_diff(bytes.len()) < 1000);
}

#[test]
fn demo_pair_is_no_larger_than_backbone_and_heads() {
    let sources = demo();
    let merged = merge(sources.to_vec(), &MergeOptions::default()).unwrap();
    let heads: u64 = merged.backbone.models.iter().map(|m| 4 * m.head.parameters).sum();
    let most = (merged.backbone.bytes + heads) as f64 * 1.01;
    let found = onnx::encode(&merged.proto).len();
    assert!((found as f64) < most, "{found} bytes, {most} allowed");
    assert!(merged.proof.as_ref().unwrap().heads.iter().all(|h| h.logit <= 1e-4));
}

#[test]
fn nothing_to_merge() {
    let error = merge(Vec::new(), &MergeOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "merge: expected at least one model, found none; give the models to merge");
}

#[test]
fn error_other_labels_for_a_merged_file() {
    let bytes = onnx::encode(&merged(&[&a(), &b()], &MergeOptions::default()).unwrap().proto);
    let error = read("both", &bytes, Some(&["one", "two"])).map(|_| ()).unwrap_err();
    assert_eq!(error.code(), "settled");
    let own = ["cat", "dog", "shirt", "hat", "shoe"];
    assert_eq!(read("both", &bytes, Some(&own)).unwrap().width(), 5);
}

#[test]
fn error_weights_that_are_no_numbers() {
    let mut broken = b().source();
    let value = broken.graph.values.iter_mut().find_map(|v| match &mut v.source {
        onnx::ValueKind::Initializer(tensor) if tensor.is_float() && tensor.len() > 1 => Some(tensor),
        _ => None,
    });
    let tensor = std::sync::Arc::make_mut(value.unwrap());
    change(&mut tensor.bytes, |bytes| bytes[..4].copy_from_slice(&f32::NAN.to_le_bytes()));
    let error =
        merge(vec![a().source(), broken], &MergeOptions { min_shared: 0.0, ..MergeOptions::default() }).map(|_| ());
    assert_eq!(error.unwrap_err().code(), "not-finite");
}
