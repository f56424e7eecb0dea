//! Evidence: the sums compared with numpy's, in any order and grouping.

mod command;
mod hostile;

use super::tiny::{again, merged, Tiny};
use polyhead::evidence::{bytes, fold, Evidence, Storage};
use polyhead::features::Pooling;
use polyhead::features::{ExtractedFeatures, FeatureExtractor};
use polyhead::labels::DuplicateLabels;
use polyhead::merge::MergeOptions;
use serde::Deserialize;

/// The synthetic observations of `tests/fixtures/evidence/make.py`, and numpy's results.
#[derive(Deserialize)]
struct Answers {
    features: Vec<Vec<f32>>,
    logits: Vec<Vec<f32>>,
    columns: Vec<usize>,
    counts: Vec<u64>,
    sums: Vec<Vec<f64>>,
    scatter: Vec<f64>,
}

impl Answers {
    fn examples(&self) -> Vec<(usize, ExtractedFeatures)> {
        let observations = self.features.iter().zip(&self.logits);
        let observations = observations.map(|(f, z)| ExtractedFeatures { features: f.clone(), logits: z.clone() });
        self.columns.iter().copied().zip(observations).collect()
    }
}

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/evidence/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn answers() -> Answers {
    serde_json::from_slice(&file("expected.json")).unwrap()
}

fn extractor(models: &[&Tiny], duplicates: DuplicateLabels) -> FeatureExtractor {
    let options = MergeOptions { duplicate_labels: duplicates, ..MergeOptions::default() };
    again("both", &merged(models, &options).unwrap()).feature_extractor().unwrap()
}

fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

fn b() -> Tiny {
    Tiny::new("b", &["shirt", "shoe"])
}

fn both() -> FeatureExtractor {
    extractor(&[&a(), &b()], DuplicateLabels::Keep)
}

const POOLS: [Pooling; 2] = [Pooling::Features, Pooling::Maximum];

fn sum(extractor: &FeatureExtractor, examples: &[(usize, ExtractedFeatures)]) -> Evidence {
    let mut evidence = Evidence::empty(extractor, &POOLS);
    for (column, observation) in examples {
        evidence.add_example(*column, observation).unwrap();
    }
    evidence
}

/// Within `bound` of the largest number.
#[track_caller]
fn assert_near(found: &[f64], expected: &[f64], bound: f64) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(0.0, |m: f64, v| m.max(v.abs()));
    let apart = found.iter().zip(expected).fold(0.0, |m: f64, (a, b)| m.max((a - b).abs()));
    assert!(apart <= bound * largest, "{apart} apart, of {largest}");
}

#[track_caller]
fn assert_same(found: &Evidence, expected: &Evidence, bound: f64) {
    assert_eq!(found.counts(), expected.counts());
    for column in 0..found.counts().len() {
        assert_near(found.sum(column), expected.sum(column), bound);
    }
    assert_near(found.second_moment(), expected.second_moment(), bound);
    assert_near(&found.scatter(), &expected.scatter(), bound);
}

#[track_caller]
fn assert_answers(evidence: &Evidence, bound: f64) {
    let answers = answers();
    assert_eq!((evidence.width(), evidence.layout().width(), evidence.total()), (29, 24, 11));
    assert_eq!(evidence.counts(), answers.counts);
    for (column, expected) in answers.sums.iter().enumerate() {
        assert_near(evidence.sum(column), expected, 1e-14);
    }
    assert_near(&evidence.scatter(), &answers.scatter, bound);
}

#[test]
fn numpy() {
    let extractor = both();
    let evidence = sum(&extractor, &answers().examples());
    assert_answers(&evidence, 1e-13);
    assert_eq!(evidence.fingerprint(), extractor.fingerprint());
    for (storage, bound) in [(Storage::F64, 1e-13), (Storage::F32, 1e-7)] {
        assert_answers(&Evidence::from_bytes("test", &evidence.to_bytes(storage)).unwrap(), bound);
    }
}

#[test]
fn files_written_by_numpy_are_read() {
    for (name, bound) in [("f64.evidence", 1e-13), ("f32.evidence", 1e-7)] {
        let evidence = Evidence::from_bytes(name, &file(name)).unwrap();
        assert_answers(&evidence, bound);
        assert_eq!(evidence.fingerprint(), "5e".repeat(32));
        assert_eq!(evidence.heads()[1].labels, ["shirt", "shoe"]);
    }
}

#[test]
fn sums_do_not_depend_on_order_and_grouping() {
    let extractor = both();
    let mut examples = answers().examples();
    let whole = sum(&extractor, &examples);
    let batch: Vec<_> = examples.iter().map(|(c, o)| (*c, o)).collect();
    let mut at_once = Evidence::empty(&extractor, &POOLS);
    at_once.add_examples(&batch).unwrap();
    assert_eq!(at_once.to_bytes(Storage::F64), whole.to_bytes(Storage::F64));
    examples.reverse();
    assert_same(&sum(&extractor, &examples), &whole, 1e-14);
    let parts: Vec<Evidence> = examples.chunks(3).map(|part| sum(&extractor, part)).collect();
    let [p, q, r, s] = parts.as_slice() else { panic!("{} parts", parts.len()) };
    let grouped = p.add(q).unwrap().add(&r.add(s).unwrap()).unwrap();
    assert_same(&grouped, &whole, 1e-14);
    let turned = s.add(&q.add(&r.add(p).unwrap()).unwrap()).unwrap();
    assert_same(&turned, &whole, 1e-14);
    assert_same(&whole.add(&Evidence::empty(&extractor, &POOLS)).unwrap(), &whole, 0.0);
}

#[test]
fn one_image_of_a_label_has_no_scatter() {
    let extractor = both();
    let examples = answers().examples();
    let evidence = sum(&extractor, &examples[6..8]);
    assert_eq!(evidence.counts(), [0, 1, 1, 0, 0]);
    assert!(evidence.scatter().iter().all(|v| v.abs() < 1e-12));
    let bytes = evidence.to_bytes(Storage::F32);
    assert!(Evidence::from_bytes("test", &bytes).unwrap().scatter().iter().all(|v| v.abs() < 1e-12));
}

#[test]
fn folds() {
    assert_eq!([fold(&"0".repeat(64), 7), fold(&format!("{:064x}", 1234), 7), fold(&"f".repeat(64), 7)], [0, 2, 1]);
    let extractor = both();
    let examples = answers().examples();
    let parts: Vec<Evidence> = examples.chunks(4).map(|part| sum(&extractor, part)).collect();
    let whole = Evidence::of_folds(parts.clone()).unwrap().unwrap();
    assert_answers(&whole, 1e-13);
    let bytes_of = whole.to_bytes(Storage::F64);
    assert_eq!(bytes(29, 5, 3, Storage::F64), 3 * (8 * 5 * 29 + 8 * 29 * 30 / 2));
    let read = Evidence::from_bytes("test", &bytes_of).unwrap();
    assert_eq!(read.to_bytes(Storage::F64), bytes_of);
    for (read, part) in read.folds().iter().zip(&parts) {
        assert_same(read, part, 0.0);
    }
    let twice = whole.add(&read).unwrap();
    assert_same(&twice.folds()[1], &parts[1].add(&parts[1]).unwrap(), 0.0);
    assert!(whole.add(&parts[0]).unwrap().folds().is_empty());
    assert_eq!(whole.add(&Evidence::empty(&extractor, &POOLS)).unwrap().folds().len(), 3);
}

#[test]
fn merged_labels_count_for_every_head() {
    let extractor = extractor(&[&a(), &b()], DuplicateLabels::Merge);
    let shirt = extractor.labels().iter().position(|l| l.label == "shirt").unwrap();
    assert_eq!(extractor.columns(shirt, None).collect::<Vec<_>>(), [2, 3]);
    assert_eq!(extractor.columns(shirt, Some(1)).collect::<Vec<_>>(), [3]);
    let mut twice = Evidence::empty(&extractor, &POOLS);
    let examples = answers().examples();
    for (_, observation) in &examples[..2] {
        extractor.columns(shirt, None).for_each(|column| twice.add_example(column, observation).unwrap());
    }
    let once = sum(&extractor, &[(2, examples[0].1.clone()), (2, examples[1].1.clone())]);
    assert_eq!((twice.counts(), twice.total()), ([0, 0, 2, 2, 0].as_slice(), 4));
    let doubled: Vec<f64> = once.scatter().iter().map(|v| 2.0 * v).collect();
    assert_near(&twice.scatter(), &doubled, 1e-13);
}

#[test]
fn error_other_models() {
    let of = |extractor: &FeatureExtractor, pools: &[Pooling]| Evidence::empty(extractor, pools);
    let first = of(&both(), &POOLS);
    let error = |other: Evidence| first.add(&other).unwrap_err();
    let other = of(&extractor(&[&a(), &Tiny { head: 3, ..b() }], DuplicateLabels::Keep), &POOLS);
    let expected = format!(
        "evidence, model fingerprint: expected {} as in the first, found {}; add up evidence that one merged model made of \
         the same features",
        first.fingerprint(),
        other.fingerprint()
    );
    assert_eq!(error(other).to_string(), expected);
    let error_features = error(of(&both(), &[Pooling::Features]));
    assert_eq!(error_features.code(), "different-evidence");
    assert!(error_features.to_string().contains(", 8 maximum of "), "{error_features}");
    let renamed =
        of(&extractor(&[&a(), &Tiny { labels: vec!["shirt", "sandal"], ..b() }], DuplicateLabels::Keep), &POOLS);
    let expected =
        "evidence, heads: expected a (cat, dog, shirt), b (shirt, shoe) as in the first, found a (cat, dog, \
                    shirt), b (shirt, sandal); add up evidence that one merged model made of the same features";
    assert_eq!(error(renamed).to_string(), expected);
}

#[test]
fn error_other_features() {
    let mut evidence = Evidence::empty(&both(), &POOLS);
    let good = answers().examples().remove(0).1;
    let short = ExtractedFeatures { logits: vec![1.0; 4], ..good.clone() };
    let nan = ExtractedFeatures { logits: vec![f32::NAN; 5], ..good.clone() };
    let expected = "observation: expected 5 logits, found 4; observe the image with the model that the evidence is of";
    assert_eq!(evidence.add_examples(&[(0, &good), (0, &short)]).unwrap_err().to_string(), expected);
    assert_eq!(evidence.add_example(5, &good).unwrap_err().code(), "different-observation");
    assert_eq!(evidence.add_example(0, &nan).unwrap_err().code(), "not-finite");
    assert_eq!(evidence.total(), 0);
}
