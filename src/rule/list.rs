//! The list of the combination rules and their interface.

use super::graph_builder::Nodes;
use super::parameters::RuleParameters;
use super::{Concat, Gated, Posterior, Retrained, Scaled};
use crate::error::Result;
use crate::features::FeatureLayout;
use crate::labels::HeadLabels;
use crate::onnx::ValueId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The data that a rule is fitted to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FitNeeds {
    Nothing,
    /// Images, evidence or the heads' last layers.
    Logits,
    /// Evidence or images of every label.
    Evidence,
}

/// A rule's parameters and their function: log p up to a constant, one number per logit.
///
/// s are the logits of all heads, scaled if the rule scales; q are the scores of its posterior, or s without one.
pub(super) trait CombinationRule {
    /// The data that it is fitted to.
    fn needs() -> FitNeeds
    where
        Self: Sized;

    /// Reads the parameters of a merged file.
    ///
    /// # Errors
    /// `metadata` for a missing parameter or one of the wrong form.
    fn read(parameters: &RuleParameters) -> Result<Self>
    where
        Self: Sized;

    /// The scales and offsets of logits, if any.
    fn scaled(&self) -> Option<&Scaled> {
        None
    }

    /// The posterior from features, if any.
    fn posterior(&self) -> Option<&Posterior> {
        None
    }

    /// Checks the parameters against the heads and, if given, the layout of φ.
    ///
    /// # Errors
    /// `rule-parameters` with the first parameter that does not fit.
    fn check(&self, _heads: &[HeadLabels], _layout: Option<&FeatureLayout>) -> Result<()> {
        Ok(())
    }

    /// The scores of one image, by default q; `widths` are the numbers of logits per head.
    fn scores(&self, _s: Vec<f64>, q: Vec<f64>, _widths: &[usize]) -> Vec<f64> {
        q
    }

    /// The nodes of the scores [N, ΣC], by default q; s and q are [N, ΣC].
    fn write(&self, _nodes: &mut Nodes, _s: ValueId, q: ValueId, _widths: &[usize]) -> ValueId {
        q
    }
}

/// Defines the rules: the type of the parameters, and the name in files, flags and reports.
macro_rules! rules {
    ($($rule:ident $name:literal,)*) => {
        /// A rule's name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
        pub enum RuleKind {
            $(#[serde(rename = $name)] $rule,)*
        }

        /// A combination rule with its parameters.
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Rule {
            $($rule($rule),)*
        }

        /// All rules, beginning with the one without parameters.
        pub const RULES: &[RuleKind] = &[$(RuleKind::$rule,)*];

        impl RuleKind {
            /// The name in files, flags and reports.
            pub fn name(self) -> &'static str {
                match self {
                    $(RuleKind::$rule => $name,)*
                }
            }

            /// The data that the rule is fitted to.
            pub fn needs(self) -> FitNeeds {
                match self {
                    $(RuleKind::$rule => $rule::needs(),)*
                }
            }

            pub(super) fn read(self, parameters: &RuleParameters) -> Result<Rule> {
                match self {
                    $(RuleKind::$rule => $rule::read(parameters).map(Rule::$rule),)*
                }
            }
        }

        impl Rule {
            /// The rule's name in the file.
            pub fn name(&self) -> RuleKind {
                match self {
                    $(Rule::$rule(_) => RuleKind::$rule,)*
                }
            }

            pub(super) fn parts(&self) -> &dyn CombinationRule {
                match self {
                    $(Rule::$rule(rule) => rule,)*
                }
            }
        }
    };
}

rules! {
    Concat "concat",
    Scaled "scaled",
    Gated "gated",
    Retrained "retrained",
}

impl Default for RuleKind {
    fn default() -> Self {
        RULES[0]
    }
}

impl Default for Rule {
    fn default() -> Self {
        Rule::Concat(Concat)
    }
}

impl fmt::Display for RuleKind {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.pad(self.name())
    }
}
