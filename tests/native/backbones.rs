//! Merges of models whose backbones are nearly the same: separate backbones, and a shared one.

use crate::backbone_relation::{a, b, drifted, model, normalised};
use crate::command::{run, succeeds};
use crate::tiny::{read, Tiny};
use polyhead::canonical::canonical;
use polyhead::engine::Engine;
use polyhead::import::{ImportedModel, Nothing, Overrides};
use polyhead::merge::{merge, split, Backbones, Edits, MergeOptions, MergeWarning, Merged, Weights};
use polyhead::onnx::{self, Graph};
use polyhead::shared_backbone::SharedWeights;
use polyhead::Classifier;

fn drifted_b() -> ImportedModel {
    model(&drifted(&b()), &["hat", "shoe"])
}

fn options(backbones: Backbones) -> MergeOptions {
    MergeOptions { backbones, ..MergeOptions::default() }
}

fn again(merged: &Merged) -> ImportedModel {
    let bytes = onnx::encode(&merged.proto);
    ImportedModel::read("merged.onnx", &bytes, &Overrides::default(), &Nothing).unwrap()
}

/// Inputs of numbers from 0 to 1.
fn input(seed: usize) -> Vec<f32> {
    (0..3 * 16 * 16).map(|at| (((at + 1) * (seed + 3) * 7919) % 1000) as f32 / 1000.0).collect()
}

/// The logits of a model's original graph, by tract's own layers.
fn logits(model: &ImportedModel, input: &[f32]) -> Vec<f32> {
    let engine = Engine::plain(&model.name, model.reference.graph.clone(), &[1, 3, 16, 16]).unwrap();
    engine.run(input).unwrap().remove(0).values
}

fn close(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-5, "{found} instead of {expected}");
    }
}

/// The weights of the convolutions of a merged file, stored or computed.
fn convolutions(graph: &Graph) -> (usize, usize) {
    let weights = graph.nodes.iter().filter(|n| n.op == "Conv").filter_map(|n| n.input(1));
    let (stored, computed): (Vec<_>, Vec<_>) = weights.partition(|&value| graph.tensor(value).is_some());
    (stored.len(), computed.len())
}

fn graph(merged: &Merged) -> Graph {
    onnx::to_graph("merged", merged.proto.clone()).unwrap()
}

#[test]
fn separate_backbones_are_exact_and_stored_once() {
    let merged = merge(vec![a().source(), drifted_b()], &options(Backbones::Separate)).unwrap();
    let proof = merged.proof.as_ref().unwrap();
    assert!(proof.exact && proof.heads.iter().all(|head| head.logit < 1e-6), "{proof:?}");
    assert_eq!(merged.metadata.shared_backbone, None);
    let [MergeWarning::SeparateBackbone { model, first, .. }] = merged.warnings.as_slice() else {
        panic!("{:?}", merged.warnings)
    };
    assert_eq!((model.as_str(), first.as_str()), ("b", "a"));
    // The second convolution's weights are those of the first model times a factor; the first one's are too few to matter.
    assert_eq!(convolutions(&graph(&merged)), (3, 1));
    let engine = Engine::new("merged", &merged.proto, &[1, 3, 16, 16]).unwrap();
    assert!(engine.is_lowered());
    for seed in 0..3 {
        let input = input(seed);
        let found = engine.run(&input).unwrap();
        let expected = [logits(&a().source(), &input), logits(&drifted_b(), &input)].concat();
        close(&found.iter().find(|output| output.name == "logits").unwrap().values, &expected);
    }
}

#[test]
fn a_file_of_separate_backbones_stays_small_and_takes_more_models() {
    let merged = merge(vec![a().source(), drifted_b()], &options(Backbones::Separate)).unwrap();
    let edits = Edits { rename: vec![("cat".into(), "kitten".into())], ..Edits::default() };
    let edited = merge(vec![again(&merged)], &MergeOptions { edits, ..MergeOptions::default() }).unwrap();
    assert_eq!(convolutions(&graph(&edited)), (3, 1));
    for weight_format in [Weights::F16, Weights::Int8] {
        let small = merge(vec![again(&merged)], &MergeOptions { weight_format, ..MergeOptions::default() }).unwrap();
        assert!(small.rounding.unwrap() < 0.05, "{:?}", small.rounding);
        Classifier::from_bytes("merged", onnx::encode(&small.proto)).unwrap();
    }
    let alone = split(again(&merged), "b", Weights::Keep).unwrap();
    assert_eq!(convolutions(&graph(&alone)), (2, 0));
    // A third model with the second one's backbone shares it, and one with the first one's that.
    let third = Tiny::new("c", &["red", "blue"]);
    let third = read("c", &onnx::encode(&drifted(&third)), Some(&["red", "blue"])).unwrap();
    let fourth = Tiny::new("d", &["north"]).source();
    let all = merge(vec![again(&merged), third, fourth], &options(Backbones::Separate)).unwrap();
    assert_eq!(convolutions(&graph(&all)), (3, 1));
    assert_eq!(all.metadata.heads.len(), 4);
}

#[test]
fn a_shared_backbone_has_the_mean_of_the_weights() {
    let merged = merge(vec![a().source(), drifted_b()], &options(Backbones::Shared)).unwrap();
    assert!(merged.proof.is_none());
    assert!(merged.backbone.models.iter().all(|model| model.shared > 0.99));
    assert_eq!(convolutions(&graph(&merged)), (2, 0));
    let weights = |graph: &Graph| -> Vec<Vec<f32>> {
        let layers = graph.nodes.iter().filter(|n| n.op == "Conv");
        let values = layers.flat_map(|n| [n.input(1), n.input(2)]).flatten();
        values.map(|value| graph.tensor(value).unwrap().f32s().unwrap()).collect()
    };
    let [first, second] = [a().source(), drifted_b()].map(|model| weights(&canonical(model.graph).unwrap()));
    for ((found, a), b) in weights(&graph(&merged)).iter().zip(&first).zip(&second) {
        close(found, &a.iter().zip(b).map(|(a, b)| (a + b) / 2.0).collect::<Vec<_>>());
    }
    let record = merged.metadata.shared_backbone.clone().unwrap();
    assert_eq!(record.weights, SharedWeights::Mean);
    assert_eq!(record.heads.iter().map(|head| head.head.as_str()).collect::<Vec<_>>(), ["a", "b"]);
    for head in &record.heads {
        assert!(head.synthetic && head.images == 12 && head.largest > 0.0 && head.median <= head.largest, "{head:?}");
        assert!(head.correlation > 0.5 && head.correlation < 1.0, "{head:?}");
    }
    // The record stays in the file, and an edit of the file has a proof again.
    let source = again(&merged);
    assert_eq!(source.shared_backbone, Some(record.clone()));
    let edited = merge(vec![source], &MergeOptions::default()).unwrap();
    assert!(edited.proof.is_some());
    assert_eq!(edited.metadata.shared_backbone, Some(record.clone()));
    let alone = split(again(&merged), "b", Weights::Keep).unwrap();
    assert_eq!(alone.metadata.shared_backbone.unwrap().heads, record.heads[1..]);
    let card = Classifier::from_bytes("merged", onnx::encode(&merged.proto)).unwrap();
    assert_eq!(card.card().shared_backbone, Some(record));
}

#[test]
fn the_first_backbone_leaves_its_head_as_it_was() {
    let merged = merge(vec![a().source(), drifted_b()], &options(Backbones::SharedFirst)).unwrap();
    let record = merged.metadata.shared_backbone.unwrap();
    assert_eq!(record.weights, SharedWeights::First);
    assert!(record.heads[0].largest < 1e-6 && record.heads[0].top_label == 0.0, "{:?}", record.heads[0]);
    assert!(record.heads[1].largest > 1e-3, "{:?}", record.heads[1]);
}

#[test]
fn models_join_a_shared_backbone_by_their_number() {
    let first = merge(vec![a().source(), drifted_b()], &options(Backbones::Shared)).unwrap();
    let third = || Tiny::new("c", &["red", "blue"]).source();
    let all = merge(vec![again(&first), third()], &options(Backbones::Shared)).unwrap();
    let at_once = merge(vec![a().source(), drifted_b(), third()], &options(Backbones::Shared)).unwrap();
    let weights = |merged: &Merged| {
        let graph = graph(merged);
        let value = graph.nodes.iter().find(|n| n.op == "Conv").unwrap().input(1).unwrap();
        graph.tensor(value).unwrap().f32s().unwrap()
    };
    close(&weights(&all), &weights(&at_once));
    assert_eq!(all.metadata.shared_backbone.unwrap().heads.len(), 3);
    // Equal backbones have nothing to share that they did not share before.
    let equal = merge(vec![a().source(), third()], &options(Backbones::Shared)).unwrap();
    assert!(equal.proof.is_some_and(|proof| proof.exact) && equal.metadata.shared_backbone.is_none());
}

#[test]
fn normalisation_by_itself_is_shared_too() {
    let first = read("a", &onnx::encode(&normalised(&a(), 0.0)), Some(&a().labels)).unwrap();
    let second = model(&normalised(&b(), 0.1), &["hat", "shoe"]);
    let merged = merge(vec![first.clone(), second.clone()], &options(Backbones::Shared)).unwrap();
    assert!(merged.proof.is_none());
    assert_eq!(convolutions(&graph(&merged)), (2, 0));
    let separate = merge(vec![first, second], &options(Backbones::Separate)).unwrap();
    assert!(separate.proof.unwrap().exact);
}

#[test]
fn fine_tuned_models_share_and_other_bases_do_not() {
    let tuned = Tiny { noise: 0.02, ..b() };
    let merged = merge(vec![a().source(), tuned.source()], &options(Backbones::Shared)).unwrap();
    assert!(merged.proof.is_none() && merged.backbone.models[1].shared > 0.99);
    let separate = merge(vec![a().source(), tuned.source()], &options(Backbones::Separate)).unwrap();
    assert!(separate.proof.unwrap().exact);
    let other = Tiny { first: 8, second: 9, ..b() };
    for backbones in [Backbones::Separate, Backbones::Shared] {
        let error = merge(vec![a().source(), other.source()], &options(backbones)).unwrap_err();
        assert_eq!(error.code(), "too-little-shared");
        assert!(error.to_string().contains("the same structure with the weights of another base"), "{error}");
    }
}

#[test]
fn a_retrained_end_stays_each_models_own() {
    // The first convolution drifted, the second one was trained again.
    let mut proto = drifted(&b());
    let other = Tiny { second: 9, ..b() };
    let theirs = onnx::to_proto(other.graph()).graph.unwrap();
    let graph_of = proto.graph.as_mut().unwrap();
    for tensor in &mut graph_of.initializer {
        let twin = theirs.initializer.iter().find(|other| other.name == tensor.name).unwrap();
        if tensor.dims.len() == 4 && tensor.dims[0] == 16 {
            tensor.raw_data = twin.raw_data.clone();
        }
    }
    let merged = merge(vec![a().source(), model(&proto, &["hat", "shoe"])], &options(Backbones::Shared));
    // Less than half of the work is in the first convolution, and it alone is shared.
    let error = merged.unwrap_err();
    assert_eq!(error.code(), "too-little-shared", "{error}");
}

#[test]
fn the_command_line_names_both_ways_and_measures_on_images() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("a.onnx", &a().bytes());
    write("b.onnx", &onnx::encode(&drifted(&b())));
    write("a.labels.txt", b"cat\ndog\nshirt\n");
    write("b.labels.txt", b"hat\nshoe\n");
    std::fs::create_dir(folder.path().join("photos")).unwrap();
    for shade in [30u8, 90, 200] {
        let path = folder.path().join(format!("photos/{shade}.png"));
        image::RgbImage::from_fn(20, 20, |x, y| image::Rgb([shade, (x * 12) as u8, (y * 12) as u8]))
            .save(path)
            .unwrap();
    }
    let (code, _, errors) = run(&folder, "merge a.onnx b.onnx -o both.onnx");
    assert_eq!(code, 1);
    let ways = "merge with --backbones separate (exact, the work of each) or --backbones shared (the work of one, other answers, \
                which polyhead fit repairs)";
    assert!(errors.contains(ways), "{errors}");
    let output = succeeds(&folder, "merge a.onnx b.onnx --backbones separate -o separate.onnx");
    assert!(output.contains("\nproof    b: ") && output.contains("note     'b' keeps its own backbone"), "{output}");
    let output = succeeds(&folder, "merge a.onnx b.onnx --backbones shared --images photos -o shared.onnx");
    assert!(!output.contains("proof"), "{output}");
    assert!(output.contains("\nanswers  b: another top label on "), "{output}");
    assert!(output.contains(" of 3 images; a probability changes by "), "{output}");
    assert!(output.contains("\nnext     polyhead fit shared.onnx --images DIR"), "{output}");
    let output = succeeds(&folder, "inspect shared.onnx");
    assert!(
        output.contains("\n  backbone    the mean of all models, in place of the models' own\n  answers     a: "),
        "{output}"
    );
    let json = succeeds(&folder, "merge a.onnx b.onnx --backbones shared-first --dry-run --json");
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["proof"], serde_json::Value::Null);
    assert_eq!(json["shared_backbone"]["weights"], "first");
    assert_eq!(json["shared_backbone"]["heads"][1]["head"], "b");
    let (code, _, errors) = run(&folder, "merge a.onnx b.onnx --backbones shared --images nothing.png --dry-run");
    assert_eq!(code, 2, "{errors}");
}

#[test]
fn a_rule_that_is_written_keeps_the_record_of_the_shared_backbone() {
    let merged = merge(vec![a().source(), drifted_b()], &options(Backbones::Shared)).unwrap();
    let source = again(&merged);
    let record = source.shared_backbone.clone();
    let rule = source.combination().unwrap();
    let fitted = merge(vec![source], &MergeOptions { rule: Some(rule), ..MergeOptions::default() }).unwrap();
    assert_eq!(fitted.metadata.shared_backbone, record);
}
