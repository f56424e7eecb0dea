//! Corrupt files on the command line: each yields a consistent result or an error message, in bounded time.

use crate::mutants::{self, Mutant};
use crate::tiny::{merged, Tiny};
use crate::PATIENCE;
use assert_cmd::Command;
use polyhead::merge::MergeOptions;
use polyhead::onnx;
use rayon::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Output;

/// The short run takes one mutant of so many.
const SHORT: usize = 97;
/// Images per command.
const BATCH: usize = 250;

/// One image of each format, with a second one for splices.
const IMAGES: [(&str, &str); 11] = [
    ("grey.png", "palette.png"),
    ("palette-with-a-clear-colour.png", "16-bit.png"),
    ("16-bit.png", "alpha.png"),
    ("black-and-white.png", "grey.png"),
    ("grey.jpg", "orientation-6.jpg"),
    ("orientation-6.jpg", "grey.jpg"),
    ("interlaced-jpeg.jpg", "grey.jpg"),
    ("lossless.webp", "alpha.webp"),
    ("alpha.webp", "animated.webp"),
    ("animated.gif", "grey.png"),
    ("bitmap.bmp", "animated.gif"),
];

fn polyhead(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("polyhead").unwrap();
    command.current_dir(folder).args(arguments).timeout(PATIENCE).output().unwrap()
}

/// The output of a command that ended by itself, without a panic.
#[track_caller]
fn ended(output: &Output, what: &str) -> Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    let errors = errors.get(errors.len().saturating_sub(500)..).unwrap_or(&errors);
    assert!(matches!(output.status.code(), Some(0..=2)), "{what}: {:?}\n{errors}", output.status);
    assert!(!errors.contains("panicked"), "{what}: {errors}");
    let value: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{what}: {e}"));
    if output.status.code() != Some(0) && value.get("error").is_some() {
        told(&value["error"], what);
    }
    value
}

#[track_caller]
fn told(error: &Value, what: &str) {
    let (code, message) = (error["code"].as_str().unwrap_or_default(), error["message"].as_str().unwrap_or_default());
    assert!(!code.is_empty() && message.contains("expected") && message.contains("found"), "{what}: {error}");
}

/// Asserts a ranking of this many labels, whose probabilities are valid and sum to one.
#[track_caller]
fn holds_together(row: &Value, labels: usize, what: &str) {
    let ranked = row["labels"].as_array().unwrap_or_else(|| panic!("{what}: {row}"));
    let probabilities: Vec<f64> = ranked.iter().map(|label| label["probability"].as_f64().unwrap()).collect();
    assert_eq!(probabilities.len(), labels, "{what}");
    assert!(probabilities.iter().all(|p| (0.0..=1.0 + 1e-6).contains(p)), "{what}: {probabilities:?}");
    assert!((probabilities.iter().sum::<f64>() - 1.0).abs() < 1e-4, "{what}: {probabilities:?}");
}

fn image(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/images").join(name)
}

/// Two tiny models and their merge, each with a label file.
fn models(folder: &Path) {
    let (one, two) = (Tiny::new("one", &["a", "b"]), Tiny::new("two", &["c", "d", "e"]));
    let merged = merged(&[&one, &two], &MergeOptions::default()).unwrap();
    std::fs::write(folder.join("both.onnx"), onnx::encode(&merged.proto)).unwrap();
    for model in [one, two] {
        std::fs::write(folder.join(format!("{}.onnx", model.name)), model.bytes()).unwrap();
        std::fs::write(folder.join(format!("{}.labels.txt", model.name)), model.labels.join("\n")).unwrap();
    }
}

/// Ranks corrupt images, one folder at a time; returns their number.
fn images(step: usize) -> usize {
    let folder = tempfile::tempdir().unwrap();
    models(folder.path());
    let counts = IMAGES.par_iter().map(|(name, other)| {
        let (file, other) = (std::fs::read(image(name)).unwrap(), std::fs::read(image(other)).unwrap());
        let whole = image(name).display().to_string();
        let whole = ended(&polyhead(folder.path(), &["classify", "both.onnx", &whole, "--json"]), name)[0].clone();
        holds_together(&whole, 5, name);
        let mutants: Vec<Mutant> = mutants::of(&file, &other, step).collect();
        for batch in mutants.chunks(BATCH) {
            ranked(folder.path(), name, &whole, batch);
        }
        mutants.len()
    });
    counts.sum()
}

fn ranked(folder: &Path, name: &str, whole: &Value, batch: &[Mutant]) {
    let images = folder.join(name);
    std::fs::create_dir(&images).unwrap();
    for (number, mutant) in batch.iter().enumerate() {
        std::fs::write(images.join(format!("{number:05}-{name}")), &mutant.bytes).unwrap();
    }
    let rows = ended(&polyhead(folder, &["classify", "both.onnx", name, "--json"]), name);
    let rows = rows.as_array().unwrap_or_else(|| panic!("{name}: {rows}"));
    assert_eq!(rows.len(), batch.len(), "{name}: a row for each");
    for (row, mutant) in rows.iter().zip(batch) {
        let what = format!("{name}, {}", mutant.name);
        if row.get("error").is_some() {
            told(&row["error"], &what);
            let codes = ["not-an-image", "broken-image", "limit"];
            assert!(codes.contains(&row["error"]["code"].as_str().unwrap()), "{what}: {row}");
            continue;
        }
        holds_together(row, 5, &what);
        // A truncated image must not pass for the whole.
        assert!(!mutant.is_cut || row["labels"] == whole["labels"], "{what}: {row}");
    }
    std::fs::remove_dir_all(images).unwrap();
}

/// Runs a command on every corrupt copy of a file, under the file's own name; returns their number.
fn each(file: &str, other: &str, step: usize, run: impl Fn(&Path, &Mutant) + Sync) -> usize {
    let folder = tempfile::tempdir().unwrap();
    models(folder.path());
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let (bytes, other) = (read(file), read(other));
    let mutants: Vec<Mutant> = mutants::of(&bytes, &other, step).collect();
    mutants.par_iter().enumerate().for_each(|(number, mutant)| {
        let own = folder.path().join(number.to_string());
        std::fs::create_dir(&own).unwrap();
        models(&own);
        std::fs::write(own.join(file), &mutant.bytes).unwrap();
        run(&own, mutant);
        std::fs::remove_dir_all(own).unwrap();
    });
    mutants.len()
}

fn merges(step: usize) -> usize {
    each("two.onnx", "one.onnx", step, |folder, mutant| {
        let output = polyhead(folder, &["merge", "one.onnx", "two.onnx", "-o", "out.onnx", "--json"]);
        ended(&output, &mutant.name);
        assert_eq!(output.status.code() == Some(0), folder.join("out.onnx").exists(), "{}", mutant.name);
        assert!(output.status.code() != Some(0) || !mutant.is_cut, "{} passes for a whole model", mutant.name);
    })
}

fn classifications(step: usize) -> usize {
    let whole = image("grey.png").display().to_string();
    each("both.onnx", "one.onnx", step, |folder, mutant| {
        let output = polyhead(folder, &["classify", "both.onnx", &whole, "--json"]);
        let rows = ended(&output, &mutant.name);
        if output.status.code() == Some(0) {
            holds_together(&rows[0], rows[0]["labels"].as_array().map_or(0, Vec::len), &mutant.name);
        }
    })
}

#[test]
fn damaged_images_are_ranked_or_refused() {
    println!("{} damaged images", images(SHORT));
}

#[test]
fn damaged_models_are_accepted_or_refused() {
    println!("{} damaged models", merges(5 * SHORT) + classifications(5 * SHORT));
}

#[test]
#[ignore = "takes many minutes"]
fn every_damaged_file_is_accepted_or_refused() {
    let (images, merges, classifications) = (images(1), merges(1), classifications(1));
    println!("{images} damaged images, {merges} damaged sources of a merge, {classifications} damaged merged models");
    println!("{} damaged files in all", images + merges + classifications);
}
