//! `polyhead fit` as a command, on generated images.

use super::{a, b};
use crate::command::{run, succeeds};
use polyhead::metadata::Metadata;
use polyhead::rule::RuleKind;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A folder with `both.onnx`, and in `seen` and `unseen` labelled images.
pub(super) fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for model in [a(), b()] {
        fs::write(folder.path().join(format!("{}.onnx", model.name)), model.bytes()).unwrap();
        fs::write(folder.path().join(format!("{}.labels.txt", model.name)), model.labels.join("\n")).unwrap();
    }
    succeeds(&folder, "merge a.onnx b.onnx --duplicate-labels merge -o both.onnx");
    for (label, name) in ["cat", "dog", "shirt", "shoe"].iter().enumerate() {
        for (set, count) in [("seen", 8), ("unseen", 5)] {
            for number in 0..count {
                image(&folder.path().join(format!("{set}/{name}/{number}.png")), label as u32, number + count);
            }
        }
    }
    folder
}

fn image(path: &Path, label: u32, seed: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let pixel = |x: u32, y: u32| {
        let level = |k: u32| 60 * label + 9 * k * (label + 1) + (x * (seed + k) + y * (2 * seed + 1)) % 40;
        image::Rgb([level(0) as u8, level(1) as u8, level(2) as u8])
    };
    image::RgbImage::from_fn(16, 16, pixel).save(path).unwrap();
}

#[track_caller]
pub(super) fn json(folder: &tempfile::TempDir, arguments: &str) -> Value {
    serde_json::from_str(&succeeds(folder, &format!("{arguments} --json"))).unwrap()
}

fn metadata(folder: &tempfile::TempDir, name: &str) -> Metadata {
    let proto = polyhead::onnx::decode(name, fs::read(folder.path().join(name)).unwrap()).unwrap();
    Metadata::read(name, &proto).unwrap().unwrap()
}

#[test]
fn evidence_and_held_out_images() {
    let folder = folder();
    succeeds(&folder, "evidence both.onnx --images seen -o seen.evidence");
    let fit = "fit both.onnx --evidence seen.evidence --held-out unseen";
    let output = succeeds(&folder, &format!("{fit} -o fitted.onnx"));
    assert!(output.starts_with("cross-validated on images that the heads have not seen (20 images)\n"), "{output}");
    let taken = output.lines().find(|l| l.ends_with("  <- taken")).unwrap();
    let record = metadata(&folder, "fitted.onnx").rule;
    assert!(taken.trim_start().starts_with(&record.name.to_string()), "{taken}");
    assert!(output.contains(&format!("\nrule     {}\n", record.name)), "{output}");
    assert!(output.contains("\nwritten  fitted.onnx ("), "{output}");
    let on = record.fitted_on.clone().unwrap();
    assert_eq!((on.held_out, on.evidence["a/cat"], on.evidence["b/shirt"]), (20, 13, 13));
    assert_eq!(record.figures.as_ref().unwrap().images, 20);
    let (code, report, errors) = run(&folder, "check fitted.onnx --images unseen --json");
    assert!(code < 2, "{errors}");
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["report"]["rule"], record.name.to_string());
    // Only with --force over a file; a fitted file is fitted as a merged one.
    let (code, _, errors) = run(&folder, &format!("{fit} -o fitted.onnx"));
    let expected = "error: fitted.onnx: expected no file there, found one; give --force to replace it\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    succeeds(&folder, "fit fitted.onnx --evidence seen.evidence --held-out unseen -o fitted.onnx --force");
    assert_eq!(metadata(&folder, "fitted.onnx").rule, record);
}

#[test]
fn every_rule_is_written_and_ranks_an_image_alike() {
    let folder = folder();
    for rule in ["concat", "scaled", "gated", "retrained"] {
        let report = json(&folder, &format!("fit both.onnx --rule {rule} --images seen --unseen -o {rule}.onnx"));
        assert_eq!((&report["rule"]["name"], &report["images"]), (&rule.into(), &32.into()));
        assert_eq!((&report["none"], &report["written"]), (&(rule != "concat").into(), &format!("{rule}.onnx").into()));
        assert_eq!(metadata(&folder, &format!("{rule}.onnx")).rule.name.to_string(), rule);
        succeeds(&folder, &format!("classify {rule}.onnx seen/cat/0.png"));
    }
}

#[test]
fn fit_to_seen_images_alone() {
    let folder = folder();
    let output = succeeds(&folder, "fit both.onnx --images seen -o fitted.onnx");
    assert!(output.contains("\ncaution  the heads may have been trained on these images"), "{output}");
    assert_eq!(metadata(&folder, "fitted.onnx").rule.cautions.len(), 1);
}

#[test]
fn fit_without_images_and_evidence() {
    let folder = folder();
    let output = succeeds(&folder, "fit both.onnx -o fitted.onnx");
    assert!(output.starts_with("rule     scaled\n"), "{output}");
    assert!(output.contains("\ncaution  nothing was measured: "), "{output}");
    let record = metadata(&folder, "fitted.onnx").rule;
    assert_eq!((record.name, record.figures), (RuleKind::Scaled, None));
    let (code, _, errors) = run(&folder, "fit both.onnx --rule gated -o other.onnx");
    let expected = "error: rule 'gated': expected evidence or images of every label, found none of a/cat, a/dog, \
                    a/shirt, b/shirt, b/shoe; give --evidence or --images with them, or take another rule\n";
    assert_eq!((code, errors.as_str()), (1, expected));
    assert!(!folder.path().join("other.onnx").exists());
    // Evidence of some labels alone is ignored, like none.
    succeeds(&folder, "evidence both.onnx --head b --images seen --ignore-unknown -o b.evidence");
    let report = json(&folder, "fit both.onnx --evidence b.evidence --dry-run");
    assert_eq!((&report["rule"]["name"], &report["images"]), (&"scaled".into(), &0.into()));
    assert_eq!(report["rule"]["cautions"].as_array().unwrap().len(), 2);
}

#[test]
fn dry_runs_write_nothing() {
    let folder = folder();
    let output = succeeds(&folder, "fit both.onnx --held-out unseen --dry-run -o fitted.onnx");
    assert!(output.contains("  <- taken\n") && !output.contains("written"), "{output}");
    let report = json(&folder, "fit both.onnx --held-out unseen --dry-run");
    assert_eq!((&report["written"], &report["failures"]), (&Value::Null, &serde_json::json!([])));
    assert_eq!(report["comparison"].as_array().unwrap().len(), 4);
    assert!(!folder.path().join("fitted.onnx").exists());
}

#[test]
fn error_options() {
    let folder = folder();
    let (code, _, errors) = run(&folder, "fit both.onnx --held-out unseen --reject-rate 100 --dry-run");
    let expected = "error: --reject-rate: expected more than 0 and less than 100 %, found 100 %; correct the option\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    assert_eq!(run(&folder, "fit both.onnx --held-out unseen").0, 2);
    fs::write(folder.path().join("unseen/cat/broken.png"), b"no image").unwrap();
    let (code, output, errors) = run(&folder, "fit both.onnx --held-out unseen --json -o fitted.onnx");
    assert_eq!(code, 2, "{errors}");
    let report: Value = serde_json::from_str(&output).unwrap();
    assert_eq!((&report["images"], &report["failures"][0]["error"]["code"]), (&20.into(), &"not-an-image".into()));
    assert!(folder.path().join("fitted.onnx").exists());
}

#[test]
fn evidence_of_the_fitted_file_adds_to_that_of_the_merged_one() {
    let folder = folder();
    succeeds(&folder, "evidence both.onnx --images seen -o merged.evidence");
    succeeds(&folder, "fit both.onnx --evidence merged.evidence --rule retrained -o fitted.onnx");
    succeeds(&folder, "evidence fitted.onnx --images unseen -o fitted.evidence");
    succeeds(&folder, "evidence add fitted.evidence merged.evidence -o sum.evidence");
    let shown = json(&folder, "evidence show sum.evidence");
    // A shirt counts for both heads.
    assert_eq!(shown["total"], 5 * (8 + 5));
    succeeds(&folder, "fit both.onnx --evidence sum.evidence --rule gated -o again.onnx");
}
