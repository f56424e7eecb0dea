//! Reads a node's attributes and words the error if one is invalid.

use super::op_requirements::{least_rank, may_be_empty, required};
use super::rank_inference::KnownShape;
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
    /// An integer attribute; empty if it is omitted.
    pub fn int(&self, name: &str) -> Vec<f64> {
        self.node.named(name).map(|a| a.i as f64).into_iter().collect()
    }

    pub fn ints(&self, name: &str) -> Vec<f64> {
        self.node.named(name).map(|a| a.ints.iter().map(|&v| v as f64).collect()).unwrap_or_default()
    }

    pub fn within(&self, name: &str, values: &[f64], range: RangeInclusive<f64>) -> Result<()> {
        let Some(found) = values.iter().find(|v| !range.contains(v)) else { return Ok(()) };
        Err(self.bad(format!("{name} from {} to {}", range.start(), range.end()), found))
    }

    pub fn length(&self, name: &str, found: usize, expected: usize) -> Result<()> {
        self.ensure(found == expected, || (format!("{expected} numbers in {name}"), found.to_string()))
    }

    /// Checks a condition; `wrong` returns what was expected and found.
    pub fn ensure<E: ToString, F: ToString>(&self, holds: bool, wrong: impl FnOnce() -> (E, F)) -> Result<()> {
        if holds {
            return Ok(());
        }
        let (expected, found) = wrong();
        Err(self.bad(expected, found))
    }

    /// Checks that the node has its required inputs, and an output.
    pub fn connected(&self) -> Result<()> {
        let (wanted, node) = (required(&self.node.op_type), self.node);
        let named = node.input.iter().take(wanted).filter(|name| !name.is_empty()).count();
        self.ensure(named == wanted, || (format!("{wanted} inputs or more"), named))?;
        self.ensure(node.output.iter().any(|name| !name.is_empty()), || ("an output", "none"))
    }

    /// Checks that no input is empty where the operator reads its numbers.
    pub fn filled(&self, known: &KnownShape) -> Result<()> {
        for (input, name) in self.node.input.iter().enumerate() {
            let fits = !known.empty.contains(name.as_str()) || may_be_empty(&self.node.op_type, input);
            self.ensure(fits, || (format!("numbers in input {input}"), "none"))?;
        }
        Ok(())
    }

    /// Checks that the inputs have the axes that the operator needs.
    pub fn axed(&self, known: &KnownShape) -> Result<()> {
        for input in 0..2 {
            let least = least_rank(&self.node.op_type, input);
            let rank = known.rank(self.node, input).unwrap_or(least);
            self.ensure(rank >= least, || (format!("input {input} with {least} axes or more"), rank))?;
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

    fn bad(&self, expected: impl ToString, found: impl ToString) -> crate::Error {
        malformed(self.model, self.place(), expected, found)
    }
}

/// Refuses a value of too many numbers.
pub(super) fn few(subject: impl FnOnce() -> String, numbers: f64) -> Result<()> {
    limits::ensure_at_most(subject, "numbers in one value", limits::NUMBERS, numbers as u64, "give a smaller model")
}
