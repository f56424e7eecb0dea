//! Chooses the rule that a merge keeps from its sources.

use super::{MergeOptions, MergeWarning};
use crate::import::ImportedModel;
use crate::labels::HeadLabels;
use crate::rule::FittedRule;

/// The rule of a merge.
#[derive(Default)]
pub(super) struct Inherited {
    pub combination: FittedRule,
    /// The heads of the rule's record, with the labels before renaming.
    pub heads: Vec<HeadLabels>,
    /// The warning if a fitted rule is dropped.
    pub dropped: Option<MergeWarning>,
}

/// The requested rule, else the rule of a single source that keeps all its logits.
pub(super) fn rule(sources: &[ImportedModel], options: &MergeOptions) -> Inherited {
    if let Some(combination) = &options.rule {
        return Inherited { combination: combination.clone(), ..Inherited::default() };
    }
    let added = options.edits.replace.iter().map(|(_, source)| source);
    let Some(fitted) = sources.iter().chain(added).find(|s| s.is_fitted()) else { return Inherited::default() };
    let (rule, model) = (fitted.rule.clone().unwrap_or_default().name, fitted.name.clone());
    let edits = &options.edits;
    let same = sources.len() == 1 && edits.only.is_none() && edits.replace.is_empty() && edits.drop.is_empty();
    let dropped = match fitted.combination() {
        Ok(combination) if same => return Inherited { combination, heads: fitted.heads.clone(), dropped: None },
        Ok(_) => MergeWarning::RuleOfOtherLabels { rule, model },
        Err(error) => MergeWarning::RuleUnreadable { rule, model, error: error.to_string() },
    };
    Inherited { dropped: Some(dropped), ..Inherited::default() }
}
