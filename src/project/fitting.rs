//! Fits a rule to the project's evidence and images.

use super::evidence_files::{sum, Handed};
use super::fit_rule::{fit_rule, write_rule, FitData};
use super::gather_evidence::{EvidenceOptions, EvidenceSums};
use super::merged_model;
use super::{EvidenceView, Project};
use crate::error::{ErrorKind, Result};
use crate::evidence::Evidence;
use crate::fit::{Fit, FitOptions, RuleChoice};
use crate::merge::{MergeWarning, Verification, Weights};
use crate::onnx;
use crate::rule::{FittedRule, RuleRecord};
use serde::Serialize;
use serde_json::{json, Value};

/// A fit and its options.
pub(super) struct Fitted {
    pub options: FitOptions,
    /// The fit as JSON.
    pub summary: Value,
    /// `None` for a fit loaded from a project file, which contains only its figures.
    pub fit: Option<Fit>,
}

/// A fitted file as JSON.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
struct TakenReport<'a> {
    rule: &'a RuleRecord,
    proof: Option<&'a Verification>,
    bytes: usize,
    warnings: &'a [MergeWarning],
}

/// A fitted file.
pub(super) struct Taken {
    pub bytes: Vec<u8>,
    pub combination: FittedRule,
    pub record: RuleRecord,
}

impl Project {
    /// The size of an evidence file, in bytes.
    ///
    /// # Errors
    /// `not-merged`, `option`; `limit` if it would be too large.
    pub fn evidence_size(&self, options: &EvidenceOptions) -> Result<u64> {
        Ok(EvidenceSums::new(self.extractor()?, options)?.bytes)
    }

    /// Sums the labelled images to an evidence file.
    ///
    /// # Errors
    /// Those of [`evidence_size`](Self::evidence_size); `unknown-head`, `no-images`.
    pub fn evidence(&self, options: &EvidenceOptions) -> Result<Vec<u8>> {
        let extractor = self.extractor()?;
        let mut sums = EvidenceSums::new(extractor, options)?;
        let [mut examples, unseen] = self.images.examples(extractor);
        examples.extend(unseen);
        if let Some(head) = sums.head {
            examples.iter_mut().filter(|e| e.head.is_none()).for_each(|e| e.head = Some(head));
            examples.retain(|e| e.head == Some(head) && extractor.columns(e.label, e.head).next().is_some());
        }
        if examples.is_empty() {
            return Err(ErrorKind::NoImages { model: merged_model::NAME.into() }.into());
        }
        examples.sort_by(|a, b| (&a.sha256, &a.name).cmp(&(&b.sha256, &b.name)));
        sums.add(&examples)?;
        Ok(sums.finish()?.to_bytes(options.storage))
    }

    /// Adds an evidence file.
    ///
    /// # Errors
    /// `not-merged`, `malformed-evidence`; `other-model` and `different-evidence` if it does not fit the model.
    pub fn add_evidence(&mut self, name: &str, bytes: Vec<u8>) -> Result<EvidenceView<'_>> {
        let id = self.last_id + 1;
        self.put_evidence(id, name, bytes)?;
        self.last_id = id;
        Ok(self.handed[self.handed.len() - 1].view())
    }

    /// Adds an evidence file with the given ID.
    pub(super) fn put_evidence(&mut self, id: u32, name: &str, bytes: Vec<u8>) -> Result<()> {
        let extractor = self.extractor()?;
        let evidence = Evidence::from_bytes(name, &bytes)?;
        if evidence.fingerprint() != extractor.fingerprint() {
            let (expected, found) = (extractor.fingerprint().to_string(), evidence.fingerprint().to_string());
            return Err(ErrorKind::OtherModel { input: "evidence".into(), expected, found }.into());
        }
        let summary = evidence.summary(bytes.len() as u64);
        if let Some(others) = sum(&self.handed)? {
            others.add(&evidence)?;
        }
        self.changed();
        self.handed.push(Handed { id, name: name.to_string(), bytes, summary });
        Ok(())
    }

    /// # Errors
    /// `no-such-item`.
    pub fn remove_evidence(&mut self, id: u32) -> Result<()> {
        let found = self.handed.iter().position(|handed| handed.id == id);
        self.handed.remove(found.ok_or(ErrorKind::NoSuchItem { kind: "evidence", id })?);
        self.changed();
        Ok(())
    }

    /// Compares the rules, and keeps the best or the requested one as the last fit.
    ///
    /// # Errors
    /// `not-merged`, `option`; those of [`fit_rule`].
    pub fn fit(&mut self, options: FitOptions) -> Result<&Value> {
        let fit = self.fit_by(&options)?;
        let mut summary = fit.summary();
        summary["best"] = json!(fit.combination.record().name);
        let fitted = self.fitted.insert(Fitted { options, summary, fit: Some(fit) });
        self.unsaved = true;
        Ok(&fitted.summary)
    }

    fn fit_by(&self, options: &FitOptions) -> Result<Fit> {
        let extractor = self.extractor()?;
        let [images, held_out] = self.images.examples(extractor);
        let layout = extractor.layout().clone();
        let data = FitData { layout, evidence: sum(&self.handed)?, images, unseen: false, held_out };
        fit_rule(extractor, || merged_model::read(&self.joined()?.bytes), &data, options)
    }

    /// Writes the rule of the last fit, or another one of its comparison, into the project's model, verified like any
    /// merge.
    ///
    /// # Errors
    /// `not-fitted`; those of [`fit`](Self::fit) and [`write_rule`].
    pub fn take(&mut self, name: Option<&str>) -> Result<Value> {
        let fitted = self.fitted.as_ref().ok_or(ErrorKind::NotFitted)?;
        let wanted = name.map(rule_choice).transpose()?.unwrap_or_default();
        let combination = match &fitted.fit {
            Some(fit) if wanted.0.is_none_or(|wanted| wanted == fit.combination.record().name) => {
                fit.combination.clone()
            }
            _ => {
                let rule = if wanted.0.is_some() { wanted } else { fitted.options.rule };
                self.fit_by(&FitOptions { rule, ..fitted.options.clone() })?.combination
            }
        };
        let source = merged_model::read(&self.joined()?.bytes)?;
        let merged = write_rule(source, combination.clone(), Weights::default())?;
        let bytes = onnx::encode(&merged.proto);
        let record = combination.record();
        let (proof, warnings) = (merged.proof.as_ref(), merged.warnings.as_slice());
        // Texts, and numbers under text keys, always serialise.
        let report = serde_json::to_value(TakenReport { rule: &record, proof, bytes: bytes.len(), warnings });
        self.taken(Some(Taken { bytes, combination, record }));
        Ok(report.unwrap_or_default())
    }
}

/// The rule with this name, or the best one.
///
/// # Errors
/// `option` for an unknown name.
fn rule_choice(name: &str) -> Result<RuleChoice> {
    name.parse().map_err(|expected: String| ErrorKind::option("rule", expected, format!("'{name}'")).into())
}
