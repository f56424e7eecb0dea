//! What is taken away: a site, and texts for other programs.

use super::{file, merged, observed, told};
use polyhead::embed::embedded;
use polyhead::merge::Weights;
use polyhead::source::{Archive, Beside};
use polyhead::workshop::Texts;

/// The least WebAssembly module.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";

#[test]
fn a_site_holds_the_model() {
    let project = observed();
    let mut files = vec![
        file("pkg/polyhead_bg.wasm", MODULE),
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
        "polyhead/element/define.js",
        "polyhead/worker.js",
        "site.css",
    ];
    assert_eq!(archive.names().unwrap(), names);
    let read = |name: &str| archive.read(name).unwrap().unwrap();
    let model = project.download(Weights::Kept).unwrap();
    assert!(embedded(&read("pkg/polyhead_bg.wasm")).unwrap().unwrap() == model);
    let page = String::from_utf8(read("index.html")).unwrap();
    assert!(page.contains("<h1>Cats &amp; &lt;dogs&gt;</h1>"), "{page}");
    assert!(page.contains("A picture of cat, dog, shirt, trousers or shoe?"), "{page}");
    assert!(page.contains("<polyhead-classifier camera></polyhead-classifier>"), "{page}");

    let missing = project.site(&files[..2], None).err().unwrap();
    assert_eq!(
        missing.to_string(),
        "site: expected the file 'polyhead/worker.js' among those given, found none; give all files that the build lists in \
         site.json"
    );
    files.push(file("../out", ""));
    assert_eq!(told(project.site(&files, None)).0, "archive");
}

#[test]
fn texts_name_the_file_and_the_size() {
    let Texts { python, html } = merged().texts("my \"own\" model.onnx").unwrap();
    assert!(python.contains(r#"onnxruntime.InferenceSession("my \"own\" model.onnx")"#), "{python}");
    assert!(
        html.contains(r#"<polyhead-classifier model="my &quot;own&quot; model.onnx" camera></polyhead-classifier>"#),
        "{html}"
    );
}
