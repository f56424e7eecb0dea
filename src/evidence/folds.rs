//! Evidence in disjoint folds, for cross-validation.

use super::Evidence;
use crate::error::Result;

/// The fold of an image: its SHA-256, a number of 64 hexadecimal digits, modulo `folds`; the same on every machine.
pub fn fold(sha256: &str, folds: usize) -> usize {
    let folds = folds.max(1) as u64;
    let digits = sha256.chars().filter_map(|digit| digit.to_digit(16));
    digits.fold(0, |rest, digit| (rest * 16 + u64::from(digit)) % folds) as usize
}

impl Evidence {
    /// The evidence of all folds, which it stores; `None` without folds.
    ///
    /// # Errors
    /// `different-evidence` if the models, features or labels differ.
    pub fn of_folds(folds: Vec<Evidence>) -> Result<Option<Evidence>> {
        let Some(first) = folds.first() else { return Ok(None) };
        let mut whole = first.bare();
        for fold in &folds {
            whole.check_same(fold)?;
            whole.sums.add(&fold.sums);
        }
        whole.folds = folds.into_iter().map(|fold| Evidence { folds: Vec::new(), ..fold }).collect();
        Ok(Some(whole))
    }

    /// The folds, if they are stored; otherwise empty.
    pub fn folds(&self) -> &[Evidence] {
        &self.folds
    }
}

/// The folds of the sum: empty if their numbers differ; those of one if the other has no images.
pub(super) fn add(one: &Evidence, other: &Evidence) -> Result<Vec<Evidence>> {
    if one.folds.len() == other.folds.len() {
        return one.folds.iter().zip(&other.folds).map(|(a, b)| a.add(b)).collect();
    }
    Ok(match (one.total(), other.total()) {
        (_, 0) => one.folds.clone(),
        (0, _) => other.folds.clone(),
        _ => Vec::new(),
    })
}
