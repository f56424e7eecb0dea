//! The concat rule: concatenates the heads' logits, without parameters.

use super::list::{CombinationRule, FitNeeds};
use super::parameters::RuleParameters;
use crate::error::Result;

/// p = softmax(z₁ … z_H) over the concatenated logits; with sigmoid heads p = σ(z₁ … z_H).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Concat;

impl CombinationRule for Concat {
    fn needs() -> FitNeeds {
        FitNeeds::Nothing
    }

    fn read(_: &RuleParameters) -> Result<Concat> {
        Ok(Concat)
    }
}
