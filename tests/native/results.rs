//! Guarantees for every ranking, whatever numbers a model has: finite or an error, and the same bits every time.

use crate::exports::fixtures;
use crate::non_finite;
use polyhead::classifier::{rank, RankOptions};
use polyhead::classifier::{Classifier, Scores};
use polyhead::image::RgbImage;
use std::path::Path;

fn noise(width: u32, height: u32) -> RgbImage {
    let rgb = crate::tiny::weights(9, (width * height * 3) as usize, 127.0).iter().map(|v| (v + 128.0) as u8).collect();
    RgbImage::new(width, height, rgb).unwrap()
}

#[test]
fn unusual_weights_give_an_error_or_a_ranking_never_nan() {
    let image = noise(20, 30);
    let (mut ranked, mut refused) = (0, 0);
    for (what, bytes) in non_finite::models() {
        let classifier = Classifier::from_bytes("odd", bytes).unwrap();
        let ranking = classifier
            .run(&image)
            .and_then(|scores| rank(classifier.labels(), classifier.heads(), &scores, &RankOptions::default()));
        match ranking {
            Ok(ranking) => {
                let sum: f32 = ranking.labels.iter().map(|l| l.probability).sum();
                assert!((sum - 1.0).abs() < 1e-5, "{what}: {ranking:?}");
                assert!(ranking.heads.iter().all(|h| (0.0..=1.001).contains(&h.probability)), "{what}: {ranking:?}");
                ranked += 1;
            }
            Err(error) => {
                assert_eq!(error.code(), "score", "{what}: {error}");
                refused += 1;
            }
        }
    }
    assert!(ranked > 10 && refused > 10, "{ranked} ranked, {refused} refused");
}

/// The bits of every number that a classifier gives.
fn bits(scores: &Scores) -> Vec<u32> {
    let Scores { probabilities, logits, features, head_probabilities, none_probability } = scores;
    let heads = head_probabilities.iter().flatten();
    let all = probabilities.iter().chain(logits).chain(features).chain(heads).chain(none_probability);
    all.map(|v| v.to_bits()).collect()
}

#[track_caller]
fn assert_same_bits(name: &str, model: &[u8], image: &RgbImage) {
    let [one, two] = [0, 1].map(|_| Classifier::from_bytes(name, model.to_vec()).unwrap());
    let first = bits(&one.run(image).unwrap());
    for classifier in [&one, &two, &one] {
        assert!(bits(&classifier.run(image).unwrap()) == first, "{name}: other bits from the same image");
    }
}

#[test]
fn the_same_image_gives_the_same_bits() {
    use crate::tiny::{merged, Tiny};
    let merged = merged(&[&Tiny::new("one", &["a"]), &Tiny::new("two", &["c", "d"])], &Default::default()).unwrap();
    assert_same_bits("tiny", &polyhead::onnx::encode(&merged.proto), &noise(40, 30));
}

#[test]
#[ignore = "reads every model of POLYHEAD_FIXTURES"]
fn the_same_image_gives_the_same_bits_on_every_fixture() {
    use polyhead::import::{ImportedModel, Nothing, Overrides};
    use polyhead::merge::{merge, MergeOptions};
    let Some(folder) = fixtures() else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(folder.join("models")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "onnx") {
            continue;
        }
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
        let stated = Overrides { placeholders: true, ..Overrides::default() };
        let source = ImportedModel::read(name, &std::fs::read(Path::new(&path)).unwrap(), &stated, &Nothing);
        let Ok(merged) = source.and_then(|source| merge(vec![source], &MergeOptions::default())) else { continue };
        assert_same_bits(name, &polyhead::onnx::encode(&merged.proto), &noise(300, 200));
        count += 1;
    }
    println!("the same bits from {count} models");
    assert!(count > 20);
}
