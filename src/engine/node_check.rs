//! Reads a node's attributes and words the error if one is invalid.

use super::op_requirements::{least_rank, may_be_empty, required};
use super::rank_inference::{attribute, KnownShape};
use crate::error::Result;
use crate::limits;
use crate::onnx::malformed;
use crate::onnx::pb::NodeProto;
use std::ops::RangeInclusive;

pub(super) const NUMBERS: f64 = limits::NUMBERS as f64;

/// A node of a model, for messages.
pub(super) struct At<'a> {
    pub model: &'a str,
    pub node: &'a NodeProto,
}

impl At<'_> {
    /// A whole-number attribute; nothing where it is left out.
    pub fn int(&self, name: &str) -> Vec<f64> {
        attribute(self.node, name).map(|a| a.i as f64).into_iter().collect()
    }

    pub fn ints(&self, name: &str) -> Vec<f64> {
        attribute(self.node, name).map(|a| a.ints.iter().map(|&v| v as f64).collect()).unwrap_or_default()
    }

    pub fn within(&self, name: &str, values: &[f64], range: RangeInclusive<f64>) -> Result<()> {
        match values.iter().find(|v| !range.contains(v)) {
            None => Ok(()),
            Some(found) => {
                let expected = format!("{name} from {} to {}", range.start(), range.end());
                Err(self.bad(&expected, &found.to_string()))
            }
        }
    }

    pub fn length(&self, name: &str, found: usize, expected: usize) -> Result<()> {
        match found == expected {
            true => Ok(()),
            false => Err(self.bad(&format!("{expected} numbers in {name}"), &found.to_string())),
        }
    }

    /// That it has the inputs it cannot do without, and an output.
    pub fn connected(&self) -> Result<()> {
        let (wanted, node) = (required(&self.node.op_type), self.node);
        let named = node.input.iter().take(wanted).filter(|name| !name.is_empty()).count();
        match (named == wanted, node.output.iter().any(|name| !name.is_empty())) {
            (true, true) => Ok(()),
            (false, _) => Err(self.bad(&format!("{wanted} inputs or more"), &named.to_string())),
            (_, false) => Err(self.bad("an output", "none")),
        }
    }

    /// That its inputs hold numbers where it reads some.
    pub fn filled(&self, known: &KnownShape) -> Result<()> {
        for (input, name) in self.node.input.iter().enumerate() {
            if known.empty.contains(name.as_str()) && !may_be_empty(&self.node.op_type, input) {
                return Err(self.bad(&format!("numbers in input {input}"), "none"));
            }
        }
        Ok(())
    }

    /// That its inputs have the axes which it works along.
    pub fn axed(&self, known: &KnownShape) -> Result<()> {
        for input in 0..2 {
            let (least, rank) = (least_rank(&self.node.op_type, input), known.rank(self.node, input));
            if let Some(rank) = rank.filter(|&r| r < least) {
                return Err(self.bad(&format!("input {input} with {least} axes or more"), &rank.to_string()));
            }
        }
        Ok(())
    }

    pub fn few(&self, numbers: f64) -> Result<()> {
        few(|| format!("model '{}', {}", self.model, self.place()), numbers)
    }

    fn place(&self) -> String {
        let name = if self.node.name.is_empty() { &self.node.op_type } else { &self.node.name };
        format!("node '{name}' ({})", self.node.op_type)
    }

    pub fn bad(&self, expected: &str, found: &str) -> crate::Error {
        malformed(self.model, &self.place(), expected, found)
    }
}

/// Refuses a value of too many numbers.
pub(super) fn few(subject: impl FnOnce() -> String, numbers: f64) -> Result<()> {
    limits::ensure_at_most(subject, "numbers in one value", limits::NUMBERS, numbers as u64, "give a smaller model")
}
