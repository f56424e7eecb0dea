//! Imports of exports: folders, archives, external weights, files with labels and preprocessing.

use crate::exports::{folder, path, zip, Memory};
use polyhead::image::preprocess::{ChannelOrder, Filter, ResizeMode};
use polyhead::import::{Archive, FileTree, ImportedModel, Nothing, Overrides};
use polyhead::onnx::{decode, encode, ModelProto};
use polyhead::Error;
use std::io::Write;

fn notes(source: &ImportedModel) -> String {
    source.notes().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn stated() -> Overrides {
    Overrides { placeholders: true, ..Overrides::default() }
}

pub fn read(place: &Memory) -> Result<ImportedModel, Error> {
    ImportedModel::read_folder("example", place, &stated())
}

fn with(name: &str, files: &[(&str, &str)]) -> Memory {
    let mut place = folder(name);
    place.0.extend(files.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec())));
    place
}

/// Runs the command line; returns its exit code and all output.
fn polyhead(arguments: &[&str]) -> (i32, String) {
    let output = assert_cmd::Command::cargo_bin("polyhead").unwrap().args(arguments).output().unwrap();
    let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    (output.status.code().unwrap(), text)
}

#[test]
fn liner_folder() {
    let source = read(&folder("liner")).unwrap();
    assert_eq!(source.name, "example");
    assert_eq!(source.heads[0].labels, ["no", "yes", "maybe"]);
    assert_eq!(source.labels_from.to_string(), "classes.json");
    assert_eq!(source.facts.input_shape, [None, None, None, Some(3)]);
    let found = &source.preprocessing;
    assert_eq!((found.value.width, found.value.height, found.value.range), (224, 224, [0.0, 255.0]));
    assert!(
        found.from.to_string().starts_with("guess: classes.json of indices beside an NHWC model, as liner.ai"),
        "{}",
        found.from
    );
    let notes = notes(&source);
    assert!(
        notes.contains("width and height are open, 224 × 224 is taken; state another size if it was trained with one"),
        "{notes}"
    );
    let stated = Overrides { size: Some(96), ..stated() };
    assert_eq!(ImportedModel::read_folder("x", &folder("liner"), &stated).unwrap().preprocessing.value.width, 96);
}

#[test]
fn zip_archive() {
    for prefix in ["", "export/", "export/onnx/"] {
        let bytes = zip(prefix, &folder("liner"));
        let source = ImportedModel::read("pets.zip", &bytes, &stated(), &Nothing).unwrap();
        assert_eq!(
            (source.name.as_str(), source.labels_from.to_string().as_str()),
            ("pets", "classes.json"),
            "{prefix}"
        );
        let bytes = zip(prefix, &folder("tfjs"));
        assert_eq!(
            ImportedModel::read("tm.zip", &bytes, &stated(), &Nothing).unwrap().labels_from.to_string(),
            "metadata.json"
        );
        let bytes = zip(prefix, &folder("external"));
        assert_eq!(ImportedModel::read("e.zip", &bytes, &stated(), &Nothing).unwrap().heads[0].labels, ["a", "b", "c"]);
    }
}

#[test]
fn labels_at_the_top_of_a_nested_export() {
    let mut place = Memory::default();
    place.0.insert("onnx/model.onnx".into(), folder("liner").0["model.onnx"].clone());
    place.0.insert("config.json".into(), br#"{"id2label": {"0": "x", "1": "y", "2": "z"}}"#.to_vec());
    let source = read(&place).unwrap();
    assert_eq!((source.labels_from.to_string().as_str(), source.heads[0].labels[2].as_str()), ("config.json", "z"));
}

#[test]
fn labels_in_a_folder_around_the_model() {
    let lobe = r#"{"classes": {"Label": ["x", "y", "z"]}}"#;
    let mut place = Memory::default();
    place.0.insert("export/onnx/model.onnx".into(), folder("external").0["model.onnx"].clone());
    place.0.insert("export/onnx/model.onnx.data".into(), folder("external").0["model.onnx.data"].clone());
    place.0.insert("signature.json".into(), lobe.replace('x', "far").into_bytes());
    assert_eq!(read(&place).unwrap().heads[0].labels, ["far", "y", "z"]);
    place.0.insert("export/signature.json".into(), lobe.as_bytes().to_vec());
    assert_eq!(read(&place).unwrap().heads[0].labels, ["x", "y", "z"], "the nearest counts");
    // Weights are only read from the path that the model states.
    let data = place.0.remove("export/onnx/model.onnx.data").unwrap();
    place.0.insert("export/model.onnx.data".into(), data);
    assert_eq!(read(&place).unwrap_err().code(), "external-data");

    let mut liner = Memory::default();
    liner.0.insert("export/onnx/model.onnx".into(), folder("liner").0["model.onnx"].clone());
    liner.0.insert("export/classes.json".into(), folder("liner").0["classes.json"].clone());
    let source = ImportedModel::read("wl.zip", &zip("", &liner), &stated(), &Nothing).unwrap();
    assert_eq!(source.labels_from.to_string(), "classes.json");
}

#[test]
fn byte_order_marks() {
    let lobe = r#"{"classes": {"Label": ["x", "y", "z"]}}"#;
    let files = [
        ("labels.txt", "x\r\ny\r\nz\r\n"),
        ("classes.json", r#"{"x": 0, "y": 1, "z": 2}"#),
        ("metadata.json", r#"{"labels": ["x", "y", "z"]}"#),
        ("signature.json", lobe),
        ("config.json", r#"{"id2label": {"0": "x", "1": "y", "2": "z"}}"#),
    ];
    for (file, text) in files {
        let mut place = folder("external");
        place.0.remove("labels.txt");
        place.0.insert(file.into(), format!("\u{feff}{text}").into_bytes());
        let source = read(&place).unwrap();
        assert_eq!((source.labels_from.to_string().as_str(), source.heads[0].labels[0].as_str()), (file, "x"));
    }
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(place.path().join(name), format!("\u{feff}{text}")).unwrap();
        place.path().join(name).display().to_string()
    };
    let labels = file("l.txt", "x\ny\nz\n");
    let preprocessing = serde_json::to_string(&read(&folder("external")).unwrap().preprocessing.value).unwrap();
    let preprocessing = file("p.json", &preprocessing);
    let model = path("external").join("model.onnx").display().to_string();
    let (code, text) = polyhead(&["inspect", "--json", &model, "--labels", &labels, "--preprocessing", &preprocessing]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains(r#""x""#) && !text.contains('\u{feff}') && !text.contains("feff"), "{text}");
    let (code, text) = polyhead(&["inspect", &model, "--name", " "]);
    assert!(code == 2 && text.contains("expected a name that is not empty"), "{text}");
}

#[test]
fn several_models_are_listed() {
    let mut place = folder("liner");
    let model = place.0["model.onnx"].clone();
    place.0.insert("other/b.onnx".into(), model);
    let error = read(&place).unwrap_err();
    assert_eq!(error.code(), "several-models");
    let text = "'example': expected one model, found 2: model.onnx, other/b.onnx; give one of them";
    assert_eq!(error.to_string(), text);
}

/// A zip archive with one entry made by hand.
fn archive(name: &str, write: impl FnOnce(&mut zip::ZipWriter<std::io::Cursor<Vec<u8>>>)) -> Result<Vec<u8>, Error> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    write(&mut zip);
    let bytes = zip.finish().unwrap().into_inner();
    let archive = Archive::open("a.zip", &bytes)?;
    Ok(archive.read(name)?.unwrap_or_default())
}

#[test]
fn archive_paths_outside_of_the_folder() {
    for path in ["../model.onnx", "/model.onnx", "a/../../b", "a\\b", "C:x", "a//b"] {
        let error = archive(path, |zip| {
            zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        });
        let error = error.unwrap_err();
        assert_eq!(error.code(), "archive", "{path}");
        assert!(error.to_string().contains("expected paths inside the archive"), "{error}");
    }
}

#[test]
fn archive_links() {
    let error =
        archive("l", |zip| zip.add_symlink("l", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap())
            .unwrap_err();
    let text = "archive 'a.zip': expected plain files and folders, found the link 'l'; pack the export again";
    assert_eq!(error.to_string(), text);
}

#[test]
fn archive_of_too_many_entries() {
    let error = archive("x", |zip| {
        for number in 0..10_001 {
            zip.start_file(number.to_string(), zip::write::SimpleFileOptions::default()).unwrap();
        }
    });
    assert_eq!(error.unwrap_err().code(), "limit");
}

#[test]
fn broken_archive_is_refused() {
    let whole = zip("", &folder("liner"));
    for length in [4, 30, whole.len() / 2, whole.len() - 1] {
        assert_eq!(ImportedModel::read("a.zip", &whole[..length], &stated(), &Nothing).unwrap_err().code(), "archive");
    }
}

#[test]
fn other_formats_are_refused_with_the_command() {
    let read =
        |file: &str, bytes: &[u8]| ImportedModel::read(file, bytes, &stated(), &Nothing).unwrap_err().to_string();
    let header = b"\x10\0\0\0\0\0\0\0{\"__metadata__\":{}";
    assert!(read("model.safetensors", header).contains("weights without a graph; load it in the Python"));
    assert!(read("model.pth", b"\x80\x02\x8a\nl\xfc").contains("torch.onnx.export("));
    // Core ML: version, description, then a neural network classifier (field 403).
    let core_ml = [0x08, 4, 0x12, 0, 0x9a, 0x19, 2, 8, 1];
    assert!(read("model.mlmodel", &core_ml).contains("found a Core ML model"));
    assert!(read("frozen.pb", &[0x0a, 2, 0x0a, 0]).contains("--graphdef frozen.pb"));

    let package = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(n, t)| (n.to_string(), t.as_bytes().to_vec()));
        read("model.keras", &zip("", &Memory(files.collect())))
    };
    let keras = package(&[("net/config.json", "{}"), ("net/model.weights.h5", "")]);
    assert!(keras.contains("found an unpacked Keras 3 file; give the .keras file itself"), "{keras}");
    assert!(package(&[("archive/data.pkl", ""), ("archive/version", "3")]).contains("found a PyTorch file"));
    let saved = package(&[("net/saved_model.pb", ""), ("net/variables/variables.index", "")]);
    assert!(
        saved.contains("found a TensorFlow SavedModel; convert it: python -m tf2onnx.convert --saved-model"),
        "{saved}"
    );
    assert!(package(&[("a.txt", "")]).contains("found 1 files in it, none of them a model"));
}

/// The export with external weights, its model edited.
pub fn edited(edit: impl FnOnce(&mut ModelProto)) -> Memory {
    let mut place = folder("external");
    let mut proto = decode("m", place.0["model.onnx"].clone()).unwrap();
    edit(&mut proto);
    place.0.insert("model.onnx".into(), encode(&proto));
    place
}

// Labels and preprocessing.

fn preprocessor(json: &str) -> ImportedModel {
    read(&with("external", &[("preprocessor_config.json", json)])).unwrap()
}

#[test]
fn hugging_face() {
    let vit = preprocessor(
        r#"{"image_processor_type": "ViTImageProcessor", "do_resize": true, "size": {"height": 8, "width": 8}, "resample": 3,
            "do_rescale": true, "rescale_factor": 0.00392156862745098, "do_normalize": true,
            "image_mean": [0.5, 0.4, 0.3], "image_std": [0.2, 0.3, 0.4]}"#,
    );
    let found = vit.preprocessing.value;
    assert_eq!(vit.preprocessing.from.to_string(), "preprocessor_config.json");
    assert_eq!(
        (found.fit, found.filter, found.antialias, found.range),
        (ResizeMode::Squash, Filter::Bicubic, true, [0.0, 1.0])
    );
    assert_eq!((found.mean, found.std), ([0.5, 0.4, 0.3], [0.2, 0.3, 0.4]));

    let crop = preprocessor(
        r#"{"do_center_crop": true, "crop_size": {"height": 8, "width": 8}, "size": {"shortest_edge": 10}, "resample": 2,
            "do_normalize": false, "do_flip_channel_order": true}"#,
    );
    let found = crop.preprocessing.value;
    assert_eq!((found.fit, found.resize_to, found.channels), (ResizeMode::CentreCrop, Some(10), ChannelOrder::Bgr));

    let convnext = preprocessor(
        r#"{"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 8}, "crop_pct": 0.875, "resample": 3,
            "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}"#,
    );
    assert_eq!(convnext.preprocessing.value.resize_to, Some(9));

    let raw = preprocessor(r#"{"size": 8, "do_rescale": false, "resample": 0}"#);
    assert_eq!(raw.preprocessing.value.range, [0.0, 255.0]);
    assert_eq!((raw.preprocessing.value.fit, raw.preprocessing.value.filter), (ResizeMode::Squash, Filter::Nearest));

    let offset =
        preprocessor(r#"{"size": 8, "resample": 2, "rescale_factor": 0.00784313725490196, "rescale_offset": true}"#);
    assert_eq!(offset.preprocessing.value.range, [-1.0, 1.0]);
}

#[test]
fn unsupported_hugging_face_configuration_is_reported() {
    let source = preprocessor(
        r#"{"image_processor_type": "DeiTImageProcessor", "size": {"height": 10, "width": 10}, "do_center_crop": true,
            "crop_size": {"height": 8, "width": 8}, "resample": 4, "image_mean": [0.5, 0.5, 0.5]}"#,
    );
    let notes = notes(&source);
    for part in
        ["squashes to 10 × 10 and then crops 8 × 8", "resample 4 (box or Hamming)", "both image_mean and image_std"]
    {
        assert!(notes.contains(part), "{notes}");
    }
    assert!(
        source.preprocessing.from.to_string().contains("; guess: fit and filter not stated"),
        "{}",
        source.preprocessing.from
    );
}

#[test]
fn another_size_is_reported() {
    let source = preprocessor(r#"{"size": 384, "resample": 2}"#);
    assert_eq!(source.preprocessing.value.width, 8);
    let notes = notes(&source);
    assert!(notes.contains("preprocessor_config.json says 384 × 384, the model takes 8 × 8"), "{notes}");
}

#[test]
fn lobe_and_timm() {
    let lobe = r#"{"classes": {"Label": ["x", "y", "z"]}, "inputs": {"Image": {"dtype": "float32", "shape": [null, 8, 8, 3]}}}"#;
    let mut place = with("external", &[("signature.json", lobe)]);
    place.0.remove("labels.txt");
    let source = read(&place).unwrap();
    assert_eq!(
        (source.labels_from.to_string().as_str(), source.preprocessing.from.to_string().as_str()),
        ("signature.json", "signature.json")
    );
    assert_eq!(source.preprocessing.value.filter, Filter::Bicubic);

    let timm = r#"{"label_names": ["p", "q", "r"], "pretrained_cfg": {"input_size": [3, 8, 8], "crop_pct": 0.8,
        "interpolation": "bicubic", "mean": [0.1, 0.2, 0.3], "std": [1, 1, 1]}}"#;
    let mut place = with("external", &[("config.json", timm)]);
    place.0.remove("labels.txt");
    let source = read(&place).unwrap();
    assert_eq!(source.heads[0].labels, ["p", "q", "r"]);
    assert_eq!((source.preprocessing.value.resize_to, source.preprocessing.value.mean), (Some(10), [0.1, 0.2, 0.3]));
}

#[test]
fn numbered_lines_next_to_an_nhwc_model_are_teachable_machine() {
    let mut place = edited(|proto| {
        // Without the normalisation inside.
        let graph = proto.graph.as_mut().unwrap();
        graph.node.remove(0);
        graph.node[0].input[0] = "input".into();
    });
    place.0.insert("labels.txt".into(), b"0 red\n1 green\n2 blue\n".to_vec());
    let source = read(&place).unwrap();
    assert_eq!(source.heads[0].labels, ["red", "green", "blue"]);
    let found = &source.preprocessing;
    assert_eq!(
        (found.value.fit, found.value.range, found.value.antialias),
        (ResizeMode::CentreCrop, [-1.0, 1.0], false)
    );
    assert!(found.from.to_string().starts_with("guess: labels as lines '0 name'"), "{}", found.from);
}

fn metadata(entries: &[(&str, &str)]) -> Memory {
    edited(|proto| {
        for (key, value) in entries {
            let (key, value) = (key.to_string(), value.to_string());
            proto.metadata_props.push(polyhead::onnx::pb::StringStringEntryProto { key, value });
        }
    })
}

#[test]
fn metadata_comes_before_files() {
    let place =
        metadata(&[("names", "{0: 'one', 1: \"it's\", 2: 'three'}"), ("Image.NominalPixelRange", "Normalized_1_1")]);
    let source = read(&place).unwrap();
    assert_eq!(source.labels_from.to_string(), "metadata 'names'");
    assert_eq!(source.heads[0].labels, ["one", "it's", "three"]);
    assert_eq!(source.preprocessing.value.range, [-1.0, 1.0]);
    let from = source.preprocessing.from.to_string();
    assert!(from.starts_with("metadata 'Image.NominalPixelRange' (range); guess: fit and filter not stated"), "{from}");
    let notes = notes(&source);
    assert!(notes.contains(r#"labels.txt says ["a", "b", "c"]"#), "{notes}");
}

#[test]
fn unreadable_names_are_reported() {
    let source = read(&metadata(&[("names", "<list of 3>")])).unwrap();
    assert_eq!(source.labels_from.to_string(), "labels.txt");
    let notes = notes(&source);
    assert!(notes.contains("metadata 'names'") && notes.contains("it is passed over"), "{notes}");
}

#[test]
fn input_of_another_type() {
    let place = edited(|proto| {
        use polyhead::onnx::pb::type_proto::Value;
        let input = &mut proto.graph.as_mut().unwrap().input[0];
        let Some(Value::TensorType(tensor)) = input.r#type.as_mut().unwrap().value.as_mut() else { panic!() };
        tensor.elem_type = 2;
    });
    let error = read(&place).unwrap_err().to_string();
    assert!(error.contains("expected an image as 32-bit floats, found 8-bit integers"), "{error}");
}

#[test]
fn ultralytics() {
    let place = metadata(&[("task", "classify"), ("imgsz", "[8, 8]"), ("names", "{0: 'a', 1: 'b', 2: 'c'}")]);
    let found = read(&place).unwrap().preprocessing;
    assert_eq!(found.from.to_string(), "metadata 'imgsz' (Ultralytics)");
    assert_eq!(
        (found.value.fit, found.value.resize_to, found.value.range),
        (ResizeMode::CentreCrop, Some(8), [0.0, 1.0])
    );
}

#[test]
fn configuration_of_other_tools_is_ignored() {
    let files = [("config.json", "{\"class_name\": 1}"), ("metadata.json", "not JSON"), ("signature.json", "[]")];
    assert_eq!(read(&with("external", &files)).unwrap().labels_from.to_string(), "labels.txt");
    assert_eq!(read(&with("external", &[("classes.json", "[1]")])).unwrap_err().code(), "sidecar");
}

#[test]
fn command_line_takes_folder_and_zip() {
    let place = tempfile::tempdir().unwrap();
    let packed = place.path().join("tm.zip");
    std::fs::File::create(&packed).unwrap().write_all(&zip("a/", &folder("tfjs"))).unwrap();
    let (code, text) = polyhead(&[
        "inspect",
        "--json",
        packed.to_str().unwrap(),
        path("liner").to_str().unwrap(),
        path("tfjs").to_str().unwrap(),
    ]);
    assert_eq!(code, 0, "{text}");
    let rows: serde_json::Value = serde_json::from_str(&text).unwrap();
    let model = &rows[0]["model"];
    assert_eq!((&model["name"], &model["facts"]["format"]), (&"tm".into(), &"tfjs-layers".into()));
    assert_eq!(model["labels_from"]["of"]["file"], "metadata.json");
    assert_eq!(rows[1]["model"]["name"], "liner");
    assert_eq!(rows[2]["model"]["multiply_adds"], model["multiply_adds"]);
    let (code, text) = polyhead(&["inspect", place.path().to_str().unwrap()]);
    assert_eq!(code, 2);
    assert!(text.contains("none of them a model"), "{text}");
}
