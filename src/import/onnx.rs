//! Imports ONNX files, including merged ones.

use super::importer::{origin, Decoded, FileInfo, Format, Importer, ModelFile};
use super::{external_data, sidecars, ImportedModel, Overrides};
use crate::error::Result;
use crate::metadata::{self, Metadata};
use crate::onnx::{self, sniff, Bytes, ModelProto, Weights};
use crate::rule::{self, Parameters};
use sha2::{Digest, Sha256};

pub(super) struct OnnxFormat;

impl Importer for OnnxFormat {
    fn is_named(&self, file: &str) -> bool {
        let extension = file.rsplit_once('.').map(|(_, extension)| extension.to_lowercase());
        extension.as_deref() == Some("onnx")
    }

    /// ONNX has no magic bytes: every file of no other known format is tried.
    fn sniff(&self, file: &ModelFile) -> bool {
        sniff::other(file.file, file.bytes).is_none()
    }

    fn read(&self, file: &ModelFile) -> Result<Decoded> {
        let name = file.name;
        let mut proto = onnx::decode(name, Bytes::copy_from_slice(file.bytes))?;
        let mut digest = Sha256::new_with_prefix(file.bytes);
        let weights = external_data::resolve(name, &mut proto, file.beside, &mut digest)?;
        decoded(name, proto, file.bytes.len() as u64 + weights, digest)
    }
}

/// The properties of a file of this size and digest.
fn decoded(name: &str, proto: ModelProto, bytes: u64, digest: Sha256) -> Result<Decoded> {
    let merged = Metadata::read(name, &proto)?;
    let get = |key: &str| proto.metadata_props.iter().find(|p| p.key == key).map(|p| p.value.clone());
    let found = sidecars::in_metadata(&get);
    let other_metadata = metadata::other_metadata(&proto);
    let producer = proto.producer_name.clone();
    let graph = onnx::to_graph(name, proto)?;
    let opset = graph.opsets.get("").copied().unwrap_or(0);
    let facts = FileInfo { weights: Weights::of(&graph), ..FileInfo::new(Format::Onnx, producer, opset, bytes) };
    let parameters = if merged.is_some() { rule::parameters(&graph) } else { Parameters::new() };
    Ok(Decoded { graph, merged, parameters, found, other_metadata, origin: origin(name, digest), facts })
}

impl ImportedModel {
    /// Imports a merged model that was just encoded as `bytes`, without decoding them.
    ///
    /// # Errors
    /// Those of [`ImportedModel::read`].
    pub(crate) fn of_merged(name: &str, proto: ModelProto, bytes: &[u8]) -> Result<ImportedModel> {
        let decoded = decoded(name, proto, bytes.len() as u64, Sha256::new_with_prefix(bytes))?;
        ImportedModel::build(name.to_string(), decoded, &Overrides::default())
    }
}
