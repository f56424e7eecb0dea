//! Feature files: read, written, refused.

use super::tiny::{again, merged, weights, Tiny};
use polyhead::features::{ExtractedFeatures, FeatureExtractor, FeaturesFile, LabelledExample, LabelledSet, Pooling};
use polyhead::labels::DuplicateLabels;
use polyhead::limits;
use polyhead::merge::MergeOptions;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use std::sync::OnceLock;

fn extractor(models: &[&Tiny]) -> FeatureExtractor {
    let options = MergeOptions { duplicate_labels: DuplicateLabels::Keep, ..MergeOptions::default() };
    again("both", &merged(models, &options).unwrap()).feature_extractor().unwrap()
}

fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

fn b() -> Tiny {
    Tiny::new("b", &["shirt", "shoe"])
}

/// The merged labels are cat, dog, shirt (a), shirt (b), shoe; 16 features, 8 numbers of each other kind, 5 logits.
fn both() -> &'static FeatureExtractor {
    static BOTH: OnceLock<FeatureExtractor> = OnceLock::new();
    BOTH.get_or_init(|| extractor(&[&a(), &b()]))
}

/// Two synthetic images per label; the head of every second one is stated.
fn examples() -> Vec<LabelledExample> {
    let (width, labels) = (both().layout().width(), both().labels().len());
    let example = |number: usize| LabelledExample {
        name: format!("{number}.png"),
        sha256: format!("{number:064x}"),
        label: number % labels,
        head: number.is_multiple_of(2).then_some(usize::from(number % labels > 2)),
        observation: ExtractedFeatures {
            features: weights(number as u32 + 1, width, 1.0),
            logits: weights(number as u32 + 99, labels, 4.0),
        },
    };
    (0..2 * labels).map(example).collect()
}

fn file(pools: &[Pooling]) -> Vec<u8> {
    let mut file = FeaturesFile::empty(both(), pools);
    let examples = examples();
    let (first, rest) = examples.split_at(3);
    file.add(first.to_vec()).unwrap();
    file.add(rest.to_vec()).unwrap();
    file.to_bytes().unwrap()
}

fn read(bytes: &[u8]) -> polyhead::Result<FeaturesFile> {
    FeaturesFile::from_bytes("x.features", bytes)
}

fn set(file: FeaturesFile, extractor: &FeatureExtractor) -> polyhead::Result<LabelledSet> {
    file.examples("x.features", extractor, |text, head| {
        Ok(extractor.find_label(text, head)?.map(|label| (label, head)))
    })
}

#[test]
fn files_are_read_as_written() {
    let bytes = file(&Pooling::ALL);
    let found = read(&bytes).unwrap();
    assert_eq!(found.to_bytes().unwrap(), bytes);
    assert_eq!((found.images(), found.model().fingerprint), (10, both().fingerprint()));
    assert_eq!(found.counts()[..3], [("cat", None, 1), ("cat", Some("a"), 1), ("dog", None, 1)]);
    let set = set(found, both()).unwrap();
    assert_eq!((&set.name, &set.layout), (&"x.features".to_string(), both().layout()));
    for (at, (found, written)) in set.examples.iter().zip(examples()).enumerate() {
        let name = format!("x.features, image {}", at + 1);
        assert_eq!(*found, LabelledExample { name, ..written });
    }
    // A header of a few kB, then the numbers.
    assert!(bytes.len() < 10 * 4 * (40 + 5) + 2500, "{} bytes", bytes.len());
}

#[test]
fn subset_of_the_features_is_read() {
    let pools = [Pooling::Deviation, Pooling::Features];
    let bytes = file(&pools);
    let found = read(&bytes).unwrap();
    assert_eq!(found.to_bytes().unwrap(), bytes);
    let set = set(found, both()).unwrap();
    assert_eq!((&set.layout, set.layout.width()), (&both().layout().only(&pools), 24));
    let held = [Pooling::Features, Pooling::Average].map(|pool| set.has(pool, both().layout()));
    assert_eq!(held, [true, false]);
    let columns = set.layout.columns(both().layout()).unwrap();
    for (found, whole) in set.examples.iter().zip(examples()) {
        let part: Vec<f32> = columns.iter().map(|&column| whole.observation.features[column]).collect();
        assert_eq!((&found.observation.features, &found.observation.logits), (&part, &whole.observation.logits));
    }
    let fewer = both().layout().only(&[Pooling::Deviation]);
    let deviations: Vec<_> = set.examples.iter().map(|e| e.observation.features[16..].to_vec()).collect();
    let selected = set.select(&fewer).into_iter().map(|e| e.observation.features);
    assert_eq!(selected.collect::<Vec<_>>(), deviations);
}

#[test]
fn error_other_models() {
    let other = extractor(&[&a(), &Tiny { head: 3, ..b() }]);
    let error = set(read(&file(&[Pooling::Features])).unwrap(), &other).unwrap_err();
    let [expected, found] = [&other, both()].map(|extractor| extractor.fingerprint()[..16].to_string());
    let heads = "with the heads a (cat, dog, shirt), b (shirt, shoe) and 16 features";
    let text = format!(
        "features 'x.features': expected that of the model {expected} {heads}, found {found} {heads}; make it again with this \
         merged file"
    );
    assert_eq!((error.code(), error.to_string()), ("other-model", text));
    let renamed = extractor(&[&a(), &Tiny { labels: vec!["shirt", "sandal"], ..b() }]);
    assert_eq!(set(read(&file(&[Pooling::Features])).unwrap(), &renamed).unwrap_err().code(), "other-model");
    let mut file = FeaturesFile::empty(both(), &Pooling::ALL);
    let [mut few, mut label, mut head] = [0, 1, 2].map(|at| examples().remove(at));
    few.observation.features.pop();
    label.label = 5;
    head.head = Some(2);
    for wrong in [few, label, head] {
        assert_eq!(file.add(vec![wrong]).unwrap_err().code(), "different-observation");
    }
    assert_eq!(file.images(), 0);
}

/// A file with an edited header and edited numbers, with a matching digest.
fn edited(edit: impl Fn(&mut serde_json::Value), numbers: impl Fn(&mut Vec<u8>)) -> Vec<u8> {
    let bytes = file(&[Pooling::Average]);
    let length = u32::from_le_bytes(bytes[18..22].try_into().unwrap()) as usize;
    let mut header: serde_json::Value = serde_json::from_slice(&bytes[22..22 + length]).unwrap();
    edit(&mut header);
    let header = serde_json::to_vec(&header).unwrap();
    let mut rest = bytes[22 + length..bytes.len() - 32].to_vec();
    numbers(&mut rest);
    let mut bytes = [&bytes[..18], &(header.len() as u32).to_le_bytes(), &header, &rest].concat();
    bytes.extend(Sha256::digest(&bytes).to_vec());
    bytes
}

#[track_caller]
fn assert_refused(bytes: &[u8], expected: &str) {
    let error = read(bytes).unwrap_err();
    assert_eq!(error.code(), "malformed-features");
    assert_eq!(error.to_string(), format!("features 'x.features', {expected}; make it again of the images"));
}

#[test]
fn refused() {
    let same = |_: &mut serde_json::Value| {};
    assert!(read(&edited(same, |_| {})).is_ok());
    assert_refused(b"", "start: expected 'polyhead features', found something else");
    assert_refused(b"polyhead features\n\x01", "header: expected a whole header, found the end of the file");
    let huge = [b"polyhead features\n".as_slice(), &u32::MAX.to_le_bytes()].concat();
    assert_refused(&huge, "header: expected at most 4194304 bytes, found 4294967295");
    let version = edited(|h| h["version"] = 2.into(), |_| {});
    assert_refused(&version, "header: expected version 1, found version 2");
    let model = edited(|h| h["model"] = "x".into(), |_| {});
    assert_refused(&model, "model: expected a SHA-256 of 64 hexadecimal digits, found something else");
    let heads = edited(|h| h["heads"] = serde_json::json!([]), |_| {});
    assert_refused(&heads, "heads: expected at least one label, found none");
    let images = edited(|h| h["images"] = serde_json::json!([]), |n| n.clear());
    assert_refused(&images, "images: expected at least one, found none");
    let image = edited(|h| h["images"][1]["sha256"] = "../x".into(), |_| {});
    assert_refused(&image, "image 2: expected a SHA-256 of 64 hexadecimal digits, found something else");
    let label = edited(|h| h["images"][2]["label"] = 5.into(), |_| {});
    assert_refused(&label, "image 3: expected one of 5 labels, found number 5");
    let head = edited(|h| h["images"][9]["head"] = 2.into(), |_| {});
    assert_refused(&head, "image 10: expected one of 2 heads, found number 2");
    for (width, expected) in [(u64::MAX, u64::MAX), (1 << 61, u64::MAX), (1 << 40, (1 << 40 | 5) * 40)] {
        let wide = edited(|h| h["layout"][0]["width"] = width.into(), |_| {});
        assert_refused(&wide, &format!("numbers: expected {expected} bytes and a SHA-256, found 552 bytes"));
    }
    let fewer = edited(|h| h["images"].as_array_mut().unwrap().truncate(9), |_| {});
    assert_refused(&fewer, "numbers: expected 468 bytes and a SHA-256, found 552 bytes");
    let more = edited(same, |n| n.push(0));
    assert_refused(&more, "numbers: expected 520 bytes and a SHA-256, found 553 bytes");
    for (value, text) in [(f32::NAN, "NaN"), (f32::INFINITY, "inf"), (f32::NEG_INFINITY, "-inf")] {
        let odd = edited(same, |n| n[52..56].copy_from_slice(&value.to_le_bytes()));
        assert_refused(&odd, &format!("image 2: expected finite numbers, found {text}"));
    }
    let mut changed = file(&[Pooling::Average]);
    let last = changed.len() - 33;
    changed[last] ^= 1;
    assert_refused(&changed, "SHA-256: expected that of the bytes before it, found another: the file was changed");
    let text = read(&edited(|h| h["layout"] = "x".into(), |_| {})).unwrap_err().to_string();
    assert!(text.starts_with("features 'x.features', header: expected the fields of version 1, found "), "{text}");
}

#[test]
fn truncated_files_are_refused() {
    let bytes = file(&[Pooling::Maximum]);
    for length in 0..bytes.len() {
        assert_eq!(read(&bytes[..length]).unwrap_err().code(), "malformed-features", "{length}");
    }
}

#[test]
fn more_images_than_a_header_holds_are_not_written() {
    let mut file = FeaturesFile::empty(both(), &[]);
    let mut example = examples().remove(0);
    example.name = String::new();
    file.add(vec![example; limits::HEADER_BYTES as usize / 90]).unwrap();
    let error = file.to_bytes().unwrap_err();
    assert_eq!(error.code(), "limit");
    let text = error.to_string();
    assert!(text.starts_with("features: expected at most 4194304 bytes of header, found "), "{text}");
    assert!(text.ends_with("; make several files of fewer images"), "{text}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn changed_bytes_are_refused_or_read(changes in prop::collection::vec((0usize..3000, any::<u8>()), 1..4)) {
        let bytes = file(&[Pooling::Average]);
        let mut changed = bytes[..bytes.len() - 32].to_vec();
        for (at, value) in changes {
            let place = at % changed.len();
            changed[place] = value;
        }
        changed.extend(Sha256::digest(&changed).to_vec());
        if let Ok(found) = read(&changed) {
            let again = found.to_bytes().unwrap();
            prop_assert_eq!(read(&again).unwrap().to_bytes().unwrap(), again);
            let _ = set(found, both());
        }
    }
}
