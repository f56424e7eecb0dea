//! The labels of a merged model: their order, the heads of each label, and the labels of each head.

use crate::error::{ErrorKind, Result};
use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// A label of a merged model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Label {
    /// The text for display.
    pub label: String,
    /// The names of the heads that predict it: one, or several if a label was merged.
    pub heads: Vec<String>,
}

/// A head and its own labels.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
pub struct HeadLabels {
    pub name: String,
    /// In the order of the head's logits.
    pub labels: Vec<String>,
    pub activation: Activation,
}

/// The activation that turns a head's logits into scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Activation {
    /// One label is right: scores sum to one.
    Softmax,
    /// Every label is right or wrong independently.
    Sigmoid,
}

/// Checks the number of labels of a model and their lengths.
///
/// # Errors
/// `limit`.
pub fn check_size<'a>(model: &str, labels: impl Iterator<Item = &'a String>) -> Result<()> {
    let (subject, remedy) = (|| format!("model '{model}'"), "give fewer labels, with shorter names");
    let within = |unit, limit, found: usize| limits::ensure_at_most(subject, unit, limit, found as u64, remedy);
    for (text, count) in labels.zip(1..) {
        within("labels", limits::LABELS, count)?;
        within("bytes of a label", limits::NAME_BYTES, text.len())?;
    }
    Ok(())
}

/// The treatment of a label that several models have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(all(target_arch = "wasm32", feature = "complete"), derive(tsify::Tsify))]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum DuplicateLabels {
    /// An error names the label.
    #[default]
    Error,
    /// Both are kept, as `label (head)`.
    Keep,
    /// They are merged into one label whose probability is the sum.
    Merge,
}

/// The merged labels, and the label of each logit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MergedLabels {
    pub labels: Vec<Label>,
    /// The index in `labels` of each logit's label, in the order of the heads.
    pub label_of_logit: Vec<usize>,
    /// The text of each label in its heads; the label itself may include their names.
    texts: Vec<String>,
}

impl MergedLabels {
    /// The labels of one head.
    pub fn of_head(head: &str, labels: &[String]) -> MergedLabels {
        let of = |label: &String| Label { label: label.clone(), heads: vec![head.to_string()] };
        MergedLabels {
            label_of_logit: (0..labels.len()).collect(),
            texts: labels.to_vec(),
            labels: labels.iter().map(of).collect(),
        }
    }

    /// The labels of a file that was merged before: each head's label is found under its own text or as `label
    /// (heads)`.
    ///
    /// # Errors
    /// `metadata` for a head's label that is not among the merged ones, and for a merged one that no head has.
    pub fn of_merged<'a>(
        model: &str,
        labels: Vec<Label>,
        heads: impl Iterator<Item = (&'a str, &'a [String])>,
    ) -> Result<MergedLabels> {
        let bad = |expected: String| {
            let (model, key) = (model.to_string(), "polyhead.labels".to_string());
            ErrorKind::Metadata { model, key, expected, found: "it nowhere".into() }
        };
        let mut members = Vec::new();
        let mut texts: Vec<Option<String>> = vec![None; labels.len()];
        let mut places: HashMap<(&str, &str), usize> = HashMap::new();
        for (place, label) in labels.iter().enumerate() {
            let ending = qualified("", &label.heads);
            let names = [Some(label.label.as_str()), label.label.strip_suffix(ending.as_str())];
            for head in &label.heads {
                for name in names.into_iter().flatten() {
                    places.entry((head, name)).or_insert(place);
                }
            }
        }
        for (head, own) in heads {
            for text in own {
                let place = places.get(&(head, text.as_str())).copied();
                let place = place.ok_or_else(|| bad(format!("the label '{text}' of head '{head}'")))?;
                texts[place] = Some(text.clone());
                members.push(place);
            }
        }
        let named = |(text, label): (Option<String>, &Label)| {
            text.ok_or_else(|| bad(format!("a head's logit for the label '{}'", label.label)).into())
        };
        let texts = texts.into_iter().zip(&labels).map(named).collect::<Result<_>>()?;
        Ok(MergedLabels { labels, label_of_logit: members, texts })
    }

    /// Concatenates the labels of several models. Labels with the same text that one model distinguishes stay separate,
    /// unless another model has the text too.
    ///
    /// # Errors
    /// `duplicate-label` with the label and its heads, if duplicates are an error.
    pub fn join(models: &[MergedLabels], duplicates: DuplicateLabels) -> Result<MergedLabels> {
        let mut contested = HashSet::new();
        let mut earlier: HashMap<&str, Vec<(usize, &Label)>> = HashMap::new();
        for (number, label, text) in each(models) {
            let known = earlier.entry(text).or_default();
            let rival = |&&(other, rival): &&(usize, &Label)| {
                let settled = number == other && label.label != text && rival.label != text;
                !settled
            };
            let first = known.iter().find(rival).map(|&(_, first)| first);
            known.push((number, label));
            let Some(first) = first else { continue };
            if duplicates == DuplicateLabels::Error {
                let (first, second) = (first.heads.join(", "), label.heads.join(", "));
                return Err(ErrorKind::DuplicateLabel { label: text.to_string(), first, second }.into());
            }
            contested.insert(text);
        }
        let mut joint = MergedLabels::default();
        let mut twins: HashMap<&str, usize> = HashMap::new();
        for model in models {
            let mut places = Vec::with_capacity(model.labels.len());
            for (label, text) in model.labels.iter().zip(&model.texts) {
                let one = duplicates == DuplicateLabels::Merge && contested.contains(text.as_str());
                let twin = twins.get(text.as_str()).copied().filter(|_| one);
                if let Some(twin) = twin {
                    joint.labels[twin].heads.extend(label.heads.iter().cloned());
                }
                let place = twin.unwrap_or_else(|| joint.push(label.clone(), text.clone()));
                twins.entry(text).or_insert(place);
                places.push(place);
            }
            joint.label_of_logit.extend(model.label_of_logit.iter().map(|&m| places[m]));
        }
        joint.name();
        Ok(joint)
    }

    /// Whether every logit has its own label, in order.
    pub fn is_plain(&self) -> bool {
        self.label_of_logit.len() == self.labels.len()
            && self.label_of_logit.iter().enumerate().all(|(logit, &l)| logit == l)
    }

    /// The text of this label in its heads.
    pub fn text(&self, place: usize) -> &str {
        &self.texts[place]
    }

    /// Removes a logit, and its label if it has no other logit.
    pub fn remove(&mut self, logit: usize, head: &str) {
        let place = self.label_of_logit.remove(logit);
        self.leave(place, head);
    }

    /// Changes the text of this label.
    pub fn rename(&mut self, place: usize, text: &str) {
        self.texts[place] = text.to_string();
        self.labels[place].label = text.to_string();
    }

    /// Moves one logit of a merged label to a new label after it.
    pub fn remove_head(&mut self, logit: usize, head: &str, text: &str) {
        let place = self.label_of_logit[logit];
        let own = Label { label: text.to_string(), heads: vec![head.to_string()] };
        self.labels.insert(place + 1, own);
        self.texts.insert(place + 1, text.to_string());
        for member in self.label_of_logit.iter_mut().filter(|m| **m > place) {
            *member += 1;
        }
        self.label_of_logit[logit] = place + 1;
        self.leave(place, head);
    }

    /// Reorders the logits: logit `i` becomes the old `order[i]`.
    pub fn reorder(&mut self, order: &[usize]) {
        self.label_of_logit = order.iter().map(|&logit| self.label_of_logit[logit]).collect();
    }

    /// Whether the labels are in the order of their first logits.
    pub fn is_in_logit_order(&self) -> bool {
        self.logit_order().is_sorted()
    }

    /// Sorts the labels by their first logits.
    pub fn in_logit_order(&mut self) {
        self.permute(&self.logit_order());
    }

    fn logit_order(&self) -> Vec<usize> {
        let mut seen = HashSet::new();
        self.label_of_logit.iter().copied().filter(|member| seen.insert(*member)).collect()
    }

    /// Reorders the labels; the logits stay.
    ///
    /// # Errors
    /// `label-order` unless `wanted` has every label once.
    pub fn order(&mut self, wanted: &[String]) -> Result<()> {
        let labels = || self.labels.iter().map(|l| l.label.clone()).collect::<Vec<_>>().join(", ");
        let bad = |found: String| ErrorKind::LabelOrder { count: self.labels.len(), found, labels: labels() };
        let mut order = Vec::with_capacity(wanted.len());
        for label in wanted {
            match self.labels.iter().position(|l| l.label == *label) {
                None => return Err(bad(format!("'{label}', which is none of them")).into()),
                Some(place) if order.contains(&place) => return Err(bad(format!("'{label}' twice")).into()),
                Some(place) => order.push(place),
            }
        }
        if let Some(missing) = (0..self.labels.len()).find(|place| !order.contains(place)) {
            return Err(bad(format!("'{}' missing", self.labels[missing].label)).into());
        }
        self.permute(&order);
        Ok(())
    }

    /// `order` contains every index once.
    fn permute(&mut self, order: &[usize]) {
        self.labels = order.iter().map(|&place| self.labels[place].clone()).collect();
        self.texts = order.iter().map(|&place| self.texts[place].clone()).collect();
        let mut new = vec![0; order.len()];
        for (now, &before) in order.iter().enumerate() {
            new[before] = now;
        }
        for member in &mut self.label_of_logit {
            *member = new[*member];
        }
    }

    /// Removes one logit of this head from a label.
    fn leave(&mut self, place: usize, head: &str) {
        self.labels[place].heads.retain(|h| h != head);
        if !self.label_of_logit.contains(&place) {
            self.labels.remove(place);
            self.texts.remove(place);
            for member in self.label_of_logit.iter_mut().filter(|m| **m > place) {
                *member -= 1;
            }
        }
    }

    fn push(&mut self, label: Label, text: String) -> usize {
        self.labels.push(label);
        self.texts.push(text);
        self.labels.len() - 1
    }

    /// Labels with the same text get their heads' names, all others have only their text.
    fn name(&mut self) {
        let mut counts: HashMap<&str, usize> = HashMap::new();
        self.texts.iter().for_each(|text| *counts.entry(text).or_default() += 1);
        for (label, text) in self.labels.iter_mut().zip(&self.texts) {
            let alone = counts.get(text.as_str()) == Some(&1);
            label.label = if alone { text.clone() } else { qualified(text, &label.heads) };
        }
    }
}

/// Every label of every model: the model's index, the label, its text.
fn each(models: &[MergedLabels]) -> impl Iterator<Item = (usize, &Label, &str)> {
    models.iter().enumerate().flat_map(|(number, model)| {
        let labels = model.labels.iter().zip(&model.texts);
        labels.map(move |(label, text)| (number, label, text.as_str()))
    })
}

fn qualified(text: &str, heads: &[String]) -> String {
    format!("{text} ({})", heads.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(head: &str, labels: &[&str]) -> MergedLabels {
        MergedLabels::of_head(head, &labels.iter().map(|l| l.to_string()).collect::<Vec<_>>())
    }

    fn texts(joint: &MergedLabels) -> Vec<&str> {
        joint.labels.iter().map(|l| l.label.as_str()).collect()
    }

    #[test]
    fn duplicates() {
        let models = [of("a", &["shirt", "shoes"]), of("b", &["hat", "shirt"])];
        let error = MergedLabels::join(&models, DuplicateLabels::Error).unwrap_err();
        assert_eq!(error.code(), "duplicate-label");
        let kept = MergedLabels::join(&models, DuplicateLabels::Keep).unwrap();
        assert_eq!(texts(&kept), ["shirt (a)", "shoes", "hat", "shirt (b)"]);
        assert!(kept.is_plain());
        let joined = MergedLabels::join(&models, DuplicateLabels::Merge).unwrap();
        assert_eq!(texts(&joined), ["shirt", "shoes", "hat"]);
        assert_eq!(joined.label_of_logit, [0, 1, 2, 0]);
        assert_eq!(joined.labels[0].heads, ["a", "b"]);
    }

    #[test]
    fn merged_before() {
        let models = [of("a", &["shirt", "shoes"]), of("b", &["hat", "shirt"])];
        for duplicates in [DuplicateLabels::Keep, DuplicateLabels::Merge] {
            let joint = MergedLabels::join(&models, duplicates).unwrap();
            let own = [["shirt".to_string(), "shoes".into()], ["hat".to_string(), "shirt".into()]];
            let heads = ["a", "b"].into_iter().zip(own.iter().map(|l| l.as_slice()));
            assert_eq!(MergedLabels::of_merged("m", joint.labels.clone(), heads).unwrap(), joint);
        }
    }

    #[test]
    fn merged_twice() {
        let models = [of("a", &["shirt"]), of("b", &["shirt"])];
        let third = of("c", &["shirt", "hat"]);
        let kept = MergedLabels::join(&models, DuplicateLabels::Keep).unwrap();
        let again = |first: &MergedLabels, duplicates| MergedLabels::join(&[first.clone(), third.clone()], duplicates);
        assert_eq!(
            texts(&again(&kept, DuplicateLabels::Keep).unwrap()),
            ["shirt (a)", "shirt (b)", "shirt (c)", "hat"]
        );
        let joined = again(&kept, DuplicateLabels::Merge).unwrap();
        assert_eq!((texts(&joined), &joined.label_of_logit), (vec!["shirt", "hat"], &vec![0, 0, 0, 1]));
        assert_eq!(again(&kept, DuplicateLabels::Error).unwrap_err().code(), "duplicate-label");
        let other = [kept.clone(), of("d", &["hat"])];
        let other = MergedLabels::join(&other, DuplicateLabels::Error).unwrap();
        assert_eq!(texts(&other), ["shirt (a)", "shirt (b)", "hat"]);
        let joined = MergedLabels::join(&models, DuplicateLabels::Merge).unwrap();
        let both = again(&joined, DuplicateLabels::Keep).unwrap();
        assert_eq!(texts(&both), ["shirt (a, b)", "shirt (c)", "hat"]);
        let own = [vec!["shirt".to_string()], vec!["shirt".into()], vec!["shirt".into(), "hat".into()]];
        let heads = ["a", "b", "c"].into_iter().zip(own.iter().map(|l| l.as_slice()));
        assert_eq!(MergedLabels::of_merged("m", both.labels.clone(), heads).unwrap(), both);
    }

    #[test]
    fn edits() {
        let models = [of("a", &["shirt", "shoes"]), of("b", &["hat", "shirt"])];
        let joined = MergedLabels::join(&models, DuplicateLabels::Merge).unwrap();
        let mut edited = joined.clone();
        edited.remove(0, "a");
        assert_eq!((texts(&edited), &edited.label_of_logit), (vec!["shirt", "shoes", "hat"], &vec![1, 2, 0]));
        assert_eq!(edited.labels[0].heads, ["b"]);
        edited.remove(2, "b");
        assert_eq!((texts(&edited), &edited.label_of_logit), (vec!["shoes", "hat"], &vec![0, 1]));
        let mut edited = joined.clone();
        edited.remove_head(3, "b", "blouse");
        assert_eq!(
            (texts(&edited), &edited.label_of_logit),
            (vec!["shirt", "blouse", "shoes", "hat"], &vec![0, 2, 3, 1])
        );
        let mut edited = joined;
        edited.order(&["hat".into(), "shirt".into(), "shoes".into()]).unwrap();
        assert_eq!((texts(&edited), &edited.label_of_logit), (vec!["hat", "shirt", "shoes"], &vec![1, 2, 0, 1]));
        let error = edited.order(&["hat".into(), "shirt".into()]).unwrap_err().to_string();
        let expected =
            "order: expected each of the 3 labels once, found 'shoes' missing; the labels are hat, shirt, shoes";
        assert_eq!(error, expected);
    }
}
