//! Edits a merged model: renames, drops and reorders labels; replaces and removes heads.

use crate::error::{ErrorKind, Result, Setting};
use crate::import::ImportedModel;
use crate::labels::{HeadLabels, MergedLabels};
use serde::{Deserialize, Serialize};

/// Edits applied before the merge, in the order of the fields. Names are those of the sources.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct Edits {
    /// The one head to keep.
    #[serde(skip)]
    pub only: Option<String>,
    /// Heads and the models that replace them. A model with one head takes the replaced head's name.
    #[serde(skip)]
    pub replace: Vec<(String, ImportedModel)>,
    /// Labels to remove with their logits: `LABEL`, or `HEAD/LABEL` if several heads have it.
    pub drop: Vec<String>,
    /// Labels, named in the same way, and their new texts.
    pub rename: Vec<(String, String)>,
    /// Every merged label once, in the order of `probabilities`; empty keeps the order.
    pub order: Vec<String>,
}

/// The logits of one label: the source, the label's index there, and the logits.
type Group = (usize, usize, Vec<Logit>);

/// The merged part of one head of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The output of the source's graph.
    pub output: usize,
    /// The columns of the output that are kept: all, unless labels are removed.
    pub columns: Vec<usize>,
}

/// One logit of one model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Logit {
    model: usize,
    /// The head of the source.
    part: usize,
    /// The label of the head.
    label: usize,
}

/// The sources and the parts of them that are merged.
pub(super) struct Models {
    /// Heads and labels are edited, the graph is not.
    pub sources: Vec<ImportedModel>,
    /// The parts of each source, one per head.
    pub parts: Vec<Vec<Part>>,
    /// The source and output that each source replaces, if any.
    places: Vec<Option<(usize, usize)>>,
}

impl Models {
    /// Applies all edits but the order.
    pub(super) fn new(sources: Vec<ImportedModel>, edits: &Edits) -> Result<Models> {
        let mut models = Models { sources: Vec::new(), parts: Vec::new(), places: Vec::new() };
        for source in sources {
            models.push(source, None);
        }
        if let Some(head) = &edits.only {
            models.keep_only(head)?;
        }
        for (head, source) in &edits.replace {
            models.replace(head, source.clone())?;
        }
        let dropped =
            edits.drop.iter().map(|label| models.resolve(Setting::Drop, label)).collect::<Result<Vec<_>>>()?;
        let renamed =
            edits.rename.iter().map(|(old, _)| models.resolve(Setting::Rename, old)).collect::<Result<Vec<_>>>()?;
        for (targets, (_, new)) in renamed.iter().zip(&edits.rename) {
            models.rename(targets, new);
        }
        models.drop(dropped)?;
        models.check_labels()?;
        Ok(models)
    }

    fn push(&mut self, source: ImportedModel, place: Option<(usize, usize)>) {
        let part = |(output, head): (usize, &HeadLabels)| Part { output, columns: (0..head.labels.len()).collect() };
        self.parts.push(source.heads.iter().enumerate().map(part).collect());
        self.sources.push(source);
        self.places.push(place);
    }

    /// The heads in the order of their logits, as (source, head of the source).
    pub(super) fn head_order(&self) -> Vec<(usize, usize)> {
        let mut order: Vec<(usize, usize)> =
            (0..self.parts.len()).flat_map(|m| (0..self.parts[m].len()).map(move |p| (m, p))).collect();
        order.sort_by_key(|&(model, part)| match self.places[model] {
            Some((other, output)) => (other, output, model, part),
            None => (model, self.parts[model][part].output, model, part),
        });
        order
    }

    /// For each logit in the order of heads, its index in the order of sources.
    pub(super) fn logit_order(&self) -> Vec<usize> {
        let logits = |model: usize, part: usize| self.first_logit(model, part)..self.first_logit(model, part + 1);
        let before = |model: usize| (0..model).map(|m| self.sources[m].width()).sum::<usize>();
        let of = |(model, part)| logits(model, part).map(move |z| z + before(model)).collect::<Vec<_>>();
        self.head_order().into_iter().flat_map(of).collect()
    }

    /// The index of a head's first logit among those of its source.
    fn first_logit(&self, model: usize, part: usize) -> usize {
        self.sources[model].heads[..part].iter().map(|h| h.labels.len()).sum()
    }

    fn find_head(&self, setting: Setting, name: &str) -> Result<(usize, usize)> {
        let heads = || {
            self.sources.iter().enumerate().flat_map(|(m, s)| s.heads.iter().enumerate().map(move |(p, h)| (m, p, h)))
        };
        let found = heads().find(|(_, _, head)| head.name == name).map(|(model, part, _)| (model, part));
        found.ok_or_else(|| {
            let known = heads().map(|(_, _, h)| h.name.as_str()).collect::<Vec<_>>().join(", ");
            ErrorKind::UnknownHead { setting, head: name.to_string(), known }.into()
        })
    }

    fn keep_only(&mut self, name: &str) -> Result<()> {
        let (model, _) = self.find_head(Setting::Head, name)?;
        for part in (0..self.parts[model].len()).rev() {
            if self.sources[model].heads[part].name != name {
                self.remove_head(model, part);
            }
        }
        let mut source = self.sources.swap_remove(model);
        let own = format!("{name}/");
        for (key, _) in &mut source.foreign {
            if let Some(bare) = key.strip_prefix(&own) {
                *key = bare.to_string();
            }
        }
        let parts = self.parts.swap_remove(model);
        *self = Models { sources: vec![source], parts: vec![parts], places: vec![None] };
        Ok(())
    }

    fn replace(&mut self, name: &str, mut new: ImportedModel) -> Result<()> {
        let (model, part) = self.find_head(Setting::Replace, name)?;
        if self.parts[model].len() == 1 {
            let (head, model) = (name.to_string(), self.sources[model].name.clone());
            return Err(ErrorKind::OnlyHead { head, model }.into());
        }
        let output = self.parts[model][part].output;
        if new.heads.len() > 1 {
            let heads = new.heads.iter().map(|h| h.name.as_str()).collect::<Vec<_>>().join(", ");
            return Err(ErrorKind::SeveralHeads { setting: Setting::Replace, model: new.name, heads }.into());
        }
        self.remove_head(model, part);
        if let [head] = new.heads.as_mut_slice() {
            head.name = name.to_string();
            new.labels = MergedLabels::of_head(name, &head.labels);
            new.name = name.to_string();
            new.origins.iter_mut().for_each(|origin| origin.name = name.to_string());
            if let Some(shared) = &mut new.shared_backbone {
                shared.heads.iter_mut().for_each(|change| change.head = name.to_string());
            }
        }
        self.push(new, Some((model, output)));
        Ok(())
    }

    /// Removes a head, its labels and its origin from a source.
    fn remove_head(&mut self, model: usize, part: usize) {
        let first = self.first_logit(model, part);
        let source = &mut self.sources[model];
        let head = source.heads.remove(part);
        self.parts[model].remove(part);
        for _ in &head.labels {
            source.labels.remove(first, &head.name);
        }
        source.origins.retain(|origin| origin.name != head.name);
        if let Some(shared) = &mut source.shared_backbone {
            shared.heads.retain(|change| change.head != head.name);
        }
        let own = format!("{}/", head.name);
        source.foreign.retain(|(key, _)| !key.starts_with(&own));
    }

    /// The logits that a request refers to: one, or those of a merged label.
    fn resolve(&self, setting: Setting, name: &str) -> Result<Vec<Logit>> {
        let mut found: Vec<Group> = Vec::new();
        let mut add = |model, place, at| match found.iter_mut().find(|f| (f.0, f.1) == (model, place)) {
            Some((_, _, logits)) => logits.push(at),
            None => found.push((model, place, vec![at])),
        };
        for (model, part, label, text) in self.logits() {
            let source = &self.sources[model];
            let place = source.labels.label_of_logit[self.first_logit(model, part) + label];
            let joint = &source.labels.labels[place].label;
            if text == name || joint == name || self.qualified(model, part, text) == name {
                add(model, place, Logit { model, part, label });
            }
        }
        let mut groups = found.into_iter();
        match (groups.next(), groups.next()) {
            (Some((_, _, only)), None) => Ok(only),
            (None, _) => {
                let known =
                    self.logits().map(|(m, p, _, text)| self.qualified(m, p, text)).collect::<Vec<_>>().join(", ");
                Err(ErrorKind::UnknownLabel { setting, label: name.to_string(), known }.into())
            }
            (Some(first), Some(second)) => {
                let all = [first, second].into_iter().chain(groups).flat_map(|(_, _, logits)| logits);
                let text = |Logit { model, part, label }| {
                    let head = &self.sources[model].heads[part];
                    (head.name.clone(), head.labels[label].clone())
                };
                let all: Vec<(String, String)> = all.map(text).collect();
                let found = all.iter().map(|(head, label)| format!("{head}/{label}")).collect::<Vec<_>>().join(" and ");
                let example = all[0].clone();
                Err(ErrorKind::AmbiguousLabel { setting, label: name.to_string(), found, example }.into())
            }
        }
    }

    /// Every logit: source, head of the source, label of the head, the label's text.
    fn logits(&self) -> impl Iterator<Item = (usize, usize, usize, &str)> {
        self.sources.iter().enumerate().flat_map(|(model, source)| {
            source.heads.iter().enumerate().flat_map(move |(part, head)| {
                head.labels.iter().enumerate().map(move |(label, text)| (model, part, label, text.as_str()))
            })
        })
    }

    fn qualified(&self, model: usize, part: usize, label: &str) -> String {
        format!("{}/{label}", self.sources[model].heads[part].name)
    }

    fn rename(&mut self, targets: &[Logit], new: &str) {
        for &Logit { model, part, label } in targets {
            let logit = self.first_logit(model, part) + label;
            let ImportedModel { heads, labels, .. } = &mut self.sources[model];
            let head = &mut heads[part];
            head.labels[label] = new.to_string();
            let place = labels.label_of_logit[logit];
            if labels.label_of_logit.iter().filter(|m| **m == place).count() == targets.len() {
                labels.rename(place, new);
            } else {
                labels.remove_head(logit, &head.name, new);
            }
        }
    }

    fn drop(&mut self, targets: Vec<Vec<Logit>>) -> Result<()> {
        let mut targets: Vec<_> = targets.into_iter().flatten().collect();
        targets.sort_unstable();
        targets.dedup();
        // From the last to the first, so that earlier indices stay valid.
        for Logit { model, part, label } in targets.into_iter().rev() {
            let logit = self.first_logit(model, part) + label;
            let ImportedModel { heads, labels, .. } = &mut self.sources[model];
            let head = &mut heads[part];
            if head.labels.len() == 1 {
                return Err(ErrorKind::EmptyHead { head: head.name.clone() }.into());
            }
            head.labels.remove(label);
            labels.remove(logit, &head.name);
            self.parts[model][part].columns.remove(label);
        }
        Ok(())
    }

    /// Checks that a head's labels are distinct, also after renaming.
    fn check_labels(&self) -> Result<()> {
        for head in self.sources.iter().flat_map(|s| &s.heads) {
            let repeated = head.labels.iter().enumerate().find(|(at, label)| head.labels[..*at].contains(label));
            if let Some((_, label)) = repeated {
                let (head, label) = (head.name.clone(), label.clone());
                return Err(ErrorKind::RepeatedLabel { head, label }.into());
            }
        }
        Ok(())
    }
}
