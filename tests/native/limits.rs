//! Each limit on input: one unit more is refused with an error that names the limit.

use crate::command;
use crate::exports::{zip, Memory};
use crate::tiny::{merged, read, Tiny};
use crate::PATIENCE;
use polyhead::classifier::Classifier;
use polyhead::error::{Error, ErrorKind};
use polyhead::import::{ImportedModel, Nothing, Overrides};
use polyhead::limits;
use polyhead::merge::MergeOptions;
use polyhead::onnx::pb::{AttributeProto, StringStringEntryProto, TensorProto};
use polyhead::onnx::{self, ModelProto};
use std::time::Instant;

/// A field of bytes as protobuf writes it.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![number << 3 | 2];
    prost::encode_length_delimiter(content.len(), &mut bytes).unwrap();
    bytes.extend_from_slice(content);
    bytes
}

fn tiny() -> ModelProto {
    onnx::decode("m", Tiny::new("m", &["a", "b"]).bytes()).unwrap()
}

fn edited(edit: impl FnOnce(&mut ModelProto)) -> Vec<u8> {
    let mut proto = tiny();
    edit(&mut proto);
    onnx::encode(&proto)
}

/// The unit in the refusal, the same for the file alone and when it is run as in the browser.
#[track_caller]
fn unit(bytes: &[u8]) -> &'static str {
    let unit = |error: Error| match error.into_kind() {
        ErrorKind::Limit { unit, limit, found, .. } => {
            assert!(found > limit);
            unit
        }
        other => panic!("expected a limit, found: {other}"),
    };
    let source = unit(read("m", bytes, Some(&["a", "b"])).map(drop).unwrap_err());
    assert_eq!(unit(Classifier::from_bytes("m", bytes.to_vec()).map(drop).unwrap_err()), source);
    source
}

#[test]
fn a_file_that_would_fill_the_memory_is_refused_before_it_is_decoded() {
    let start = Instant::now();
    // Nodes of two bytes each, which take a hundred times as much in memory.
    let nodes = field(7, &[10, 0].repeat(3_000_000));
    assert_eq!(unit(&nodes), "messages and texts");
    let entries = [114, 0].repeat(3_000_000);
    assert_eq!(unit(&entries), "messages and texts");
    assert!(start.elapsed() < PATIENCE);
    // prost would skip a group and decode the bytes after it.
    let hidden = [&[11, 12][..], &nodes].concat();
    assert_eq!(onnx::decode("m", hidden).unwrap_err().code(), "not-onnx");
}

#[test]
fn names_are_limited() {
    let long = "x".repeat(limits::NAME_BYTES as usize + 1);
    let graph = |proto: &mut ModelProto| proto.graph.take().unwrap();
    for place in 0..5 {
        let bytes = edited(|proto| {
            let mut g = graph(proto);
            match place {
                0 => g.node[0].name.clone_from(&long),
                1 => g.node[0].op_type.clone_from(&long),
                2 => g.node[0].output[0].clone_from(&long),
                3 => g.initializer[0].name.clone_from(&long),
                _ => g.node[0].attribute[0].name.clone_from(&long),
            }
            proto.graph = Some(g);
        });
        assert_eq!(unit(&bytes), "bytes of a name", "place {place}");
    }
}

#[test]
fn lists_of_numbers_are_limited_packed_or_not() {
    let many = limits::ATTRIBUTE as usize + 1;
    let with = |attribute: AttributeProto| edited(|p| p.graph.as_mut().unwrap().node[0].attribute.push(attribute));
    let ints = AttributeProto { name: "i".into(), ints: vec![300; many], ..Default::default() };
    let floats = AttributeProto { name: "f".into(), floats: vec![0.5; many], ..Default::default() };
    let strings = AttributeProto { name: "s".into(), strings: vec![Vec::new(); many], ..Default::default() };
    for attribute in [ints, floats, strings] {
        assert_eq!(unit(&with(attribute)), "numbers or texts in one attribute");
    }
    // One number per field, the unpacked encoding.
    let unpacked = [field(1, b"i"), [64, 1].repeat(many)].concat();
    let node = [field(4, b"Relu"), field(5, &unpacked)].concat();
    assert_eq!(unit(&field(7, &field(1, &node))), "numbers or texts in one attribute");
}

#[test]
fn axes_of_tensors_are_limited() {
    let dims = vec![1; limits::AXES as usize + 1];
    let tensor =
        TensorProto { name: "t".into(), dims, data_type: 1, raw_data: vec![0; 4].into(), ..Default::default() };
    assert_eq!(unit(&edited(|p| p.graph.as_mut().unwrap().initializer.push(tensor))), "axes of one tensor");
}

#[test]
fn tensors_are_slices_of_their_file() {
    let file = onnx::Bytes::from(Tiny::new("m", &["a", "b"]).bytes());
    let proto = onnx::decode("m", file.clone()).unwrap();
    let graph = onnx::to_graph("m", proto).unwrap();
    let weights = graph.values.iter().filter_map(|value| match &value.source {
        onnx::ValueKind::Initializer(tensor) if tensor.is_float() => Some(&tensor.bytes),
        _ => None,
    });
    let places: Vec<bool> = weights.map(|bytes| file.as_ptr_range().contains(&bytes.as_ptr())).collect();
    assert!(!places.is_empty() && places.into_iter().all(|inside| inside));
}

#[test]
fn tensors_have_their_stated_length_in_every_field() {
    let tiny = Tiny::new("m", &["a", "b"]);
    let mut proto = merged(&[&tiny, &Tiny::new("n", &["c"])], &MergeOptions::default()).unwrap().proto;
    proto.graph.as_mut().unwrap().initializer[0].raw_data.truncate(1);
    let bytes = onnx::encode(&proto);
    assert_eq!(Classifier::from_bytes("m", bytes.clone()).map(drop).unwrap_err().code(), "malformed-model");
    assert_eq!(read("m", &bytes, None).map(drop).unwrap_err().code(), "malformed-model");
}

/// A file next to a model, in memory.
fn beside(name: &str, bytes: &[u8]) -> Memory {
    Memory([(name.to_string(), bytes.to_vec())].into())
}

#[test]
fn texts_are_limited() {
    let long = vec![b' '; limits::TEXT_BYTES as usize + 1];
    let model = Tiny::new("m", &["a", "b"]).bytes();
    for name in ["labels.txt", "classes.json", "metadata.json", "config.json", "m.preprocess.json"] {
        let place = beside(name, &long);
        let error =
            ImportedModel::read("m.onnx", &model, &Overrides::default(), &place).map(drop).unwrap_err().to_string();
        let found = limits::TEXT_BYTES + 1;
        assert_eq!(
            error,
            format!("{name}: expected at most 16777216 bytes of text, found {found}; correct the file or leave it out")
        );
    }
    let value = String::from_utf8(long.clone()).unwrap();
    let entry = StringStringEntryProto { key: "polyhead.labels".into(), value };
    assert_eq!(unit(&edited(|p| p.metadata_props.push(entry))), "bytes of text");
    let topology = [b"{\"modelTopology\": {}}".to_vec(), long].concat();
    let error = ImportedModel::read("model.json", &topology, &Overrides::default(), &Nothing).map(drop).unwrap_err();
    assert_eq!(error.code(), "limit");
}

#[test]
fn texts_that_nest_deeply_are_errors() {
    let deep = "[".repeat(100_000);
    let model = Tiny::new("m", &["a", "b"]).bytes();
    for (name, code) in [("classes.json", "sidecar"), ("preprocess.json", "sidecar"), ("config.json", "labels")] {
        let place = beside(name, deep.as_bytes());
        let error = ImportedModel::read("m.onnx", &model, &Overrides::default(), &place).map(drop).unwrap_err();
        assert_eq!(error.code(), code, "{name}");
    }
    let project = zip("", &beside("project.json", deep.as_bytes()));
    let error = polyhead::project::Project::open(&project).map(drop).unwrap_err();
    assert_eq!(error.code(), "malformed-project");
    let tiny = Tiny::new("m", &["a", "b"]);
    let mut proto = merged(&[&tiny, &Tiny::new("n", &["c"])], &MergeOptions::default()).unwrap().proto;
    proto.metadata_props.iter_mut().filter(|p| p.key == "polyhead.rule").for_each(|p| p.value.clone_from(&deep));
    let error = Classifier::from_bytes("m", onnx::encode(&proto)).map(drop).unwrap_err();
    assert_eq!(error.code(), "metadata");
}

#[test]
fn labels_are_limited() {
    let many: Vec<String> = (0..=limits::LABELS).map(|i| format!("label {i}")).collect();
    let long = vec!["a".to_string(), "b".repeat(limits::NAME_BYTES as usize + 1)];
    for (labels, unit) in [(many, "labels"), (long, "bytes of a label")] {
        let place = beside("m.labels.txt", labels.join("\n").as_bytes());
        let model = Tiny::new("m", &["a", "b"]).bytes();
        let error =
            ImportedModel::read("m.onnx", &model, &Overrides::default(), &place).map(drop).unwrap_err().into_kind();
        assert!(matches!(error, ErrorKind::Limit { unit: found, .. } if found == unit), "{error}");
    }
}

#[test]
fn fifty_thousand_labels_are_merged() {
    use polyhead::labels::{DuplicateLabels, MergedLabels};
    let labels = |prefix: &str| (0..limits::LABELS).map(|i| format!("{prefix}{}", i / 2 * 2)).collect::<Vec<_>>();
    let start = Instant::now();
    let models = ["a", "b"].map(|head| MergedLabels::of_head(head, &labels("")));
    let joint = MergedLabels::join(&models, DuplicateLabels::Merge).unwrap();
    assert_eq!(joint.labels.len(), limits::LABELS as usize / 2);
    let apart = ["a", "b"].map(|head| MergedLabels::of_head(head, &labels(head)));
    let kept = MergedLabels::join(&apart, DuplicateLabels::Keep).unwrap();
    assert_eq!(kept.labels.len(), 2 * limits::LABELS as usize);
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[cfg(unix)]
#[test]
fn endless_device_is_read_up_to_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("m.onnx"), Tiny::new("m", &["a", "b"]).bytes()).unwrap();
    std::fs::write(folder.path().join("labels.txt"), "a\nb\n").unwrap();
    let (code, _, error) = command::run(folder.path(), "classify m.onnx /dev/zero");
    assert_eq!(code, 2);
    let expected = "error: /dev/zero: expected at most 67108864 bytes, found 67108865; save the image smaller\n";
    assert!(error.ends_with(expected), "{error}");
}

#[test]
#[ignore = "takes 1 GiB of memory"]
fn an_archive_that_unpacks_without_an_end_is_refused() {
    let files = Memory([("model.onnx".to_string(), vec![0; limits::MODEL_BYTES as usize + 1])].into());
    let bomb = zip("", &files);
    drop(files);
    assert!(bomb.len() < 2 << 20, "{} bytes", bomb.len());
    let error = ImportedModel::read("a.zip", &bomb, &Overrides::default(), &Nothing).map(drop).unwrap_err().to_string();
    let expected =
        "archive 'a.zip', unpacked: expected at most 1073741824 bytes, found 1073741825; give a smaller model";
    assert_eq!(error, expected);
}

/// Every limit is in the document with its number.
#[test]
fn the_security_document_has_every_limit() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/SECURITY.md")).unwrap();
    let source = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/src/limits.rs")).unwrap();
    let constants = source.lines().filter_map(|line| line.strip_prefix("pub const ")?.split_once(": u64 = "));
    let mut count = 0;
    for (name, value) in constants {
        let number = match value.trim_end_matches(';').split_once(" << ") {
            Some((factor, shift)) => factor.parse::<u64>().unwrap() << shift.parse::<u32>().unwrap(),
            None => value.trim_end_matches(';').replace('_', "").parse().unwrap(),
        };
        let shown = match number {
            n if n % (1 << 30) == 0 => format!("{} Gi", n >> 30),
            n if n % (1 << 20) == 0 => format!("{} Mi", n >> 20),
            n if n % (1 << 10) == 0 => format!("{} Ki", n >> 10),
            n => n
                .to_string()
                .as_bytes()
                .rchunks(3)
                .rev()
                .map(|d| std::str::from_utf8(d).unwrap())
                .collect::<Vec<_>>()
                .join(","),
        };
        let row = document.lines().find(|line| line.contains(&format!("`{name}`")));
        let row = row.unwrap_or_else(|| panic!("SECURITY.md lacks {name}"));
        assert!(row.contains(&format!("| {shown}")), "SECURITY.md, {name}: expected {shown}, found {row}");
        count += 1;
    }
    assert_eq!(count, 19);
}
