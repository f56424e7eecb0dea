//! Chooses among the labels found and checks their number.

use super::{Note, Overrides, Provenance, WithProvenance};
use crate::error::{ErrorKind, Result, Setting};
use crate::labels;
use crate::metadata::Metadata;

/// The stated labels or the most trusted ones found, with their provenance, and the sources that disagree.
pub(super) fn choose(
    stated: &Overrides,
    found: &[WithProvenance<Vec<String>>],
) -> (Option<Vec<String>>, Provenance, Vec<Note>) {
    let mut candidates = stated.labels.iter().chain(found);
    let Some(chosen) = candidates.next() else { return (None, Provenance::Missing, Vec::new()) };
    let others = candidates.filter(|other| other.value != chosen.value);
    let disagreements = others.map(|other| Note::OtherLabels {
        labels: chosen.value.clone(),
        from: chosen.from.clone(),
        others: other.value.clone(),
        elsewhere: other.from.clone(),
    });
    (Some(chosen.value.clone()), chosen.from.clone(), disagreements.collect())
}

/// A merged file contains its labels: stated labels must be equal to them.
///
/// # Errors
/// `settled` if they differ.
pub(super) fn check_settled(model: &str, stated: &Overrides, metadata: &Metadata) -> Result<()> {
    let Some(labels) = &stated.labels else { return Ok(()) };
    let joint = metadata.labels.iter().map(|l| &l.label);
    let own = metadata.heads.iter().flat_map(|h| &h.labels);
    if joint.eq(&labels.value) || own.eq(&labels.value) {
        return Ok(());
    }
    let found = format!("{} labels in {}", labels.value.len(), labels.from);
    Err(ErrorKind::Settled { model: model.to_string(), setting: Setting::Labels, found }.into())
}

/// One unique label per output of the head.
///
/// # Errors
/// `labels` if they are missing, empty, repeated or of the wrong number; `limit` if they are too many or too long.
pub(super) fn check(model: &str, labels: Option<Vec<String>>, from: &Provenance, width: usize) -> Result<Vec<String>> {
    let bad = |found: String| {
        let expected = format!("{width} labels, one for each output");
        ErrorKind::Labels { model: model.to_string(), expected, found }
    };
    let labels = labels.ok_or_else(|| bad("none in the model and none beside it".into()))?;
    labels::check_size(model, labels.iter())?;
    if labels.len() != width {
        return Err(bad(format!("{} in {from}", labels.len())).into());
    }
    let mut seen = std::collections::HashSet::new();
    match labels.iter().find(|l| l.trim().is_empty() || !seen.insert(l.as_str())) {
        None => Ok(labels),
        Some(label) if label.trim().is_empty() => Err(bad(format!("an empty one in {from}")).into()),
        Some(label) => Err(bad(format!("'{label}' twice in {from}")).into()),
    }
}
