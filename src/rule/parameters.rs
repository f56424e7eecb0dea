//! Reads and checks a rule's parameters: constants of a merged graph.

use super::rule_metadata::FeatureSpace;
use super::RuleRecord;
use crate::error::{ErrorKind, Result};
use crate::onnx::{Graph, Tensor};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The prefix of the names of a rule's parameters; nothing else in a merged file has it.
pub const PREFIX: &str = "rule.";

/// The constants of a rule by name.
pub type Parameters = BTreeMap<String, Arc<Tensor>>;

/// The rule's constants in a merged file.
pub fn parameters(graph: &Graph) -> Parameters {
    let named = graph.values.iter().enumerate().filter(|(_, v)| v.name.starts_with(PREFIX));
    named.filter_map(|(at, v)| Some((v.name.clone(), graph.tensor(at)?.clone()))).collect()
}

/// The parameters of one merged file, with their metadata.
pub(super) struct RuleParameters<'a> {
    pub model: &'a str,
    pub parameters: &'a Parameters,
    pub record: &'a RuleRecord,
    /// The number of logits per head.
    pub widths: &'a [usize],
}

impl RuleParameters<'_> {
    pub fn bad(&self, expected: String, found: &str) -> crate::Error {
        let (model, key) = (self.model.to_string(), "polyhead.rule".to_string());
        ErrorKind::Metadata { model, key, expected, found: found.to_string() }.into()
    }

    pub fn has(&self, name: &str) -> bool {
        self.parameters.contains_key(name)
    }

    /// # Errors
    /// `metadata` if there is no constant of this name, or it is not a float tensor.
    pub fn values(&self, name: &str) -> Result<Vec<f32>> {
        let expected = || format!("the constant '{name}' of floats in the graph");
        let tensor = self.parameters.get(name).ok_or_else(|| self.bad(expected(), "none"))?;
        tensor.f32s().ok_or_else(|| self.bad(expected(), "other numbers"))
    }

    /// # Errors
    /// As [`values`](Self::values); `metadata` for several numbers.
    pub fn number(&self, name: &str) -> Result<f64> {
        match self.values(name)?[..] {
            [only] => Ok(f64::from(only)),
            ref several => Err(self.bad(format!("one number in '{name}'"), &several.len().to_string())),
        }
    }

    /// The features that the posterior of this name reads.
    ///
    /// # Errors
    /// `metadata` if they are not recorded.
    pub fn space(&self, of: &str) -> Result<FeatureSpace> {
        let found = self.record.spaces().remove(of);
        found.ok_or_else(|| self.bad(format!("the space '{of}' among the parameters"), "none"))
    }
}

/// # Errors
/// `rule-parameters` for another count.
pub(super) fn check_count(parameter: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(does_not_fit(parameter, &format!("{expected} numbers"), &found.to_string()))
}

/// Checks that all numbers are finite in the file's 32 bits and satisfy a condition.
///
/// # Errors
/// `rule-parameters` with the first number that does not.
pub(super) fn check_numbers(
    parameter: &str,
    expected: &str,
    values: impl IntoIterator<Item = f64>,
    fits: impl Fn(f64) -> bool,
) -> Result<()> {
    let stored = |v: f64| f64::from(v as f32);
    match values.into_iter().find(|&v| !stored(v).is_finite() || !fits(stored(v))) {
        None => Ok(()),
        Some(found) => Err(does_not_fit(parameter, expected, &found.to_string())),
    }
}

pub(super) fn does_not_fit(parameter: &str, expected: &str, found: &str) -> crate::Error {
    let (parameter, expected, found) = (parameter.to_string(), expected.to_string(), found.to_string());
    ErrorKind::RuleParameters { parameter, expected, found }.into()
}
