//! Exports of a project: a site, and code for other programs.

use super::{edit, file, merged, observed, told};
use polyhead::embed::embedded;
use polyhead::image::decode;
use polyhead::image::preprocess::{ChannelOrder, Filter, Preprocessing, ResizeMode};
use polyhead::import::{Archive, FileTree};
use polyhead::merge::Weights;
use polyhead::project::{MergeOptions, Project, Texts};

/// The smallest WebAssembly module.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

#[test]
fn site_contains_the_model() {
    let project = observed();
    let mut files = vec![
        file("pkg/polyhead_bg.wasm", MODULE),
        file("pkg/polyhead_relaxed_bg.wasm", MODULE),
        file("pkg/polyhead.js", "js"),
        file("polyhead/worker.js", "js"),
        file("polyhead/element/define.js", "js"),
    ];
    let site = project.site(&files, Some("Cats & <dogs>")).unwrap();
    let archive = Archive::open("site", &site).unwrap();
    let names = [
        "index.html",
        "pkg/polyhead.js",
        "pkg/polyhead_bg.wasm",
        "pkg/polyhead_relaxed_bg.wasm",
        "polyhead/element/define.js",
        "polyhead/worker.js",
        "site.css",
    ];
    assert_eq!(archive.names().unwrap(), names);
    let read = |name: &str| archive.read(name).unwrap().unwrap();
    let model = project.download(Weights::Keep).unwrap();
    for build in ["pkg/polyhead_bg.wasm", "pkg/polyhead_relaxed_bg.wasm"] {
        assert!(embedded(&read(build)).unwrap().unwrap() == model, "{build}");
    }
    let page = String::from_utf8(read("index.html")).unwrap();
    assert!(page.contains("<h1>Cats &amp; &lt;dogs&gt;</h1>"), "{page}");
    assert!(page.contains("An image of cat, dog, shirt, trousers or shoe?"), "{page}");
    assert!(page.contains("<polyhead-classifier camera></polyhead-classifier>"), "{page}");
    assert!(page.contains("connect-src 'self'; "), "{page}");
    assert!(page.contains("require-trusted-types-for 'script'; trusted-types polyhead\""), "{page}");

    let missing = project.site(&files[..3], None).err().unwrap();
    assert_eq!(
        missing.to_string(),
        "site: expected the file 'polyhead/worker.js' among those given, found none; give all files that the build lists in \
         site.json"
    );
    files.push(file("../out", ""));
    assert_eq!(told(project.site(&files, None)).0, "archive");
}

#[test]
fn snippets_name_the_file_and_the_size() {
    let Texts { python, html } = merged().texts("my \"own\" model.onnx").unwrap();
    assert!(python.contains(r#"onnxruntime.InferenceSession("my \"own\" model.onnx")"#), "{python}");
    assert!(
        html.contains(r#"<polyhead-classifier model="my &quot;own&quot; model.onnx" camera></polyhead-classifier>"#),
        "{html}"
    );
}

/// The output of the Python snippet for an image, by label; `None` unless `POLYHEAD_PYTHON` names a Python with its
/// libraries.
fn by_python(project: &mut Project, image: &[u8]) -> Option<Vec<(f64, String)>> {
    let python = std::env::var_os("POLYHEAD_PYTHON")?;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    write("model.onnx", &project.download(Weights::Keep).unwrap());
    write("image.jpg", image);
    let Texts { python: text, .. } = project.texts("model.onnx").unwrap();
    // Tuples are printed as in Python; lists are JSON.
    let text = text.replace("print(sorted(", "print(json.dumps(sorted(").replace("reverse=True))", "reverse=True)))");
    write("rank.py", text.as_bytes());
    let output = std::process::Command::new(python).arg("rank.py").current_dir(&folder).output().unwrap();
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

/// An image of odd sides with a transparent part, so that every step of the preprocessing matters.
fn odd_image(width: u32, height: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let clear = if x < 9 && y < 7 { 90 } else { 255 };
        image::Rgba([(x * 5 % 256) as u8, (y * 7 % 256) as u8, ((x * y) % 251) as u8, clear])
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbaImage::from_fn(width, height, pixel).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

#[test]
fn python_snippet_ranks_like_the_model() {
    let plain = Preprocessing::new(16, 16);
    let middle = Preprocessing { fit: ResizeMode::CentreCrop, ..plain.clone() };
    let bare = |p: &Preprocessing| Preprocessing { antialias: false, ..p.clone() };
    let boxed = Preprocessing { fit: ResizeMode::Letterbox, range: [-1.0, 1.0], ..plain.clone() };
    let kinds = [
        Preprocessing { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], ..plain.clone() },
        Preprocessing { filter: Filter::Bicubic, range: [0.0, 255.0], channels: ChannelOrder::Bgr, ..plain.clone() },
        Preprocessing { filter: Filter::Nearest, range: [-1.0, 1.0], ..bare(&plain) },
        Preprocessing { filter: Filter::Lanczos, resize_to: Some(19), ..middle.clone() },
        Preprocessing { resize_to: Some(20), range: [-2.0, 1.0], ..bare(&middle) },
        bare(&plain),
        bare(&boxed),
        boxed,
        middle,
    ];
    for preprocessing in kinds {
        let mut project = merged();
        for name in ["a", "b"] {
            let id = project.model_named(name).unwrap();
            edit(&mut project, id, |stated| stated.preprocessing = Some(preprocessing.clone())).unwrap();
        }
        project.merge(MergeOptions::default()).unwrap();
        for (width, height) in [(61, 38), (23, 64)] {
            let image = odd_image(width, height);
            let Some(ranked) = by_python(&mut project, &image) else {
                return eprintln!("skipped: POLYHEAD_PYTHON names no Python with numpy, Pillow and onnxruntime");
            };
            let classifier = project.classifier().unwrap();
            let scores = classifier.run(&decode("image", &image).unwrap()).unwrap();
            for (probability, label) in ranked {
                let at = classifier.labels().iter().position(|l| l.label == label).unwrap();
                let apart = (probability - f64::from(scores.probabilities[at])).abs();
                // A level that is rounded the other way changes the output of these steep heads by up to 2e-3.
                assert!(apart < 3e-3, "{preprocessing:?}, {width} × {height}, {label}: {apart}");
            }
        }
    }
}
