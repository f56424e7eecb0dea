//! The model section of a WebAssembly module: written, replaced, read back, refused.

use super::command::{run, succeeds};
use super::tiny::{merged, Tiny};
use polyhead::embed::{embed, embedded, SECTION};
use polyhead::merge::MergeOptions;
use proptest::prelude::*;

/// A module with a type, a function, an export and its code, and a custom section in the middle.
fn module() -> Vec<u8> {
    use wasm_encoder::*;
    let mut types = TypeSection::new();
    types.ty().function([], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("answer", ExportKind::Func, 0);
    let mut code = CodeSection::new();
    let mut body = Function::new([]);
    body.instructions().i32_const(42).end();
    code.function(&body);

    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports);
    module.section(&CustomSection { name: "producers".into(), data: (&b"kept"[..]).into() });
    module.section(&code);
    module.finish()
}

/// `module` with a custom section at its end.
fn with_section(mut module: Vec<u8>, name: &str, data: &[u8]) -> Vec<u8> {
    use wasm_encoder::{CustomSection, Encode, Section};
    let section = CustomSection { name: name.into(), data: data.into() };
    module.push(section.id());
    section.encode(&mut module);
    module
}

#[test]
fn model_is_read_back_and_the_rest_is_unchanged() {
    let bare = module();
    assert_eq!(embedded(&bare).unwrap(), None);
    let full = embed(&bare, b"a model").unwrap();
    assert_eq!(embedded(&full).unwrap(), Some(&b"a model"[..]));
    assert_eq!(full, with_section(bare, SECTION, b"a model"));
}

#[test]
fn empty_model_is_a_model() {
    assert_eq!(embedded(&embed(&module(), b"").unwrap()).unwrap(), Some(&b""[..]));
}

#[test]
fn second_model_replaces_the_first() {
    let once = embed(&module(), b"first, and longer").unwrap();
    assert_eq!(embed(&once, b"second").unwrap(), embed(&module(), b"second").unwrap());
}

#[test]
fn sections_anywhere_are_replaced_by_one_at_the_end() {
    let scattered = with_section(module(), SECTION, b"one");
    let scattered = with_section(scattered, "name", b"kept too");
    let scattered = with_section(scattered, SECTION, b"two");
    let expected = with_section(with_section(module(), "name", b"kept too"), SECTION, b"new");
    assert_eq!(embed(&scattered, b"new").unwrap(), expected);
}

#[test]
fn long_length_encoding_of_the_old_section_goes_with_it() {
    // Linkers pad the length to five bytes, to fill it in later.
    let mut padded = module();
    let mut content = vec![SECTION.len() as u8];
    content.extend_from_slice(SECTION.as_bytes());
    content.extend_from_slice(b"old");
    padded.extend_from_slice(&[0, content.len() as u8 | 0x80, 0x80, 0x80, 0x80, 0x00]);
    padded.extend_from_slice(&content);
    assert_eq!(embed(&padded, b"new").unwrap(), embed(&module(), b"new").unwrap());
}

#[test]
fn result_is_a_valid_module() {
    let full = embed(&module(), b"a model").unwrap();
    assert!(matches!(
        wasmparser::Parser::new(0).parse_all(&full).last(),
        Some(Ok(wasmparser::Payload::End(end))) if end == full.len() as u64
    ));
}

#[test]
fn error_not_a_module() {
    let cases: [(&[u8], &str); 4] = [
        (b"", "wasm module: expected a WebAssembly core module, found an empty file; build the module again"),
        (
            b"\x08\x07\x12\x07pytorch",
            "wasm module: expected a WebAssembly core module, found a file starting with [08, 07, 12, 07]; give the \
             .wasm file first and the model second",
        ),
        (
            b"\0asm\x0d\0\x01\0",
            "wasm module: expected a WebAssembly core module, found a component; give the core module that \
             wasm-bindgen writes (NAME_bg.wasm)",
        ),
        (
            b"\0asm\x02\0\0\0",
            "wasm module: expected a WebAssembly core module, found version bytes [02, 00, 00, 00]; build the module \
             for WebAssembly 1",
        ),
    ];
    for (bytes, text) in cases {
        let error = embed(bytes, b"a model").unwrap_err();
        assert_eq!((error.code(), error.to_string().as_str()), ("not-wasm", text));
        assert_eq!(embedded(bytes).unwrap_err().code(), "not-wasm");
    }
}

#[test]
fn error_truncated_module() {
    let whole = module();
    let error = embed(&whole[..whole.len() - 3], b"a model").unwrap_err();
    assert_eq!(error.code(), "malformed-wasm");
    assert!(error.to_string().starts_with("wasm module, byte "), "{error}");
    assert!(error.to_string().ends_with("; build or copy it again"), "{error}");
}

proptest! {
    #[test]
    fn no_bytes_cause_a_panic(tail in prop::collection::vec(any::<u8>(), 0..64)) {
        let mut bytes = module();
        bytes.extend_from_slice(&tail);
        if let Ok(full) = embed(&bytes, b"model") {
            prop_assert_eq!(embedded(&full).unwrap(), Some(&b"model"[..]));
        }
    }

    #[test]
    fn any_model_survives(model in prop::collection::vec(any::<u8>(), 0..1000)) {
        let full = embed(&module(), &model).unwrap();
        prop_assert_eq!(embedded(&full).unwrap(), Some(model.as_slice()));
    }
}

#[test]
fn builds_next_to_a_module_get_the_model_too() {
    let folder = tempfile::tempdir().unwrap();
    let (at, write) = (
        |name: &str| folder.path().join(name),
        |name: &str, bytes: &[u8]| {
            std::fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
            std::fs::write(folder.path().join(name), bytes).unwrap();
        },
    );
    let (pets, clothes) = (Tiny::new("pets", &["cat", "dog"]), Tiny::new("clothes", &["shirt", "shoe"]));
    let model = polyhead::onnx::encode(&merged(&[&pets, &clothes], &MergeOptions::default()).unwrap().proto);
    write("both.onnx", &model);
    for name in ["a/x_bg.wasm", "a/x_relaxed_bg.wasm", "a/x_threads_bg.wasm", "a/y_bg.wasm"] {
        write(name, &module());
    }
    succeeds(&folder, "embed a/x_bg.wasm both.onnx -o b/x_bg.wasm");
    for name in ["b/x_bg.wasm", "b/x_relaxed_bg.wasm", "b/x_threads_bg.wasm"] {
        assert!(std::fs::read(at(name)).unwrap() == embed(&module(), &model).unwrap(), "{name}");
    }
    assert!(!at("b/y_bg.wasm").exists());
    // A module of another name is not one of the builds, and files are replaced on request only.
    succeeds(&folder, "embed a/x_bg.wasm both.onnx -o c/own.wasm");
    assert_eq!(std::fs::read_dir(at("c")).unwrap().count(), 1);
    write("d/x_threads_bg.wasm", b"kept");
    let (code, _, errors) = run(&folder, "embed a/x_bg.wasm both.onnx -o d/x_bg.wasm");
    assert_eq!((code, errors.contains("x_threads_bg.wasm")), (2, true), "{errors}");
    assert!(!at("d/x_bg.wasm").exists());
    // Nor does an existing build keep another model.
    write("e/x_bg.wasm", &module());
    write("f/x_relaxed_bg.wasm", &embed(&module(), b"another").unwrap());
    succeeds(&folder, "embed e/x_bg.wasm both.onnx --force -o f/x_bg.wasm");
    assert!(std::fs::read(at("f/x_relaxed_bg.wasm")).unwrap() == embed(&module(), &model).unwrap());
}
