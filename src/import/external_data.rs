//! Reads external weight files into the model.

use super::file_tree::{is_plain_path, FileTree};
use crate::error::{ErrorKind, Result};
use crate::limits;
use crate::onnx::pb::TensorProto;
use crate::onnx::{width, Bytes, DataType, ModelProto};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// `DataLocation.EXTERNAL` of the ONNX standard.
const EXTERNAL: i32 = 1;

/// Loads every tensor stored in another file, adds those files to the digest, and returns their total size in bytes.
///
/// # Errors
/// `external-data` with the tensor if the path leads out of the model's folder, the file is missing, or offset and
/// length do not fit the file and the tensor's dimensions; `limit` if the files together are too large; those of
/// [`FileTree::data`].
pub(super) fn resolve(model: &str, proto: &mut ModelProto, beside: &dyn FileTree, digest: &mut Sha256) -> Result<u64> {
    let Some(graph) = &mut proto.graph else { return Ok(0) };
    let functions = proto.functions.iter_mut().flat_map(|f| &mut f.node);
    let nodes = graph.node.iter_mut().chain(functions);
    let attributes = nodes.flat_map(|n| &mut n.attribute).filter_map(|a| a.t.as_mut());
    let mut files = Files { model, beside, read: BTreeMap::new(), bytes: 0 };
    let mut filled = 0;
    for tensor in graph.initializer.iter_mut().chain(attributes) {
        if tensor.data_location == Some(EXTERNAL) {
            let bytes = files.part(tensor)?;
            filled += bytes.len() as u64;
            small(model, filled)?;
            tensor.raw_data = bytes;
            tensor.data_location = None;
            tensor.external_data.clear();
        }
    }
    // Sorted by name, so that the digest does not depend on the order of the tensors.
    files.read.values().for_each(|bytes| digest.update(bytes));
    Ok(files.bytes)
}

/// The files read so far.
struct Files<'a> {
    model: &'a str,
    beside: &'a dyn FileTree,
    read: BTreeMap<String, Bytes>,
    /// The total size of all of them.
    bytes: u64,
}

impl Files<'_> {
    /// The bytes of one tensor.
    fn part(&mut self, tensor: &TensorProto) -> Result<Bytes> {
        let bad = |expected: String, found: String| -> crate::Error {
            let (model, tensor) = (self.model.to_string(), tensor.name.clone());
            ErrorKind::ExternalData { model, tensor, expected, found }.into()
        };
        if !tensor.raw_data.is_empty() {
            return Err(bad("its bytes in one place".into(), "them in the model too".into()));
        }
        let setting = |key: &str| tensor.external_data.iter().find(|e| e.key == key).map(|e| e.value.as_str());
        let location = setting("location").unwrap_or_default();
        if !is_plain_path(location) {
            let expected = "a location inside the model's folder".to_string();
            return Err(bad(expected, format!("'{}'", location.escape_debug())));
        }
        let number = |key: &str| match setting(key) {
            None => Ok(None),
            Some(text) => {
                text.parse::<usize>().map(Some).map_err(|_| bad(format!("a number as {key}"), format!("'{text}'")))
            }
        };
        let (offset, length) = (number("offset")?.unwrap_or(0), number("length")?);
        let dtype = DataType::try_from(tensor.data_type).ok().and_then(width);
        let size = tensor.dims.iter().try_fold(dtype.unwrap_or(0), |n, &d| n.checked_mul(usize::try_from(d).ok()?));
        let Some(size) = size.filter(|_| dtype.is_some()) else {
            let found = format!("type {} and dimensions {:?}", tensor.data_type, tensor.dims);
            return Err(bad("numbers that memory can hold".into(), found));
        };
        if let Some(length) = length.filter(|&l| l != size) {
            return Err(bad(format!("{size} bytes for dimensions {:?}", tensor.dims), format!("{length}")));
        }
        if !self.read.contains_key(location) {
            let bytes = self.beside.data(location)?;
            let missing = || bad(format!("the file '{location}' beside the model"), "none".into());
            let bytes = bytes.ok_or_else(missing)?;
            self.bytes += bytes.len() as u64;
            small(self.model, self.bytes)?;
            self.read.insert(location.to_string(), bytes.into());
        }
        let file = self.read.get(location).cloned().unwrap_or_default();
        let part = offset.checked_add(size).filter(|&end| end <= file.len()).map(|end| file.slice(offset..end));
        let outside = || bad(format!("{size} bytes from {offset} on in '{location}'"), format!("{} bytes", file.len()));
        part.ok_or_else(outside)
    }
}

fn small(model: &str, bytes: u64) -> Result<()> {
    let subject = || format!("model '{model}', external data");
    limits::ensure_at_most(subject, "bytes", limits::MODEL_BYTES, bytes, "give a smaller model")
}
