//! The seeds of each target: committed fixtures, and small files made from them.

use crate::bundle::Bundle;
use crate::cases::cases;
use crate::tiny::{again, merged, weights, Ending, Tiny};
use polyhead::embed::embed;
use polyhead::evidence::{Evidence, Storage};
use polyhead::features::{ExtractedFeatures, FeatureExtractor, FeaturesFile, LabelledExample, Pooling};
use polyhead::image::preprocess::Preprocessing;
use polyhead::labels::DuplicateLabels;
use polyhead::merge::{MergeOptions, Weights};
use polyhead::onnx;
use polyhead::project::{File, FitOptions, Project};
use polyhead::rule::RuleKind;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use zip::CompressionMethod;

/// The seeds of a target.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "model" | "graph" => [models(), tiny()].concat(),
        "classify" => classifiers(),
        "archive" => archives(),
        "labels" => labels(),
        "preprocessing" => preprocessings(),
        "evidence" => evidence(),
        "features" => features(),
        "image" => files("images", &[".png", ".jpg", ".webp", ".gif", ".bmp", ".avif"]),
        "exif" => exif(),
        "project" => vec![project(), Bundle::default().write()],
        "module" => modules(),
        other => panic!("no target {other}"),
    }
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")
}

fn read(path: &str) -> Vec<u8> {
    std::fs::read(fixtures().join(path)).expect("a committed fixture")
}

/// The files of a folder of `tests/fixtures` with one of these endings, by name.
fn named(folder: &str, endings: &[&str]) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(fixtures().join(folder)).expect("a committed folder");
    let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let mut names: Vec<String> = names.filter(|name| endings.iter().any(|end| name.ends_with(end))).collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), read(&format!("{folder}/{name}")))).collect()
}

fn files(folder: &str, endings: &[&str]) -> Vec<Vec<u8>> {
    named(folder, endings).into_iter().map(|(_, bytes)| bytes).collect()
}

fn models() -> Vec<Vec<u8>> {
    let exports = ["exports/external/model.onnx", "exports/liner/model.onnx"].map(read);
    let lite = files("exports/tflite", &[".tflite"]);
    [files("models", &[".onnx"]), files("maps", &[".onnx"]), exports.to_vec(), lite].concat()
}

fn tiny() -> Vec<Vec<u8>> {
    use Ending::*;
    let endings =
        [Logits, Softmax, LogSoftmax, Sigmoid, Hidden, Bent, ArgMax, ZipMap, Boxes, Mask].map(|ending| (ending, 16));
    let model = |(ending, size)| Tiny { size, ..Tiny::new("model", &["cat", "dog", "shirt"]).ending(ending) }.bytes();
    endings.map(model).to_vec()
}

fn pair() -> [Tiny; 2] {
    [Tiny::new("a", &["cat", "dog", "shirt"]), Tiny::new("b", &["hat", "shoe"])]
}

fn classifiers() -> Vec<Vec<u8>> {
    let mut found: Vec<Vec<u8>> = cases().iter().map(|case| onnx::encode(&case.fitted.proto)).collect();
    let [a, b] = pair();
    let sigmoid = [a.clone().ending(Ending::Sigmoid), b.clone().ending(Ending::Sigmoid)];
    for ([a, b], weights) in [([a, b], Weights::Keep), (sigmoid, Weights::F16)] {
        let options = MergeOptions {
            duplicate_labels: DuplicateLabels::Merge,
            weight_format: weights,
            ..MergeOptions::default()
        };
        found.push(onnx::encode(&merged(&[&a, &b], &options).expect("a merge").proto));
    }
    found
}

fn archives() -> Vec<Vec<u8>> {
    let folders = ["tfjs", "external", "liner"].map(|folder| {
        let files = named(&format!("exports/{folder}"), &[""]);
        let model = |name: &str| !name.ends_with(".tflite") && !name.ends_with("expected.json");
        Bundle(files.into_iter().filter(|(name, _)| model(name)).collect())
    });
    let zips = folders.iter().flat_map(|folder| {
        [CompressionMethod::Stored, CompressionMethod::Deflated].map(|method| folder.zip(method).expect("plain names"))
    });
    let zips: Vec<_> = zips.collect();
    // Each Keras file in a folder of its own; the archives among them also by themselves.
    let keras = named("exports/keras", &[".h5", ".keras"]);
    let alone = keras.iter().filter(|(name, _)| name.ends_with(".keras")).map(|(_, bytes)| bytes.clone());
    let alone: Vec<_> = alone.collect();
    let keras = keras.into_iter().map(|file| Bundle([file].into()).write());
    let keras: Vec<_> = keras.collect();
    folders.iter().map(Bundle::write).chain(zips).chain(keras).chain(alone).collect()
}

fn labels() -> Vec<Vec<u8>> {
    const FILES: [(&str, &str); 14] = [
        ("labels.txt", "cat\ndog\nshirt\n"),
        ("labels.txt", "0 cat\n1 dog\n2 shirt\n"),
        ("model.labels.txt", "\u{feff}cat\r\ndog\r\nshirt"),
        ("classes.json", r#"{"cat": 0, "dog": 1, "shirt": 2}"#),
        ("classes.json", r#"["cat", "dog", "shirt"]"#),
        ("metadata.json", r#"{"tmVersion": "2.4.5", "labels": ["cat", "dog", "shirt"], "imageSize": 16}"#),
        (
            "signature.json",
            r#"{"classes": {"Label": ["cat", "dog", "shirt"]}, "inputs": {"Image": {"shape": [null, 16, 16, 3]}}}"#,
        ),
        ("config.json", r#"{"id2label": {"0": "cat", "1": "dog", "2": "shirt"}}"#),
        (
            "config.json",
            r#"{"label_names": ["cat", "dog", "shirt"], "pretrained_cfg": {"input_size": [3, 16, 16], "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5], "interpolation": "bicubic", "crop_pct": 0.9, "crop_mode": "center"}}"#,
        ),
        ("names", "{0: 'cat', 1: \"child's dog\", 2: 'sh\\u0069rt',}"),
        ("names", "('caf\\xe9', 'dog', 'shirt')"),
        ("names", r#"["cat", "dog", "shirt"]"#),
        ("task", "classify"),
        ("imgsz", "[16, 16]"),
    ];
    let mut found: Vec<Vec<u8>> = FILES.map(|(name, text)| Bundle::of([(name, text.into())]).write()).to_vec();
    found.push(Bundle::of(FILES.map(|(name, text)| (name, text.into()))).write());
    found
}

fn preprocessings() -> Vec<Vec<u8>> {
    let plain = serde_json::to_vec(&Preprocessing::new(16, 16)).expect("JSON");
    let texts = [
        r#"{"width":16,"height":12,"fit":"centre-crop","resize-to":20,"filter":"lanczos","antialias":false,"range":[-1,1],"mean":[0.485,0.456,0.406],"std":[0.229,0.224,0.225],"channels":"bgr","layout":"nhwc"}"#,
        r#"{"width":16,"height":16,"fit":"letterbox","filter":"nearest","range":[0,255]}"#,
        r#"{"do_resize":true,"size":{"height":16,"width":16},"resample":3,"do_rescale":true,"rescale_factor":0.00392156862745098,"do_normalize":true,"image_mean":[0.5,0.5,0.5],"image_std":[0.5,0.5,0.5],"image_processor_type":"ViTImageProcessor"}"#,
        r#"{"do_resize":true,"size":{"shortest_edge":18},"do_center_crop":true,"crop_size":{"height":16,"width":16},"crop_pct":0.875,"resample":2,"feature_extractor_type":"ConvNextFeatureExtractor","do_flip_channel_order":true,"rescale_offset":true}"#,
        r#"{"pretrained_cfg":{"input_size":[3,16,16],"mean":[0.5,0.5,0.5],"std":[0.5,0.5,0.5],"interpolation":"bicubic","crop_pct":0.9,"crop_mode":"center"}}"#,
    ];
    texts.map(|text| text.as_bytes().to_vec()).into_iter().chain([plain]).collect()
}

/// The merged pair.
pub fn extractor() -> &'static FeatureExtractor {
    static EXTRACTOR: OnceLock<FeatureExtractor> = OnceLock::new();
    EXTRACTOR.get_or_init(|| {
        let models = pair();
        let merged = merged(&[&models[0], &models[1]], &MergeOptions::default()).expect("a merge");
        again("merged", &merged).feature_extractor().expect("an extractor")
    })
}

/// Three synthetic images per label of the pair; label and logit have the same index.
fn examples() -> Vec<LabelledExample> {
    let (width, columns) = (extractor().layout().width(), extractor().members().len());
    let example = |number: usize| LabelledExample {
        name: String::new(),
        sha256: format!("{number:064x}"),
        label: number % columns,
        head: None,
        observation: ExtractedFeatures {
            features: weights(number as u32 + 1, width, 1.0),
            logits: weights(number as u32 + 99, columns, 1.0),
        },
    };
    (0..3 * columns).map(example).collect()
}

/// Evidence of every label of the pair.
fn whole_evidence() -> Vec<u8> {
    let mut evidence = Evidence::empty(extractor(), &[Pooling::Features]);
    for example in examples() {
        evidence.add_example(example.label, &example.observation).expect("an observation");
    }
    evidence.to_bytes(Storage::F64)
}

/// Without the digest at the end, which the target appends.
fn features() -> Vec<Vec<u8>> {
    let file = |pools: &[Pooling]| {
        let mut file = FeaturesFile::empty(extractor(), pools);
        file.add(examples()).expect("observations");
        let bytes = file.to_bytes().expect("a file");
        bytes[..bytes.len() - 32].to_vec()
    };
    vec![file(&[Pooling::Features]), file(&[Pooling::Average, Pooling::Deviation])]
}

/// Without the digest at the end, which the target appends.
fn evidence() -> Vec<Vec<u8>> {
    let found = [files("evidence", &[".evidence"]), vec![whole_evidence()]].concat();
    found.into_iter().map(|bytes| bytes[..bytes.len() - 32].to_vec()).collect()
}

fn exif() -> Vec<Vec<u8>> {
    let orientation = |which: u8, how: u8, value: u8| {
        let entry = match how {
            1 => [1, 0x12, 0, 3, 0, 0, 0, 1, 0, value, 0, 0],
            _ => [0x12, 1, 3, 0, 1, 0, 0, 0, value, 0, 0, 0],
        };
        [&[which, how][..], &entry, &entry, &[0; 4]].concat()
    };
    (0..3)
        .flat_map(|which| [(1, 6), (2, 8), (3, 3), (0, 1)].map(|(how, value)| orientation(which, how, value)))
        .collect()
}

/// A complete project, as the files of its archive.
fn project() -> Vec<u8> {
    let mut project = Project::default();
    let files = pair().map(|model| {
        let file = |ending: &str, bytes| File { path: format!("{}{ending}", model.name), bytes };
        [file(".onnx", model.bytes()), file(".labels.txt", model.labels.join("\n").into_bytes())]
    });
    project.add_files(files.into_iter().flatten().collect());
    project.merge(Default::default()).expect("a merge");
    let bytes = whole_evidence();
    if project.add_evidence("own.evidence", bytes).is_ok() {
        let options = FitOptions { rule: RuleKind::Gated.into(), ..FitOptions::default() };
        if project.fit(options).is_ok() {
            let _ = project.take(None);
        }
    }
    let extra = [File { path: "thumbnails/1.jpg".into(), bytes: b"an image".to_vec() }];
    unpacked(&project.save(&extra).expect("a project file"))
}

fn unpacked(bytes: &[u8]) -> Vec<u8> {
    use polyhead::import::{Archive, FileTree};
    let archive = Archive::open("seed", bytes).expect("an archive");
    let names = archive.names().expect("names");
    let file = |name: &String| (name.clone(), archive.read(name).ok().flatten().unwrap_or_default());
    Bundle(names.iter().map(file).collect()).write()
}

fn modules() -> Vec<Vec<u8>> {
    use wasm_encoder::{CodeSection, CustomSection, Function, FunctionSection, Module, TypeSection};
    let mut module = Module::new();
    let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
    types.ty().function([], []);
    functions.function(0);
    let mut body = Function::new([]);
    body.instructions().end();
    code.function(&body);
    module.section(&types).section(&functions).section(&code);
    let custom = |name: &'static str| CustomSection { name: name.into(), data: b"abc".as_slice().into() };
    module.section(&custom("producers"));
    let plain = module.finish();
    let held = embed(&plain, b"a model").expect("a module");
    vec![plain, held, Module::new().finish(), b"\0asm\x0d\0\x01\0".to_vec()]
}
