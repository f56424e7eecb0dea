//! Evidence files added to a project.

use crate::error::Result;
use crate::evidence::Evidence;
use serde::Serialize;
use serde_json::Value;

/// An evidence file.
#[derive(Clone, Debug)]
pub(super) struct Handed {
    pub id: u32,
    pub name: String,
    /// The encoded file, decoded when needed, since its sums take more memory.
    pub bytes: Vec<u8>,
    pub summary: Value,
}

/// An evidence file for display.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct EvidenceView<'a> {
    id: u32,
    name: &'a str,
    #[cfg_attr(target_arch = "wasm32", tsify(type = "EvidenceSummary"))]
    summary: &'a Value,
}

impl Handed {
    pub fn view(&self) -> EvidenceView<'_> {
        EvidenceView { id: self.id, name: &self.name, summary: &self.summary }
    }
}

/// The sum of all files; `None` without files.
///
/// # Errors
/// `malformed-evidence`, `different-evidence`.
pub(super) fn sum(handed: &[Handed]) -> Result<Option<Evidence>> {
    Evidence::sum_of(handed.iter().map(|Handed { name, bytes, .. }| Evidence::from_bytes(name, bytes)))
}
