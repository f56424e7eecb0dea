//! The rule to fit: one by its name, or the best.

use crate::rule::{RuleKind, RULES};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A rule, or the best one for `None` (`auto`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(into = "String", try_from = "String")]
pub struct RuleChoice(pub Option<RuleKind>);

impl RuleChoice {
    /// All choices, the best rule first.
    pub fn all() -> impl Iterator<Item = RuleChoice> {
        std::iter::once(None).chain(RULES.iter().copied().map(Some)).map(RuleChoice)
    }

    /// The name of the choice.
    pub fn name(self) -> &'static str {
        self.0.map_or("auto", RuleKind::name)
    }
}

impl FromStr for RuleChoice {
    type Err = String;

    fn from_str(name: &str) -> Result<RuleChoice, String> {
        let names = || RuleChoice::all().map(RuleChoice::name).collect::<Vec<_>>().join(", ");
        RuleChoice::all()
            .find(|choice| choice.name() == name)
            .ok_or_else(|| format!("expected {}, found '{name}'", names()))
    }
}

impl fmt::Display for RuleChoice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl From<RuleChoice> for String {
    fn from(choice: RuleChoice) -> String {
        choice.name().into()
    }
}

impl TryFrom<String> for RuleChoice {
    type Error = String;

    fn try_from(name: String) -> Result<RuleChoice, String> {
        name.parse()
    }
}

impl From<RuleKind> for RuleChoice {
    fn from(rule: RuleKind) -> RuleChoice {
        RuleChoice(Some(rule))
    }
}
