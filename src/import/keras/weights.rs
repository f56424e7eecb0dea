//! The weights of a model by layer and part.

use super::Place;
use crate::error::Result;
use crate::limits;
use std::collections::HashMap;

/// A tensor of 32-bit floats, row-major.
#[derive(Debug)]
pub(super) struct Weight {
    pub dims: Vec<usize>,
    pub values: Vec<f32>,
}

/// All tensors, found by the ends of their names.
#[derive(Debug, Default)]
pub(super) struct Weights {
    /// The full names, without the `:0` of TensorFlow.
    names: Vec<String>,
    weights: Vec<Weight>,
    /// The tensors by the last two parts of their names, such as `dense/kernel`.
    by_end: HashMap<String, Vec<usize>>,
    /// The bytes of all tensors.
    bytes: u64,
}

impl Weights {
    /// Adds a tensor.
    ///
    /// # Errors
    /// `malformed-model` for a second one of the name; `limit` for too many bytes in all: names may stand for one tensor.
    pub(super) fn insert(&mut self, at: Place, name: &str, weight: Weight) -> Result<()> {
        let name = name.strip_suffix(":0").unwrap_or(name);
        let of_end = self.by_end.entry(end(name).to_string()).or_default();
        if of_end.iter().any(|&other| self.names[other] == name) {
            return Err(at.malformed("one weight of a name", format!("'{name}' twice")));
        }
        of_end.push(self.names.len());
        self.bytes += 4 * weight.values.len() as u64;
        let subject = || format!("model '{}', weights", at.model);
        limits::ensure_at_most(subject, "bytes", limits::MODEL_BYTES, self.bytes, "give a smaller model")?;
        self.names.push(name.to_string());
        self.weights.push(weight);
        Ok(())
    }

    /// The weight of a layer: `layer/kernel`, with any scopes that a converter put before it, or without those of the models
    /// around the layer.
    pub(super) fn get(&self, at: Place, part: &str) -> Result<&Weight> {
        // Keras 3 calls a depthwise kernel a kernel.
        let alias = part.strip_prefix("depthwise_");
        let found = self.find(at, part)?.or(alias.map(|alias| self.find(at, alias)).transpose()?.flatten());
        found.ok_or_else(|| at.malformed(format!("its weight '{part}' in the file"), "none"))
    }

    fn find(&self, at: Place, part: &str) -> Result<Option<&Weight>> {
        let whole = format!("{}/{part}", at.layer);
        let Some(same_end) = self.by_end.get(end(&whole)) else { return Ok(None) };
        let outer = at.layer.split('/').next().unwrap_or_default();
        let mut path = whole.as_str();
        loop {
            let suffix = format!("/{path}");
            let ends = |&&other: &&usize| self.names[other] == path || self.names[other].ends_with(&suffix);
            let found: Vec<usize> = same_end.iter().filter(ends).copied().collect();
            let exact = found.iter().find(|&&other| self.names[other] == path);
            let within: Vec<usize> =
                found.iter().filter(|&&other| self.names[other].split('/').next() == Some(outer)).copied().collect();
            match (exact, found.as_slice(), within.as_slice()) {
                (Some(&only), _, _) | (None, &[only], _) | (None, _, &[only]) => return Ok(Some(&self.weights[only])),
                (None, [_, ..], _) => return Err(at.malformed(format!("one weight '{part}'"), "several")),
                (None, [], _) => {}
            }
            match path.split_once('/') {
                Some((_, rest)) if rest.contains('/') => path = rest,
                _ => return Ok(None),
            }
        }
    }

    /// A weight that is a vector of this width.
    pub(super) fn of_width(&self, at: Place, part: &str, width: usize) -> Result<&Vec<f32>> {
        let ([found], weight) = self.of_rank::<1>(at, part)?;
        match found == width {
            true => Ok(&weight.values),
            false => Err(at.malformed(format!("{width} numbers in '{part}'"), found)),
        }
    }

    /// A weight of this rank.
    pub(super) fn of_rank<const N: usize>(&self, at: Place, part: &str) -> Result<([usize; N], &Weight)> {
        let weight = self.get(at, part)?;
        match <[usize; N]>::try_from(weight.dims.as_slice()) {
            Ok(dims) if dims.iter().all(|&d| d > 0) => Ok((dims, weight)),
            _ => Err(at.malformed(format!("'{part}' with {N} dimensions"), format!("{:?}", weight.dims))),
        }
    }
}

/// The last two parts of a name.
fn end(name: &str) -> &str {
    name.rmatch_indices('/').nth(1).map_or(name, |(at, _)| &name[at + 1..])
}
