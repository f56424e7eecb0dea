//! Labels with markup and control characters: shown as text only, in the terminal, in the report and by other tools.

use crate::command::{run, succeeds};
use crate::tiny::Tiny;
use polyhead::import::{ImportedModel, Nothing, Overrides};
use polyhead::onnx;
use polyhead::sanitize::is_active;
use std::fs;

/// One attack per label.
fn labels() -> Vec<String> {
    let labels = [
        "<script>alert(1)</script>",
        "</style></title><img src=x onerror=alert(2)>",
        "left\u{202e}right\u{2066}",
        "\u{1b}[2J\u{1b}]0;title\u{7}",
        "two\nlines\rand a\0nul",
        "=HYPERLINK(\"http://example.com\")",
        "👩‍👩‍👧 שלום",
        "it's \\ 'quoted' \"twice\"",
    ];
    labels.into_iter().map(str::to_string).chain(["w".repeat(10_000)]).collect()
}

/// Two models, the first with these labels, their merge, and an image of each of its labels.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    let names = ["0", "1", "2", "3", "4", "5", "6", "7", "8"];
    for (dir, model) in [("a", Tiny::new("a", &names)), ("b", Tiny::new("b", &["hat", "shoe"]))] {
        fs::create_dir(place.join(dir)).unwrap();
        fs::write(place.join(format!("{dir}/{dir}.onnx")), model.bytes()).unwrap();
    }
    fs::write(place.join("a/classes.json"), serde_json::to_string(&labels()).unwrap()).unwrap();
    fs::write(place.join("b/labels.txt"), "hat\nshoe\n").unwrap();
    let mut rows = String::from("path,label\n");
    for (number, label) in labels().iter().enumerate().filter(|(_, l)| !l.contains(['\n', '\0', '\u{1b}'])) {
        let rgb =
            crate::tiny::weights(number as u32 + 1, 3 * 20 * 20, 127.0).iter().map(|v| (v + 128.0) as u8).collect();
        image::RgbImage::from_raw(20, 20, rgb).unwrap().save(place.join(format!("{number}.png"))).unwrap();
        rows += &format!("{number}.png,\"{}\"\n", label.replace('"', "\"\""));
    }
    fs::write(place.join("images.csv"), rows).unwrap();
    folder
}

/// Asserts that a text contains nothing that a terminal acts on.
#[track_caller]
fn is_plain(what: &str, text: &str) {
    let acts = |c| c != '\n' && is_active(c);
    let found = text.find(acts).map(|at| text[..at].chars().rev().take(60).collect::<Vec<_>>());
    let before = found.map(|c| c.into_iter().rev().collect::<String>());
    assert_eq!(before, None, "{what}: acts behind this");
}

#[test]
fn the_terminal_gets_text_only() {
    let folder = folder();
    for command in [
        "inspect a/a.onnx",
        "merge a/a.onnx b/b.onnx -o both.onnx",
        "inspect both.onnx",
        "classify both.onnx 0.png",
        "classify both.onnx 0.png --json",
        "check both.onnx --images images.csv",
        "evidence both.onnx --images images.csv -o e.evidence",
        "evidence show e.evidence",
        "features both.onnx --images images.csv -o f.features",
        "fit both.onnx --held-out f.features --rule scaled --dry-run",
        "fit both.onnx --images images.csv --unseen --rule scaled -o fitted.onnx",
        "split both.onnx --head a -o one.onnx",
        "merge both.onnx --drop nothing -o other.onnx",
        "merge both.onnx --order hat -o other.onnx",
        "classify both.onnx a/classes.json",
    ] {
        let (code, output, errors) = run(&folder, command);
        assert!(matches!(code, 0..=2), "{command}: {errors}");
        is_plain(command, &output);
        is_plain(command, &errors);
        assert!(!errors.contains("panicked"), "{command}: {errors}");
    }
}

#[test]
fn the_report_has_no_markup_of_a_label() {
    let folder = folder();
    succeeds(&folder, "merge a/a.onnx b/b.onnx -o both.onnx");
    let (_, _, errors) = run(&folder, "check both.onnx --images images.csv --html report.html");
    let page = fs::read_to_string(folder.path().join("report.html")).unwrap_or_else(|e| panic!("{e}: {errors}"));
    for markup in ["<script", "<img src=x", "</style></title>", "onerror=alert(2)>"] {
        assert!(!page.contains(markup), "{markup}");
    }
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    is_plain("the report", &page);
}

#[test]
fn labels_are_unchanged_in_files() {
    let folder = folder();
    succeeds(&folder, "merge a/a.onnx b/b.onnx -o both.onnx");
    let bytes = fs::read(folder.path().join("both.onnx")).unwrap();
    let merged = ImportedModel::read("both.onnx", &bytes, &Overrides::default(), &Nothing).unwrap();
    assert_eq!(merged.heads[0].labels, labels());
    // Ultralytics' key, as another tool would read it: without ours.
    let mut proto = onnx::decode("m", bytes).unwrap();
    let names = proto.metadata_props.iter().find(|p| p.key == "names").unwrap().value.clone();
    is_plain("names", &names);
    proto.metadata_props.retain(|p| p.key == "names");
    proto.graph.as_mut().unwrap().output.retain(|o| o.name == "probabilities");
    let read = ImportedModel::read("m.onnx", &onnx::encode(&proto), &Overrides::default(), &Nothing).unwrap();
    assert_eq!(read.heads[0].labels[..labels().len()], labels());
}
