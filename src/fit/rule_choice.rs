//! Which rule is fitted: one by its name, or the best.

use crate::rule::RuleKind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A rule, or for `None` (`auto`) the best one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct RuleChoice(pub Option<RuleKind>);

impl RuleChoice {
    /// Every choice by its name.
    pub const NAMES: [&'static str; 5] = ["auto", "concat", "scaled", "gated", "retrained"];
}

impl FromStr for RuleChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<RuleChoice, String> {
        let rules = [RuleKind::Concat, RuleKind::Scaled, RuleKind::Gated, RuleKind::Retrained];
        let choices = std::iter::once(None).chain(rules.map(Some)).map(RuleChoice);
        let found = choices.into_iter().find(|choice| choice.to_string() == name);
        found.ok_or_else(|| format!("expected {}, found '{name}'", RuleChoice::NAMES.join(", ")))
    }
}

impl fmt::Display for RuleChoice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self.0 {
            None => f.write_str("auto"),
            Some(rule) => rule.fmt(f),
        }
    }
}

impl From<RuleChoice> for String {
    fn from(choice: RuleChoice) -> String {
        choice.to_string()
    }
}

impl TryFrom<String> for RuleChoice {
    type Error = String;

    fn try_from(name: String) -> Result<RuleChoice, String> {
        name.parse()
    }
}
