//! Killed commands: the old output stays complete, and a second run continues from the cached results.

use crate::command::{run, succeeds};
use crate::tiny::Tiny;
use crate::PATIENCE;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime};

/// Two models, their merge, and images of their labels.
fn folder(images: u32) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path();
    for model in [Tiny::new("a", &["cat", "dog"]), Tiny::new("b", &["shirt", "hat"])] {
        fs::write(place.join(format!("{}.onnx", model.name)), model.bytes()).unwrap();
        fs::write(place.join(format!("{}.labels.txt", model.name)), model.labels.join("\n")).unwrap();
    }
    succeeds(place, "merge a.onnx b.onnx -o both.onnx");
    for number in 0..images {
        let label = ["cat", "dog", "shirt", "hat"][number as usize % 4];
        fs::create_dir_all(place.join("p").join(label)).unwrap();
        let rgb = crate::tiny::weights(number + 1, 3 * 200 * 200, 127.0).iter().map(|v| (v + 128.0) as u8).collect();
        image::RgbImage::from_raw(200, 200, rgb).unwrap().save(place.join(format!("p/{label}/{number}.png"))).unwrap();
    }
    folder
}

fn start(folder: &Path, arguments: &str) -> Child {
    let mut command = Command::new(assert_cmd::cargo::cargo_bin("polyhead"));
    command.current_dir(folder).env("POLYHEAD_CACHE", folder.join("cache")).args(arguments.split(' '));
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// The cached features, each with the time at which it was written.
fn kept(folder: &Path) -> Vec<(std::path::PathBuf, SystemTime)> {
    let models = fs::read_dir(folder.join("cache/observations")).into_iter().flatten().flatten();
    let files = models.flat_map(|model| fs::read_dir(model.path()).unwrap()).flatten();
    let named = files.filter(|file| !file.file_name().to_string_lossy().starts_with('.'));
    named.map(|file| (file.path(), file.metadata().unwrap().modified().unwrap())).collect()
}

#[test]
fn a_killed_merge_leaves_the_old_file_or_the_new_one_whole() {
    let folder = folder(0);
    let (place, out) = (folder.path(), folder.path().join("out.onnx"));
    let new = fs::read(place.join("both.onnx")).unwrap();
    let old = b"the old file".repeat(1_000);
    let mut found = [0, 0];
    for milliseconds in (0..200).step_by(5) {
        fs::write(&out, &old).unwrap();
        let mut child = start(place, "merge a.onnx b.onnx --force -o out.onnx");
        std::thread::sleep(Duration::from_millis(milliseconds));
        let _ = child.kill();
        child.wait().unwrap();
        let bytes = fs::read(&out).unwrap();
        assert!(bytes == old || bytes == new, "after {milliseconds} ms: {} bytes of neither", bytes.len());
        found[usize::from(bytes == new)] += 1;
    }
    assert!(found[0] > 0, "each merge was faster than its end");
    succeeds(place, "merge a.onnx b.onnx --force -o out.onnx");
    assert!(fs::read(&out).unwrap() == new);
}

/// Kills a command after some images, and runs it again.
fn killed_and_run_again(arguments: &str, output: &str) {
    let folder = folder(150);
    let place = folder.path();
    let killed = || {
        let _ = fs::remove_dir_all(place.join("cache"));
        fs::write(place.join(output), "the old file").unwrap();
        let mut child = start(place, arguments);
        let started = Instant::now();
        while kept(place).len() < 5 && started.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
        let _ = child.kill();
        child.wait().unwrap();
        kept(place)
    };
    // On a busy machine it may finish before it is killed.
    let before = (0..10).map(|_| killed()).find(|before| before.len() < 150).expect("it was killed before its end");
    assert!(before.len() >= 5, "{} images before it was killed", before.len());
    assert_eq!(fs::read(place.join(output)).unwrap(), b"the old file");
    let (code, _, errors) = run(place, arguments);
    assert_eq!(code, 0, "{errors}");
    let after = kept(place);
    assert_eq!(after.len(), 150);
    for one in before {
        assert!(after.contains(&one), "{} was computed again", one.0.display());
    }
    let resumed = fs::read(place.join(output)).unwrap();
    fs::remove_dir_all(place.join("cache")).unwrap();
    succeeds(place, arguments);
    assert!(fs::read(place.join(output)).unwrap() == resumed, "another file from the cache than without it");
}

#[test]
fn killed_evidence_leaves_the_old_file_and_continues() {
    killed_and_run_again("evidence both.onnx --images p --force -o out.evidence", "out.evidence");
}

#[test]
fn killed_fit_leaves_the_old_file_and_continues() {
    killed_and_run_again("fit both.onnx --images p --unseen --rule gated --force -o out.onnx", "out.onnx");
}
