//! The retrained rule: one linear head for all labels on the features.

use super::list::{CombinationRule, FitNeeds};
use super::parameters::RuleParameters;
use super::Posterior;
use crate::error::Result;
use crate::features::FeatureLayout;
use crate::labels::HeadLabels;

/// p = softmax of a posterior's scores; the heads' logits are not read.
#[derive(Clone, Debug, PartialEq)]
pub struct Retrained(pub Posterior);

impl CombinationRule for Retrained {
    fn needs() -> FitNeeds {
        FitNeeds::Evidence
    }

    fn read(parameters: &RuleParameters) -> Result<Retrained> {
        Posterior::read(parameters).map(Retrained)
    }

    fn posterior(&self) -> Option<&Posterior> {
        Some(&self.0)
    }

    fn check(&self, heads: &[HeadLabels], layout: Option<&FeatureLayout>) -> Result<()> {
        self.0.check_logits(heads, layout)
    }
}
