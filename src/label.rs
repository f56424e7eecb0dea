//! The labels of a joined model: their order and the heads that each belongs to.

use crate::error::{ErrorKind, Result};
use serde::{Deserialize, Serialize};

/// One label of a joined model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The text shown to people.
    pub label: String,
    /// The names of the heads that predict it: one, or several where a label was joined.
    pub heads: Vec<String>,
}

/// What happens to a label that two models have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Duplicates {
    /// An error names it.
    #[default]
    Refuse,
    /// Both stay, as `label (head)`.
    Keep,
    /// They become one label whose probability is the sum.
    Join,
}

/// Joint labels, and the one that each logit counts for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct JointLabels {
    pub labels: Vec<Label>,
    /// For each logit, head after head, the place of its label in `labels`.
    pub members: Vec<usize>,
}

impl JointLabels {
    /// The labels of one head.
    pub fn of_head(head: &str, labels: &[String]) -> JointLabels {
        let labels = labels.iter().map(|l| Label { label: l.clone(), heads: vec![head.to_string()] });
        let labels: Vec<_> = labels.collect();
        JointLabels { members: (0..labels.len()).collect(), labels }
    }

    /// The labels of a file that was merged before: each head's own label is found under its own text or as
    /// `label (head)`.
    ///
    /// # Errors
    /// `metadata` for a head's label that is not among the joint ones.
    pub fn of_merged<'a>(
        model: &str,
        labels: Vec<Label>,
        heads: impl Iterator<Item = (&'a str, &'a [String])>,
    ) -> Result<JointLabels> {
        let mut members = Vec::new();
        for (head, own) in heads {
            for text in own {
                let of_head = |l: &&Label| l.heads.iter().any(|h| h == head);
                let kept = kept(text, head);
                let place = labels.iter().position(|l| of_head(&l) && (l.label == *text || l.label == kept));
                members.push(place.ok_or_else(|| ErrorKind::Metadata {
                    model: model.to_string(),
                    key: "polyhead.labels".into(),
                    expected: format!("the label '{text}' of head '{head}'"),
                    found: "it nowhere".into(),
                })?);
            }
        }
        Ok(JointLabels { labels, members })
    }

    /// Puts the labels of several models behind each other.
    ///
    /// # Errors
    /// `duplicate-label` with the label and both heads, where duplicates are refused.
    pub fn join(models: &[JointLabels], duplicates: Duplicates) -> Result<JointLabels> {
        let mut joint = JointLabels::default();
        for model in models {
            let before = joint.labels.len();
            let mut places = Vec::with_capacity(model.labels.len());
            for label in &model.labels {
                let twin = joint.labels[..before].iter().position(|l| l.label == label.label);
                let place = match (twin, duplicates) {
                    (None, _) => joint.push(label.clone()),
                    (Some(twin), Duplicates::Refuse) => {
                        return Err(ErrorKind::DuplicateLabel {
                            label: label.label.clone(),
                            first: joint.labels[twin].heads.join(", "),
                            second: label.heads.join(", "),
                        }
                        .into())
                    }
                    (Some(twin), Duplicates::Keep) => {
                        joint.labels[twin] = distinguished(&joint.labels[twin]);
                        joint.push(distinguished(label))
                    }
                    (Some(twin), Duplicates::Join) => {
                        joint.labels[twin].heads.extend(label.heads.iter().cloned());
                        twin
                    }
                };
                places.push(place);
            }
            joint.members.extend(model.members.iter().map(|&m| places[m]));
        }
        Ok(joint)
    }

    /// Whether every logit has a label of its own, in order.
    pub fn is_plain(&self) -> bool {
        self.members.iter().enumerate().all(|(logit, &label)| logit == label)
    }

    fn push(&mut self, label: Label) -> usize {
        self.labels.push(label);
        self.labels.len() - 1
    }
}

fn distinguished(label: &Label) -> Label {
    Label { label: kept(&label.label, &label.heads.join(", ")), heads: label.heads.clone() }
}

fn kept(label: &str, head: &str) -> String {
    format!("{label} ({head})")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &str, labels: &[&str]) -> JointLabels {
        JointLabels::of_head(head, &labels.iter().map(|l| l.to_string()).collect::<Vec<_>>())
    }

    fn texts(joint: &JointLabels) -> Vec<&str> {
        joint.labels.iter().map(|l| l.label.as_str()).collect()
    }

    #[test]
    fn duplicates() {
        let models = [of("a", &["shirt", "shoes"]), of("b", &["hat", "shirt"])];
        let error = JointLabels::join(&models, Duplicates::Refuse).unwrap_err();
        assert_eq!(error.code(), "duplicate-label");
        let kept = JointLabels::join(&models, Duplicates::Keep).unwrap();
        assert_eq!(texts(&kept), ["shirt (a)", "shoes", "hat", "shirt (b)"]);
        assert!(kept.is_plain());
        let joined = JointLabels::join(&models, Duplicates::Join).unwrap();
        assert_eq!(texts(&joined), ["shirt", "shoes", "hat"]);
        assert_eq!(joined.members, [0, 1, 2, 0]);
        assert_eq!(joined.labels[0].heads, ["a", "b"]);
    }

    #[test]
    fn merged_before() {
        let models = [of("a", &["shirt", "shoes"]), of("b", &["hat", "shirt"])];
        for duplicates in [Duplicates::Keep, Duplicates::Join] {
            let joint = JointLabels::join(&models, duplicates).unwrap();
            let own = [["shirt".to_string(), "shoes".into()], ["hat".to_string(), "shirt".into()]];
            let heads = ["a", "b"].into_iter().zip(own.iter().map(|l| l.as_slice()));
            assert_eq!(JointLabels::of_merged("m", joint.labels.clone(), heads).unwrap(), joint);
        }
    }
}
