//! Reads the weights of a TensorFlow.js model from its manifest and shards.

use super::weights::{Weight, Weights};
use super::Place;
use crate::error::Result;
use crate::limits;
use serde::Deserialize;
use serde_json::Value;

/// The files of each group of tensors; each group stores its tensors without gaps, in order.
#[derive(Debug)]
pub struct Manifest {
    groups: Vec<Group>,
}

#[derive(Debug, Deserialize)]
struct Group {
    paths: Vec<String>,
    weights: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
struct Entry {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<Quantization>,
}

/// A quantisation: value = stored · scale + min.
#[derive(Debug, Deserialize)]
struct Quantization {
    dtype: String,
    #[serde(default = "one")]
    scale: f64,
    #[serde(default)]
    min: f64,
}

fn one() -> f64 {
    1.0
}

impl Manifest {
    pub(super) fn parse(model: &str, value: Option<&Value>) -> Result<Manifest> {
        let at = Place { model, layer: "" };
        let value = value.ok_or_else(|| at.malformed("a weightsManifest", "none"))?;
        let groups = Vec::<Group>::deserialize(value).map_err(|e| at.malformed("a weightsManifest", e))?;
        Ok(Manifest { groups })
    }

    /// The weight files, relative to `model.json`.
    pub fn files(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|g| g.paths.iter().map(String::as_str))
    }

    /// Splits the files into tensors.
    pub(super) fn load(&self, model: &str, files: &[Vec<u8>]) -> Result<Weights> {
        let at = Place { model, layer: "" };
        let mut files = files.iter();
        let mut weights = Weights::default();
        for group in &self.groups {
            let parts: Vec<&[u8]> = files.by_ref().take(group.paths.len()).map(Vec::as_slice).collect();
            let bytes = parts.concat();
            let mut rest = bytes.as_slice();
            for entry in &group.weights {
                let length = entry.bytes(at)?;
                let Some((own, behind)) = rest.split_at_checked(length) else {
                    let found = format!("{} bytes left for '{}'", rest.len(), entry.name);
                    return Err(at.malformed(format!("{length} bytes"), found));
                };
                rest = behind;
                // Supported layers have no weights of integer and other types.
                if entry.dtype == "float32" {
                    let weight = Weight { dims: entry.shape.clone(), values: entry.decode(own) };
                    weights.insert(at, &entry.name, weight)?;
                }
            }
            if !rest.is_empty() {
                let found = format!("{} bytes behind the last weight in {}", rest.len(), group.paths.join(", "));
                return Err(at.malformed("files as long as their weights", found));
            }
        }
        Ok(weights)
    }
}

impl Entry {
    fn stored(&self) -> &str {
        self.quantization.as_ref().map_or(&self.dtype, |q| &q.dtype)
    }

    fn bytes(&self, at: Place) -> Result<usize> {
        let width = match self.stored() {
            "float32" | "int32" => 4,
            "float16" | "uint16" => 2,
            "uint8" | "bool" => 1,
            other => {
                let found = format!("{other} in '{}'", self.name);
                let expected = "float32, float16, uint16 or uint8 weights";
                return Err(at.unsupported(expected, found, "export it with float32"));
            }
        };
        let length = self.shape.iter().try_fold(width, |n: usize, &d| n.checked_mul(d));
        let length = length.unwrap_or(usize::MAX);
        let subject = || format!("model '{}', weight '{}'", at.model, self.name);
        limits::ensure_at_most(subject, "bytes", limits::MODEL_BYTES, length as u64, "give a smaller model")?;
        Ok(length)
    }

    fn decode(&self, bytes: &[u8]) -> Vec<f32> {
        let (scale, min) = self.quantization.as_ref().map_or((1.0, 0.0), |q| (q.scale, q.min));
        // JavaScript computes in double precision and rounds when it stores the number.
        let widen = |stored: u16| (f64::from(stored) * scale + min) as f32;
        let pairs = bytes.chunks_exact(2).map(|b| [b[0], b[1]]);
        match self.stored() {
            "float16" => pairs.map(|b| half::f16::from_le_bytes(b).to_f32()).collect(),
            "uint16" => pairs.map(|b| widen(u16::from_le_bytes(b))).collect(),
            "uint8" | "bool" => bytes.iter().map(|&b| widen(b.into())).collect(),
            _ => bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect(),
        }
    }
}
