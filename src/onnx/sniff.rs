//! Detects other model formats and names their conversion.

use super::size_scan::next_field;

/// The detected format of bytes that are not ONNX, and the remedy; `file` is the file name for the conversion command.
pub fn other(file: &str, bytes: &[u8]) -> Option<(String, String)> {
    let starts = |magic: &[u8]| bytes.starts_with(magic);
    let own = "give the .onnx file";
    let fixed = match bytes {
        [] => ("an empty file", EXPORT),
        _ if starts(b"\x1f\x8b") => ("a gzip archive", "unpack it and give the .onnx file inside"),
        _ if starts(b"PK\x03\x04") => ("a zip archive", "unpack it and give the .onnx file inside"),
        _ if starts(b"\x00asm") => ("a WebAssembly module", own),
        _ if starts(b"\x89PNG") || starts(b"\xff\xd8\xff") => ("an image", own),
        _ if starts(b"version https://git-lfs") => ("a Git LFS pointer", "fetch the file with git lfs pull"),
        _ if starts(b"\x89HDF") => ("an HDF5 file", "merge it, alone or with others, into an ONNX file"),
        _ if bytes.get(4..8) == Some(b"TFL3") => {
            ("a TensorFlow Lite file", "merge it, alone or with others, into an ONNX file")
        }
        // Pickle protocols 2 to 5, the format of torch files before zip archives.
        [0x80, 2..=5, ..] => return Some(("a PyTorch or Python pickle".into(), torch(file))),
        _ if is_safetensors(bytes) => return Some(("safetensors, weights without a graph".into(), torch(file))),
        _ if matches!(bytes[0], b'{' | b'[' | b'<') => ("a text file", EXPORT),
        _ => return other_protobuf(file, bytes),
    };
    Some((fixed.0.into(), fixed.1.into()))
}

/// The format of a zip archive that is not an export, by its files: torch saves as zip.
pub fn other_package(file: &str, names: &[String]) -> Option<(String, String)> {
    let has = |end: &str| names.iter().any(|n| n == end || n.ends_with(&format!("/{end}")));
    if has("model.weights.h5") {
        return Some(("an unpacked Keras 3 file".into(), "give the .keras file itself".into()));
    }
    (has("data.pkl") || has("constants.pkl")).then(|| ("a PyTorch file".into(), torch(file)))
}

/// The format of an export without ONNX, by the names of its files.
pub fn other_files(export: &str, names: &[String]) -> Option<(String, String)> {
    let named = |wanted: &str| names.iter().find(|n| n.rsplit('/').next() == Some(wanted));
    let ending = |endings: &[&str]| names.iter().find(|n| endings.iter().any(|e| n.to_lowercase().ends_with(e)));
    if let Some(path) = named("saved_model.pb") {
        let folder = path.rfind('/').map_or(export.to_string(), |end| format!("{export}/{}", &path[..end]));
        return Some(("a TensorFlow SavedModel".into(), tf2onnx("saved-model", &folder, "")));
    }
    type Remedy<'a> = &'a dyn Fn(&str) -> String;
    let kinds: [(&[&str], &str, Remedy); 3] = [
        (&[".pt", ".pth"], "a PyTorch file", &torch),
        (&[".safetensors"], "safetensors, weights without a graph", &torch),
        (&[".mlmodel"], "a Core ML model", &|_| CORE_ML.into()),
    ];
    kinds.iter().find_map(|(endings, what, remedy)| Some((what.to_string(), remedy(ending(endings)?))))
}

pub(super) const EXPORT: &str = "export the model as ONNX";
const CORE_ML: &str =
    "export the model it was made from as ONNX (torch.onnx.export or python -m tf2onnx.convert); Core ML has no way back";

/// The tf2onnx command for a file or folder.
fn tf2onnx(kind: &str, file: &str, ending: &str) -> String {
    let (input, output) = names(file, ending);
    format!("convert it: python -m tf2onnx.convert --{kind} {input} --output {output} --opset 17")
}

fn torch(file: &str) -> String {
    let (_, output) = names(file, ".pt");
    format!(
        "load it in the Python that made it and export it: torch.onnx.export(model.eval(), torch.zeros(1, 3, 224, 224), \
         \"{}\")",
        output.trim_matches('\'')
    )
}

/// The file's name, with the format's extension if it has none, and the ONNX file's name; quoted for a shell.
fn names(file: &str, ending: &str) -> (String, String) {
    let last = file.rsplit(['/', '\\']).next().unwrap_or(file);
    let (stem, input) = match last.rfind('.') {
        Some(dot) if dot > 0 => (&last[..dot], file.to_string()),
        _ => (last, format!("{file}{ending}")),
    };
    (quoted(&input), quoted(&format!("{stem}.onnx")))
}

fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./+=@".contains(c);
    match !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        true => text.to_string(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

/// Whether the bytes are an 8-byte length, then a JSON header of that length.
fn is_safetensors(bytes: &[u8]) -> bool {
    let Some((length, rest)) = bytes.split_first_chunk::<8>() else { return false };
    let length = u64::from_le_bytes(*length);
    rest.first() == Some(&b'{') && length >= 2 && length <= rest.len() as u64
}

/// Detects other tools' protocol buffers by their top-level fields.
fn other_protobuf(file: &str, bytes: &[u8]) -> Option<(String, String)> {
    let fields = top_fields(bytes)?;
    let numbers = |range: std::ops::RangeInclusive<u64>| fields.iter().any(|f| range.contains(f));
    // Core ML: specificationVersion = 1, description = 2, then one kind of model from 200 on.
    if fields.first() == Some(&1) && numbers(200..=4000) {
        return Some(("a Core ML model".into(), CORE_ML.into()));
    }
    // SavedModel: saved_model_schema_version = 1, meta_graphs = 2. An ONNX file has its graph in field 7.
    if file.ends_with(".pb") && fields.iter().all(|f| [1, 2].contains(f)) && bytes[0] == 0x08 {
        return Some((
            "a TensorFlow SavedModel".into(),
            "convert it, inside its folder: python -m tf2onnx.convert --saved-model . --output model.onnx --opset 17"
                .into(),
        ));
    }
    // GraphDef: node = 1 as messages, where ONNX has its version as a number.
    if bytes[0] == 0x0a && fields.iter().all(|f| (1..=5).contains(f)) {
        let (input, output) = names(file, ".pb");
        let found = "a frozen TensorFlow graph".to_string();
        return Some((found, format!(
            "convert it: python -m tf2onnx.convert --graphdef {input} --inputs INPUT:0 --outputs OUTPUT:0 --output {output} \
             --opset 17"
        )));
    }
    None
}

/// The numbers of the first top-level fields of a protocol buffer; `None` for other bytes.
fn top_fields(bytes: &[u8]) -> Option<Vec<u64>> {
    const ENOUGH: usize = 64;
    let (mut rest, mut fields) = (bytes, Vec::new());
    while !rest.is_empty() && fields.len() < ENOUGH {
        fields.push(next_field(&mut rest)?.0 >> 3);
    }
    Some(fields)
}
