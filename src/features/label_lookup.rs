//! Looks up a label by its text, also as `HEAD/LABEL`.

use super::FeatureExtractor;
use crate::error::{ErrorKind, Result, Setting};

impl FeatureExtractor {
    /// The index of the merged label with this text: among one head's labels; or among all, first by the merged
    /// label's text, then by the heads' own texts.
    ///
    /// # Errors
    /// `ambiguous-label` if several heads have it with different merged labels.
    pub fn find_label(&self, text: &str, head: Option<usize>) -> Result<Option<usize>> {
        let (labels, heads) = (self.labels(), self.heads());
        let owners = heads.iter().enumerate().flat_map(|(at, head)| head.labels.iter().map(move |own| (at, own)));
        let columns = owners.zip(self.members());
        let own = columns.filter(|((at, own), _)| *own == text && head.is_none_or(|head| head == *at));
        let own: Vec<(usize, usize)> = own.map(|((at, _), &label)| (at, label)).collect();
        let joint =
            labels.iter().position(|l| l.label == text && head.is_none_or(|head| l.heads.contains(&heads[head].name)));
        match (head, joint, own.as_slice()) {
            (Some(_), _, [(_, label), ..]) => Ok(Some(*label)),
            (_, Some(label), _) => Ok(Some(label)),
            (_, None, []) => Ok(None),
            (_, None, [(_, label), rest @ ..]) if rest.iter().all(|(_, other)| other == label) => Ok(Some(*label)),
            (_, None, [(first, _), ..]) => {
                let found = own.iter().map(|(at, _)| heads[*at].name.as_str()).collect::<Vec<_>>();
                Err(ErrorKind::AmbiguousLabel {
                    setting: Setting::Images,
                    label: text.to_string(),
                    found: format!("it in {}", found.join(", ")),
                    example: (heads[*first].name.clone(), text.to_string()),
                }
                .into())
            }
        }
    }

    /// The error for a text that matches no label; `place` is its location.
    pub fn no_such_label(&self, place: &str, text: &str, head: Option<usize>) -> crate::Error {
        let known = match head {
            Some(head) => self.heads()[head].labels.join(", "),
            None => self.labels().iter().map(|l| l.label.as_str()).collect::<Vec<_>>().join(", "),
        };
        ErrorKind::NoSuchLabel { place: place.into(), label: text.into(), known }.into()
    }

    /// The index of the head with this name; `setting` is the origin of the name.
    ///
    /// # Errors
    /// `unknown-head`.
    pub fn find_head(&self, setting: Setting, name: &str) -> Result<usize> {
        self.heads().iter().position(|h| h.name == name).ok_or_else(|| {
            let known = self.heads().iter().map(|h| h.name.as_str()).collect::<Vec<_>>().join(", ");
            ErrorKind::UnknownHead { setting, head: name.to_string(), known }.into()
        })
    }
}
