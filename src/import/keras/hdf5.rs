//! Reads groups, texts and weights of HDF5 files within limits.

use super::weights::Weight;
use super::Place;
use crate::error::Result;
use crate::limits;
use hdf5_reader::{error::Error, group::Group, Dataset, Datatype, Hdf5File, OpenOptions};

/// Opens the bytes of a file.
///
/// # Errors
/// `malformed-model` for bytes that are damaged.
pub(super) fn open(at: Place, bytes: &[u8]) -> Result<Hdf5File> {
    let most = usize::try_from(limits::MODEL_BYTES).unwrap_or(usize::MAX);
    let options = OpenOptions::default().with_max_read_bytes(most).with_max_chunk_bytes(most);
    Hdf5File::from_bytes_with_options(bytes, options).map_err(|error| damaged(at, &error))
}

/// The text of an attribute; `None` if it is missing.
pub(super) fn text(at: Place, group: &Group, name: &str) -> Result<Option<String>> {
    match group.attributes().map_err(|error| damaged(at, &error))?.iter().find(|a| a.name == name) {
        Some(attribute) => attribute.read_string().map(Some).map_err(|error| damaged(at, &error)),
        None => Ok(None),
    }
}

/// The texts of an attribute, which Keras splits into `name0`, `name1` … if it is long; empty if it is missing.
pub(super) fn texts(at: Place, group: &Group, name: &str) -> Result<Vec<String>> {
    let attributes = group.attributes().map_err(|error| damaged(at, &error))?;
    let one = |name: &str| -> Result<Option<Vec<String>>> {
        match attributes.iter().find(|attribute| attribute.name == name) {
            Some(attribute) if attribute.shape.contains(&0) => Ok(Some(Vec::new())),
            Some(attribute) => attribute.read_strings().map(Some).map_err(|error| damaged(at, &error)),
            None => Ok(None),
        }
    };
    if let Some(whole) = one(name)? {
        return Ok(whole);
    }
    let mut all = Vec::new();
    for part in 0.. {
        let Some(texts) = one(&format!("{name}{part}"))? else { break };
        all.extend(texts);
    }
    Ok(all)
}

/// The numbers of a dataset; `None` if it has no floating-point numbers.
///
/// # Errors
/// `limit` for too many; `malformed-model` if it is damaged.
pub(super) fn weight(at: Place, dataset: &Dataset) -> Result<Option<Weight>> {
    let dims = dataset.shape().iter().map(|&side| usize::try_from(side)).collect::<Result<Vec<usize>, _>>();
    let dims = dims.map_err(|error| at.malformed("a tensor that fits memory", error))?;
    let numbers = dims.iter().try_fold(1usize, |product, &side| product.checked_mul(side)).unwrap_or(usize::MAX);
    let subject = || format!("model '{}', weight '{}'", at.model, dataset.name());
    limits::ensure_at_most(
        subject,
        "bytes",
        limits::MODEL_BYTES,
        (numbers as u64).saturating_mul(4),
        "give a smaller model",
    )?;
    let size = match dataset.dtype() {
        Datatype::FloatingPoint { size, .. } => *size,
        _ => return Ok(None),
    };
    let bytes = dataset.read_native_bytes().map_err(|error| damaged(at, &error))?;
    let values: Vec<f32> = match size {
        2 => bytes.as_chunks().0.iter().map(|b| half::f16::from_ne_bytes(*b).to_f32()).collect(),
        4 => bytes.as_chunks().0.iter().map(|b| f32::from_ne_bytes(*b)).collect(),
        8 => bytes.as_chunks().0.iter().map(|b| f64::from_ne_bytes(*b) as f32).collect(),
        other => return Err(at.unsupported("floats of 2, 4 or 8 bytes", other, "save the model in 32 bits")),
    };
    match values.len() == numbers {
        true => Ok(Some(Weight { dims, values })),
        false => Err(at.malformed(format!("{numbers} numbers in '{}'", dataset.name()), values.len())),
    }
}

pub(super) fn damaged(at: Place, error: &Error) -> crate::Error {
    at.malformed("a complete HDF5 file", error)
}
