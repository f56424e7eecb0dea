//! The pipeline of a model: read, converted to canonical form, merged, run.

use crate::held::{must, probabilities, told, whole};
use crate::ready::note;
use crate::tiny::{change, Tiny};
use polyhead::canonical::canonical;
use polyhead::classifier::RuleEvaluator;
use polyhead::classifier::{rank, RankOptions};
use polyhead::classifier::{Classifier, Scores};
use polyhead::image::RgbImage;
use polyhead::import::{ImportedModel, Nothing, Overrides};
use polyhead::labels::{Activation, DuplicateLabels};
use polyhead::merge::{merge, Backbones, MergeOptions, Merged};
use polyhead::onnx::{self, Graph, ModelProto};
use std::sync::OnceLock;

/// Models with more pixels are not run: they take longer and cover nothing else.
const PIXELS: u64 = 128 * 128;
/// Models with more multiply-adds are not run.
const WORK: u64 = 50_000_000;

/// Overrides with placeholder labels and small open sizes.
pub fn stated(name: &str) -> Overrides {
    Overrides { name: Some(name.into()), placeholders: true, size: Some(16), ..Overrides::default() }
}

/// Reads an ONNX or TensorFlow Lite file, converts it to canonical form, merges it with another one and with itself.
pub fn whole_way(bytes: &[u8]) {
    // TensorFlow Lite files have this at their start; Keras files are archives.
    let lite = bytes.get(4..8) == Some(b"TFL3");
    if !lite {
        let Some(proto) = told(onnx::decode("model", bytes.to_vec())) else { return };
        let Some(graph) = told(onnx::to_graph("model", proto)) else { return };
        written(&graph);
        form(graph);
    }
    let name = if lite { "model.tflite" } else { "model.onnx" };
    let Some(source) = told(ImportedModel::read(name, bytes, &stated("model"), &Nothing)) else { return };
    if lite {
        form(source.graph.clone());
    }
    read(&source);
    if !cheap(&source) {
        return;
    }
    let ways = [Backbones::Equal, Backbones::Separate, Backbones::Shared, Backbones::SharedFirst];
    let keep = MergeOptions {
        duplicate_labels: DuplicateLabels::Keep,
        min_shared: 0.0,
        backbones: ways[bytes.len() / 3 % ways.len()],
        ..MergeOptions::default()
    };
    let partner = match bytes.len() % 3 {
        0 => None,
        1 => twin(bytes),
        _ => Some(partner()),
    };
    let sources = [Some(source), partner].into_iter().flatten().collect();
    if let Some(merged) = told(merge(sources, &keep)) {
        proved(&merged);
    }
}

fn partner() -> ImportedModel {
    static PARTNER: OnceLock<ImportedModel> = OnceLock::new();
    PARTNER.get_or_init(|| Tiny::new("partner", &["cat", "dog", "shirt"]).source()).clone()
}

/// The same model with one number of its last weights changed.
fn twin(bytes: &[u8]) -> Option<ImportedModel> {
    let mut proto = onnx::decode("twin", bytes.to_vec()).ok()?;
    let tensor = proto.graph.as_mut()?.initializer.iter_mut().rev().find(|t| t.raw_data.len() >= 4)?;
    change(&mut tensor.raw_data, |bytes| bytes[2] ^= 0x10);
    told(ImportedModel::read("twin.onnx", &onnx::encode(&proto), &stated("twin"), &Nothing))
}

/// Asserts that a graph is the same after writing and reading: its nodes the first time, every byte once its values
/// have the order and names of a file.
fn written(graph: &Graph) {
    let read = |bytes: &[u8]| {
        let proto = must("what was written", onnx::decode("model", bytes.to_vec()));
        must("what was written", onnx::to_graph("model", proto))
    };
    let write = |graph: &Graph| onnx::encode(&onnx::to_proto(graph.clone()));
    if graph.nodes.is_empty() {
        return; // An output that is the input itself: our own reader refuses such a file.
    }
    let again = read(&write(graph));
    assert_eq!(nodes(&again), nodes(graph));
    let bytes = write(&again);
    assert!(write(&read(&bytes)) == bytes, "another graph when read again");
}

/// The nodes of a graph, independent of their order.
fn nodes(graph: &Graph) -> Vec<String> {
    let mut nodes: Vec<_> = graph.nodes.iter().map(|n| format!("{} {} {:?}", n.domain, n.op, n.attributes)).collect();
    nodes.sort_unstable();
    nodes
}

/// Asserts that the canonical form is a fixed point.
fn form(graph: Graph) {
    let Some(form) = told(canonical(graph)) else { return };
    written(&form);
    let Some(again) = told(canonical(form.clone())) else { return };
    if nodes(&again) != nodes(&form) {
        note("form", "canonical", &format!("{:?}\nbecomes\n{:?}", nodes(&form), nodes(&again)));
    }
}

/// Asserts that an imported model is complete.
fn read(source: &ImportedModel) {
    assert_eq!(source.graph.outputs.len(), source.heads.len());
    assert!(source.heads.iter().all(|h| !h.labels.is_empty()), "a head without labels");
    assert_eq!(source.labels.label_of_logit.len(), source.width());
    assert!(source.labels.label_of_logit.iter().all(|&m| m < source.labels.labels.len()));
    must("its preprocessing", source.preprocessing.value.validate());
    told(source.clone().describe());
}

/// Whether a model is small enough to be run many times per second.
fn cheap(source: &ImportedModel) -> bool {
    let value = &source.preprocessing.value;
    let pixels = u64::from(value.width) * u64::from(value.height);
    let work = source.graph.nodes.iter().map(|n| onnx::multiply_adds(&source.graph, n));
    pixels <= PIXELS && work.fold(0u64, u64::saturating_add) <= WORK
}

/// Asserts that a merged model agrees with its verification and can be read again and run.
fn proved(merged: &Merged) {
    if let Some(proof) = &merged.proof {
        for row in &proof.heads {
            assert!(row.logit.is_finite() && row.probability.is_finite(), "{row:?}");
            assert!(!proof.exact || row.logit <= row.bound, "{row:?}");
        }
    }
    let bytes = onnx::encode(&merged.proto);
    let source = must("the merged file", ImportedModel::read("merged.onnx", &bytes, &Overrides::default(), &Nothing));
    assert_eq!(source.heads, merged.metadata.heads);
    assert_eq!(source.labels.labels, merged.metadata.labels);
    let classifier = must("the merged file", Classifier::from_bytes("merged", bytes.clone()));
    let Some(scores) = told(classifier.run(&images()[0])) else { return };
    if scores.logits.iter().all(|z| z.is_finite()) {
        match merged.metadata.heads.iter().all(|h| h.activation == Activation::Softmax) {
            true => whole(&scores.probabilities),
            false => probabilities(&scores.probabilities),
        }
    }
}

/// Reads a merged file, classifies with it, and splits it.
pub fn classify(bytes: &[u8]) {
    let Some(proto) = told(onnx::decode("model", bytes.to_vec())) else { return };
    if !small(&proto) {
        return;
    }
    if let Some(classifier) = told(Classifier::from_proto("model", &proto)) {
        for image in images() {
            scored(&classifier, image);
        }
    }
    let Some(source) = told(ImportedModel::read("model.onnx", bytes, &stated("model"), &Nothing)) else { return };
    read(&source);
    if !cheap(&source) {
        return;
    }
    let combination = told(source.combination());
    let Some(extractor) = told(source.feature_extractor()) else { return };
    let observation = told(extractor.run(&images()[0]));
    if let Some(evaluator) = combination.and_then(|c| told(RuleEvaluator::new(c, &extractor))) {
        if let Some(scores) = observation.and_then(|o| told(evaluator.run(&o))) {
            told(rank(extractor.labels(), &[], &scores, &RankOptions::default()));
        }
    }
    if let Some(merged) = told(merge(vec![source], &MergeOptions::default())) {
        proved(&merged);
    }
}

/// Whether the input size in the metadata is small enough.
fn small(proto: &ModelProto) -> bool {
    let Some(metadata) = told(polyhead::metadata::Metadata::read("model", proto)).flatten() else { return true };
    u64::from(metadata.preprocessing.width) * u64::from(metadata.preprocessing.height) <= PIXELS
}

/// Asserts that a classifier returns the same finite numbers twice, or an error.
fn scored(classifier: &Classifier, image: &RgbImage) {
    let Some(scores) = told(classifier.run(image)) else { return };
    assert_eq!(scores.probabilities.len(), classifier.labels().len());
    assert_eq!(scores.logits.len(), classifier.logit_labels().count());
    let options = RankOptions::default();
    let Some(ranking) = told(rank(classifier.labels(), classifier.heads(), &scores, &options)) else { return };
    let found: Vec<f32> = ranking.labels.iter().map(|l| l.probability).collect();
    assert!(found.iter().all(|p| p.is_finite()), "{found:?}");
    assert!(ranking.heads.iter().all(|h| h.probability.is_finite()), "{:?}", ranking.heads);
    assert!(ranking.none.is_none_or(f32::is_finite), "{:?}", ranking.none);
    assert!(found.is_sorted_by(|a, b| a >= b), "{found:?}");
    let again = must("the second run", classifier.run(image));
    assert_eq!(bits(&again), bits(&scores), "another answer to the same image");
    if let Some(explanation) = told(classifier.explain(image)) {
        for map in explanation.maps {
            assert_eq!(map.values.len(), map.width * map.height);
            assert_eq!(map.heatmap().len(), map.values.len());
        }
    }
}

fn bits(scores: &Scores) -> Vec<u32> {
    let heads = scores.head_probabilities.iter().flatten().chain(&scores.none_probability);
    let all = scores.probabilities.iter().chain(&scores.logits).chain(&scores.features).chain(heads);
    all.map(|v| v.to_bits()).collect()
}

/// A gradient, and noise.
pub fn images() -> &'static [RgbImage] {
    static IMAGES: OnceLock<Vec<RgbImage>> = OnceLock::new();
    IMAGES.get_or_init(|| {
        let gradient = (0..20 * 12 * 3).map(|i| (i % 251) as u8).collect();
        let noise = crate::tiny::weights(3, 16 * 16 * 3, 1.0).iter().map(|v| (v * 127.0 + 128.0) as u8).collect();
        [(20, 12, gradient), (16, 16, noise)].map(|(w, h, rgb)| RgbImage::new(w, h, rgb).expect("an image")).to_vec()
    })
}
