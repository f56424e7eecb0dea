//! `labels.txt`: one label per line, written by hand and by many tools.

use super::label_file::lines;
use super::{teachable_machine, Candidates};
use crate::error::Result;
use crate::import::file_tree::FileTree;

/// Reads `<model>.labels.txt`, then `labels.txt`; lines `0 name` are Teachable Machine's.
pub(super) fn read(stem: &str, beside: &dyn FileTree, found: &mut Candidates) -> Result<()> {
    for name in [format!("{stem}.labels.txt"), "labels.txt".into()] {
        if let Some(text) = beside.text(&name, "one label per line")? {
            let (labels, numbered) = lines(&name, &text)?;
            found.labels(&name, None, labels);
            found.convention = found.convention.or(numbered.then_some(teachable_machine::of_numbered_lines));
        }
    }
    Ok(())
}
