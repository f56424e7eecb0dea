//! `polyhead merge` with its edits and `polyhead split`, as commands.

use super::tiny::Tiny;
use assert_cmd::Command;
use std::path::Path;

/// A folder with two models and their labels, merged into `both.onnx`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for model in [a(), b(), Tiny::new("newer", &["cow", "pig"])] {
        std::fs::write(folder.path().join(format!("{}.onnx", model.name)), model.bytes()).unwrap();
        std::fs::write(folder.path().join(format!("{}.labels.txt", model.name)), model.labels.join("\n")).unwrap();
    }
    succeeds(&folder, "merge a.onnx b.onnx --duplicate-labels keep -o both.onnx");
    folder
}

fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

fn b() -> Tiny {
    Tiny::new("b", &["shirt", "shoe"])
}

/// Exit code, output and errors of a command whose arguments contain no spaces.
fn run(folder: &Path, arguments: &str) -> (i32, String, String) {
    let mut command = Command::cargo_bin("polyhead").unwrap();
    let output = command.current_dir(folder).args(arguments.split(' ')).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[track_caller]
fn succeeds(folder: &tempfile::TempDir, arguments: &str) -> String {
    let (code, output, errors) = run(folder.path(), arguments);
    assert_eq!(code, 0, "{errors}");
    output
}

#[test]
fn edits() {
    let folder = folder();
    let edits = "--rename cat=kitten --rename b/shirt=top --drop dog --order shoe,kitten,top,shirt";
    let output = succeeds(&folder, &format!("merge both.onnx {edits} -o edited.onnx"));
    assert!(output.contains("\nlabels   shoe, kitten, top, shirt\n"), "{output}");
    let output = succeeds(&folder, "merge both.onnx --replace a=newer.onnx --dry-run");
    assert!(output.contains("\nlabels   cow, pig, shirt, shoe\n"), "{output}");
    assert!(output.contains("\ndry run  nothing written"), "{output}");
    let output = succeeds(&folder, "merge a.onnx newer.onnx --weight-format f16 -o small.onnx");
    assert!(output.contains("\nweights  stored in fewer bits: largest change of a probability "), "{output}");
}

#[test]
fn split() {
    let folder = folder();
    let output = succeeds(&folder, "split both.onnx --head a -o single.onnx");
    assert!(output.starts_with("proof    a: largest logit difference 0.0e0 on 3 images (bound "), "{output}");
    assert!(output.contains("\nlabels   cat, dog, shirt\n"), "{output}");
    let (code, _, errors) = run(folder.path(), "split both.onnx --head a -o single.onnx");
    let expected = "error: single.onnx: expected no file there, found one; give --force to replace it\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    let output = succeeds(&folder, "split both.onnx --head b -o single.onnx --force --weight-format f16 --json");
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!(json["labels"][1]["label"], "shoe");
    assert_eq!(json["sources"][0]["name"], "b");
    assert!(json["rounding"].as_f64().unwrap() < 0.01);
}

#[test]
fn a_split_head_replaces_under_the_old_name() {
    let folder = folder();
    succeeds(&folder, "merge a.onnx newer.onnx -o others.onnx");
    succeeds(&folder, "split others.onnx --head newer -o single.onnx");
    let output = succeeds(&folder, "merge both.onnx --replace a=single.onnx --dry-run");
    assert!(output.contains("\nproof    a: "), "{output}");
    let (code, _, errors) = run(folder.path(), "merge both.onnx --replace a=others.onnx --dry-run");
    let expected = "error: replace: expected a model with one head, found a, newer in 'others'; take one out with \
                    polyhead split\n";
    assert_eq!((code, errors.as_str()), (2, expected));
}

#[cfg(unix)]
#[test]
fn only_files_are_replaced() {
    let folder = folder();
    std::os::unix::fs::symlink("nowhere", folder.path().join("link.onnx")).unwrap();
    let (code, _, errors) = run(folder.path(), "merge a.onnx newer.onnx -o link.onnx --force");
    let expected =
        "error: link.onnx: expected a file or nothing there, found a link that leads nowhere; give another path\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    let (code, _, errors) = run(folder.path(), "merge a.onnx newer.onnx -o . --force");
    assert_eq!(
        (code, errors.as_str()),
        (2, "error: .: expected a file or nothing there, found a folder; give another path\n")
    );
    std::fs::copy(folder.path().join("a.onnx"), folder.path().join("kept.onnx")).unwrap();
    std::os::unix::fs::symlink("kept.onnx", folder.path().join("good.onnx")).unwrap();
    succeeds(&folder, "merge a.onnx newer.onnx -o good.onnx --force");
    assert!(folder.path().join("good.onnx").is_symlink(), "the link stays");
    assert!(succeeds(&folder, "inspect kept.onnx").contains("written by  polyhead"));
}

#[test]
fn errors_as_json() {
    let folder = folder();
    let (code, output, _) = run(folder.path(), "split both.onnx --head x -o x.onnx --json");
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!((code, json["error"]["code"].as_str()), (2, Some("unknown-head")));
}

#[test]
fn exit_codes() {
    let folder = folder();
    let code = |arguments: &str| run(folder.path(), arguments).0;
    assert_eq!(code("split both.onnx --head x -o x.onnx"), 2);
    assert_eq!(code("merge both.onnx --drop x -o x.onnx"), 2);
    assert_eq!(code("merge both.onnx --drop b/shirt --drop shoe -o x.onnx"), 1);
    assert_eq!(code("merge both.onnx --rename x -o x.onnx"), 2);
    assert_eq!(code("merge a.onnx b.onnx -o x.onnx"), 1);
    assert!(!folder.path().join("x.onnx").exists());
}
