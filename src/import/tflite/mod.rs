//! Imports TensorFlow Lite models: floats, half floats, and integers, which are computed as floats.

mod file;
mod graph;
mod input_range;
mod operators;
mod tensors;

use super::importer::{Decoded, Format, Importer, ModelFile};
use super::provenance::{Provenance, WithProvenance};
use crate::error::Result;
use crate::onnx::Weights;
use sha2::{Digest, Sha256};

pub(super) struct TfliteFormat;

impl Importer for TfliteFormat {
    fn is_named(&self, file: &str) -> bool {
        file.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("tflite"))
    }

    fn sniff(&self, file: &ModelFile) -> bool {
        file.bytes.get(4..8) == Some(b"TFL3")
    }

    fn read(&self, file: &ModelFile) -> Result<Decoded> {
        let model = file::open(file.name, file.bytes)?;
        let (graph, range) = graph::convert(file.name, &model)?;
        let producer = match model.description() {
            Some(description) if !description.is_empty() => format!("TensorFlow Lite, {description}"),
            _ => "TensorFlow Lite".to_string(),
        };
        let bytes = file.bytes.len() as u64;
        let mut decoded = Decoded::of_layers(
            file.name,
            graph,
            (Format::Tflite, producer, bytes),
            Sha256::new_with_prefix(file.bytes),
        );
        decoded.facts.weights = Weights::of(&decoded.graph);
        decoded.found.preprocessing.extend(range.map(|value| {
            let from = Provenance::metadata("quantization of the input");
            WithProvenance { value, from }
        }));
        Ok(decoded)
    }
}
