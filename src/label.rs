//! The labels of a joined model: their order and the heads that each belongs to.

use serde::{Deserialize, Serialize};

/// One label of a joined model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The text shown to people.
    pub label: String,
    /// The names of the heads that predict it: one, or several where a label was joined.
    pub heads: Vec<String>,
}
