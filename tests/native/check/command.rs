//! `polyhead check` on tiny models and drawn images.

use crate::command::run;
use crate::tiny::Tiny;
use serde_json::Value;
use std::path::Path;

/// Two tiny models merged into `both.onnx`, and `photos/LABEL` with drawn images of each label.
fn folder(duplicates: &str, images: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for model in [Tiny::new("a", &["cat", "shirt"]), Tiny::new("b", &["shirt", "shoe"])] {
        std::fs::write(folder.path().join(format!("{}.onnx", model.name)), model.bytes()).unwrap();
        std::fs::write(folder.path().join(format!("{}.labels.txt", model.name)), model.labels.join("\n")).unwrap();
    }
    let (code, _, errors) =
        run(folder.path(), &format!("merge a.onnx b.onnx --duplicate-labels {duplicates} -o both.onnx"));
    assert_eq!(code, 0, "{errors}");
    for (label, tone) in [("cat", 20u32), ("shirt", 120), ("shoe", 210)] {
        let place = folder.path().join("photos").join(label);
        std::fs::create_dir_all(&place).unwrap();
        for number in 0..images {
            let pixel = |x: u32, y: u32| {
                let level = |k: u32| (tone + 4 * k + (x * 7 + y * 3 + number * (13 + k)) % 24) as u8;
                image::Rgb([level(0), level(1), level(2)])
            };
            image::RgbImage::from_fn(20, 16, pixel).save(place.join(format!("{number}.png"))).unwrap();
        }
    }
    folder
}

fn json(folder: &Path, arguments: &str) -> (i32, Value) {
    let (code, output, errors) = run(folder, format!("check both.onnx --json {arguments}").trim());
    (code, serde_json::from_str(&output).unwrap_or_else(|e| panic!("{e}: {output}{errors}")))
}

#[test]
fn several_models_are_compared_on_the_same_images() {
    let folder = folder("merge", 12);
    let (code, _, errors) = run(folder.path(), "merge b.onnx a.onnx --duplicate-labels merge -o other.onnx");
    assert_eq!(code, 0, "{errors}");
    let (code, output, errors) = run(folder.path(), "check both.onnx other.onnx both.onnx --images photos");
    assert_eq!(code, 0, "{errors}");
    let row = |name: &str| -> Vec<&str> {
        let line = output.lines().find(|line| line.trim_start().starts_with(name)).unwrap();
        line.split(name).last().unwrap().split_whitespace().collect()
    };
    assert_eq!(row("rule"), ["concat", "concat", "concat"]);
    assert_eq!(row("images gained / lost"), ["–", "0", "/", "0", "0", "/", "0"]);
    assert_eq!(row("accuracy less the first's")[1..], ["0.0", "0.0", "–", "0.0", "0.0", "0.0", "–", "0.0"]);
    let (_, json) = json(folder.path(), "other.onnx --images photos");
    assert_eq!(json["models"][1]["file"], "other.onnx");
    assert_eq!(json["models"][1]["comparison"]["difference"]["value"], 0.0);
    assert_eq!(json["models"][0].get("comparison"), None);
    assert!(json["models"][0]["multiply-adds"].as_u64().unwrap() > 0);
    let (code, _, errors) = run(folder.path(), "check both.onnx other.onnx --images photos --html page.html");
    assert_eq!((code, errors.as_str()), (2, "error: --html: expected one model, found 2; correct the option\n"));
}

#[test]
fn table_page_and_json_agree() {
    let folder = folder("merge", 12);
    let (code, output, errors) = run(folder.path(), "check both.onnx --images photos --html report.html");
    assert_eq!(code, 0, "{output}{errors}");
    assert!(output.starts_with("both, rule concat, 36 images; 95 % intervals of 1000 resamples\n"), "{output}");
    let (_, report) = json(folder.path(), "--images photos");
    let report = &report["report"];
    let accuracy = format!("{:.1} %", 100.0 * report["joint"]["accuracy"]["value"].as_f64().unwrap());
    let line = output.lines().find(|l| l.trim_start().starts_with("accuracy")).unwrap();
    assert!(line.contains(&accuracy), "{line}: {accuracy}");
    let reason = &report["verdict"]["reason"];
    assert_eq!((&reason["kind"], &report["verdict"]["advice"]), (&"weak-head".into(), &"retrain".into()), "{output}");
    let verdict = format!(
        "verdict  Retrain: the head '{}' is right on only {:.1} % of its own images, among {} labels, and no rule between \
         heads mends that; fit one joint head, or train the head longer (retrain)",
        reason["head"].as_str().unwrap(),
        100.0 * reason["accuracy"].as_f64().unwrap(),
        reason["labels"]
    );
    let next = format!("next     polyhead fit both.onnx --rule {}", report["verdict"]["rule"].as_str().unwrap());
    assert_eq!(output.lines().rev().take(2).collect::<Vec<_>>(), [next, verdict]);
    let page = std::fs::read_to_string(folder.path().join("report.html")).unwrap();
    assert!(page.contains(&accuracy));
    assert!(page.contains("src=\"data:image/jpeg;base64,"));
    assert_eq!(report["heads"][0]["own-images"], 24);
    assert_eq!(report["joint"]["labels"][1]["heads"], serde_json::json!(["a", "b"]));
}

#[test]
fn page_is_kept_unless_forced() {
    let folder = folder("merge", 2);
    std::fs::write(folder.path().join("report.html"), "mine").unwrap();
    let (code, _, errors) = run(folder.path(), "check both.onnx --images photos --html report.html");
    let text = "error: report.html: expected no file there, found one; give --force to replace it\n";
    assert_eq!((code, errors.as_str()), (2, text));
    let (code, ..) = run(folder.path(), "check both.onnx --images photos --html report.html --force");
    assert_eq!(code, 0);
    assert!(std::fs::read_to_string(folder.path().join("report.html")).unwrap().starts_with("<!DOCTYPE html>"));
}

#[test]
fn folder_and_csv_are_the_same_but_for_names() {
    let folder = folder("merge", 4);
    let mut lines = vec!["path,label".to_string()];
    for label in ["shoe", "cat", "shirt"] {
        lines.extend((0..4).rev().map(|number| format!("photos/{label}/{number}.png,{label}")));
    }
    std::fs::write(folder.path().join("list.csv"), lines.join("\n")).unwrap();
    let (_, by_folder) = json(folder.path(), "--images photos");
    let (_, by_list) = json(folder.path(), "--images list.csv");
    assert_eq!(by_folder, by_list);
}

#[test]
fn indistinguishable_labels_are_not_merged() {
    let folder = folder("keep", 60);
    for (head, other) in [("a", "cat"), ("b", "shoe")] {
        let own = folder.path().join(head);
        std::fs::create_dir_all(own.join("shirt")).unwrap();
        std::fs::rename(folder.path().join("photos").join(other), own.join(other)).unwrap();
        for number in 0..60 {
            let name = format!("shirt/{number}.png");
            std::fs::copy(folder.path().join("photos").join(&name), own.join(&name)).unwrap();
        }
    }
    let (code, report) = json(folder.path(), "--images a=a --images b=b");
    assert_eq!(report["report"]["verdict"]["advice"], "do-not-merge", "{}", report["report"]["verdict"]);
    assert_eq!(code, 1);
    let twins = report["report"]["twins"].as_array().unwrap();
    assert!(twins.iter().any(|t| t["first"] == "shirt (a)" && t["second"] == "shirt (b)"), "{twins:?}");
}

#[test]
fn unreadable_image_is_skipped_and_reported() {
    let folder = folder("merge", 4);
    std::fs::write(folder.path().join("photos/cat/9.png"), "no image").unwrap();
    let (code, report) = json(folder.path(), "--images photos");
    assert_eq!(code, 2);
    assert_eq!(report["failures"][0]["error"]["code"], "not-an-image");
    assert_eq!(report["report"]["images"], 12);
    let (code, report) = json(folder.path(), "");
    assert_eq!((code, &report["error"]["code"]), (2, &Value::from("no-images")));
}
