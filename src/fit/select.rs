//! Selects a rule and assembles its record for the file.

use super::candidates::Trial;
use super::cross_validation::{self, RuleMetrics};
use super::input::LogitColumns;
use super::parameters;
use super::rejection;
use super::scaled;
use super::validation::FitData;
use super::weight_alignment;
use super::{Fit, FitInput, FitOptions};
use crate::error::{ErrorKind, Result};
use crate::rule::softmax::log_sum_exp;
use crate::rule::{
    Caution, Distance, Figures, FitNeeds, FittedOn, FittedRule, Gated, Posterior, Rejection, Retrained, Rule, RuleKind,
    RuleRecord, Validation, RULES,
};
use serde_json::json;
use std::collections::BTreeMap;

/// With fewer images per label, parameters are only rough.
const FEW: u64 = 5;

pub(super) fn choose(
    material: &FitInput,
    options: &FitOptions,
    columns: &LogitColumns,
    ground: &FitData,
) -> Result<Fit> {
    let rules = possible(material, options, ground)?;
    let heads = ground.grounds.heads();
    let answers = cross_validation::crossed(ground.trial.as_ref(), &ground.rows, heads, &rules);
    let comparison: Vec<RuleMetrics> =
        answers.iter().map(|(rule, a)| cross_validation::figures(*rule, &ground.rows, &columns.members, a)).collect();
    let name = options.rule.0.unwrap_or_else(|| best(&comparison, ground.grounds));
    let mut parameters = BTreeMap::new();
    let (rule, none) = written(material, options, ground, name, &mut parameters);
    if none.is_some() {
        parameters.insert("none-false-rejects".into(), json!(options.reject_rate));
    }
    let record = RuleRecord {
        name,
        parameters,
        fitted_on: (name != RuleKind::Concat).then(|| fitted_on(material, columns, ground)),
        figures: figures(&comparison, ground, name),
        cautions: cautions(material, columns, ground, name),
    };
    let compared = ground.rows.len();
    let combination = FittedRule { rule, none, record };
    Ok(Fit { combination, comparison, grounds: ground.grounds, compared })
}

/// The rules that the available data can fit.
fn possible(material: &FitInput, options: &FitOptions, ground: &FitData) -> Result<Vec<RuleKind>> {
    let evidence = ground.trial.is_some();
    let scaled = ground.rows.len() > 0 || ground.grounds != Validation::Weights || !material.layers.is_empty();
    let needs = |rule: RuleKind| match rule.needs() {
        FitNeeds::Nothing => true,
        FitNeeds::Logits => scaled,
        FitNeeds::Evidence => evidence,
    };
    if let Some(rule) = options.rule.0.filter(|&r| !needs(r)) {
        let mut labels = material.heads.iter().flat_map(|h| h.labels.iter().map(move |l| format!("{}/{l}", h.name)));
        let missing: Vec<String> = match rule.needs() {
            FitNeeds::Logits => labels.by_ref().collect(),
            _ => labels.enumerate().filter(|(c, _)| ground.missing.contains(c)).map(|(_, l)| l).collect(),
        };
        return Err(ErrorKind::NoEvidence { rule: rule.to_string(), labels: missing.join(", ") }.into());
    }
    // Weights alone give nothing to compare by.
    let alone = ground.grounds == Validation::Weights;
    let fits = |rule: &RuleKind| needs(*rule) && !(alone && rule.needs() == FitNeeds::Evidence);
    Ok(RULES.iter().copied().filter(fits).collect())
}

/// The rule of least NLL among those that are at least as accurate as concatenation.
fn best(comparison: &[RuleMetrics], grounds: Validation) -> RuleKind {
    if grounds == Validation::Weights {
        return comparison.last().map_or(RuleKind::Concat, |c| c.rule);
    }
    let least = comparison.iter().find(|c| c.rule == RuleKind::Concat).map_or(0.0, |c| c.accuracy);
    let sound = comparison.iter().filter(|c| c.accuracy >= least && c.nll.is_finite());
    sound.min_by(|a, b| a.nll.total_cmp(&b.nll)).map_or(RuleKind::Concat, |c| c.rule)
}

/// The rule with parameters from all rows.
fn written(
    material: &FitInput,
    options: &FitOptions,
    ground: &FitData,
    name: RuleKind,
    parameters: &mut BTreeMap<String, serde_json::Value>,
) -> (Rule, Option<Rejection>) {
    let (rows, heads) = (&ground.rows, ground.grounds.heads());
    let all = rows.outside(None);
    let scale = || match ground.grounds {
        Validation::Weights => weight_alignment::scaled(material.layers),
        _ => parameters::scale(rows, &all, heads),
    };
    let mut chosen = None;
    let rule = match (name, &ground.trial) {
        (RuleKind::Scaled, _) => Rule::Scaled(scale()),
        (RuleKind::Retrained, Some(trial)) => match parameters::posterior(rows, &all, &trial.joint()) {
            Some(found) => {
                chosen = Some(found);
                Rule::Retrained(Retrained(trial.posterior(found.candidate, &ground.pools, found.sharpness)))
            }
            None => Rule::default(),
        },
        (RuleKind::Gated, Some(trial)) => match parameters::pooled(rows, &all, &trial.prototypes(), heads) {
            Some(found) => {
                chosen = Some(found.posterior);
                let [gate, evidence_gate, within, evidence_within] = found.weights;
                parameters.insert("gate".into(), json!([rounded(gate), rounded(evidence_gate)]));
                parameters.insert("within".into(), json!([rounded(within), rounded(evidence_within)]));
                Rule::Gated(Gated {
                    scaled: found.scaled,
                    posterior: trial.posterior(found.posterior.candidate, &ground.pools, found.posterior.sharpness),
                    gate: [gate, evidence_gate],
                    within: [within, evidence_within],
                })
            }
            None => Rule::default(),
        },
        _ => Rule::default(),
    };
    if let (Some(trial), Some(chosen)) = (&ground.trial, &chosen) {
        describe(trial, chosen.candidate, parameters);
    }
    if let Some(scaled) = rule.scaled() {
        temperatures(material, &scaled.scale, parameters);
    }
    let none = match (&rule, &ground.trial) {
        (Rule::Concat(_), _) => None,
        (_, Some(trial)) => measured(ground, trial, chosen.zip(rule.posterior()), options),
        (Rule::Scaled(scaled), None) => {
            let energy = |row: &usize| -log_sum_exp(&scaled::scores(scaled, &rows.owners, &rows.logits[*row]));
            rejection::none(Distance::Energy, all.iter().map(energy).collect(), options.reject_rate)
        }
        _ => None,
    };
    (rule, none)
}

/// The distance to the evidence; in the coordinates of the rule's own posterior if it has any, so that they are
/// computed once.
fn measured(
    ground: &FitData,
    trial: &Trial,
    own: Option<(parameters::Chosen, &Posterior)>,
    options: &FitOptions,
) -> Option<Rejection> {
    let rows = &ground.rows;
    let measures = trial.measures();
    let own = own.filter(|(chosen, _)| measures.contains(&chosen.candidate));
    let (candidate, posterior, unit) = match own {
        Some((chosen, posterior)) => (chosen.candidate, posterior.clone(), chosen.sharpness.sqrt()),
        None => {
            let chosen = parameters::posterior(rows, &rows.outside(None), &measures)?;
            (chosen.candidate, trial.posterior(chosen.candidate, &ground.pools, 1.0), 1.0)
        }
    };
    let distances = rows.distances.get(candidate)?.iter().map(|d| d * unit).collect();
    rejection::none(Distance::Evidence(posterior), distances, options.reject_rate)
}

fn describe(trial: &Trial, candidate: usize, parameters: &mut BTreeMap<String, serde_json::Value>) {
    let kind = trial.candidates[candidate];
    parameters.insert("posterior-kind".into(), json!(kind.name()));
    if let Some(shrinkage) = kind.shrinkage() {
        parameters.insert("shrinkage".into(), json!(shrinkage));
    }
}

fn temperatures(material: &FitInput, scale: &[f64], parameters: &mut BTreeMap<String, serde_json::Value>) {
    let of = material.heads.iter().zip(scale).map(|(h, a)| (h.name.clone(), json!(rounded(1.0 / a))));
    parameters.insert("temperatures".into(), serde_json::Value::Object(of.collect()));
}

/// Four digits suffice for readers.
fn rounded(value: f64) -> f64 {
    format!("{value:.4}").parse().unwrap_or(value)
}

fn fitted_on(material: &FitInput, columns: &LogitColumns, ground: &FitData) -> FittedOn {
    let labels = material.heads.iter().flat_map(|h| h.labels.iter().map(move |l| format!("{}/{l}", h.name)));
    debug_assert_eq!(columns.owners.len(), ground.counts.len());
    let evidence = labels.zip(ground.counts.iter().copied()).filter(|(_, n)| *n > 0).collect();
    let held_out = if ground.grounds == Validation::HeldOut { ground.rows.len() as u64 } else { 0 };
    FittedOn { evidence, held_out }
}

fn figures(comparison: &[RuleMetrics], ground: &FitData, name: RuleKind) -> Option<Figures> {
    let of = |name: RuleKind| comparison.iter().find(|c| c.rule == name);
    let (own, concat) = (of(name)?, of(RuleKind::Concat)?);
    (ground.rows.len() > 0).then(|| Figures {
        measured: ground.grounds,
        images: ground.rows.len() as u64,
        accuracy: own.accuracy,
        nll: own.nll,
        ece: own.ece,
        concat_accuracy: concat.accuracy,
        concat_nll: concat.nll,
    })
}

fn cautions(material: &FitInput, columns: &LogitColumns, ground: &FitData, name: RuleKind) -> Vec<Caution> {
    let mut cautions = Vec::new();
    match ground.grounds {
        Validation::HeldOut => {
            let mut per_label = BTreeMap::new();
            for target in &ground.rows.targets {
                *per_label.entry(columns.members[target[0]]).or_insert(0u64) += 1;
            }
            let labels = columns.members.iter().max().map_or(0, |l| l + 1);
            let images = per_label.values().copied().min().unwrap_or(0);
            if per_label.len() < labels {
                let missing = (labels - per_label.len()) as u64;
                cautions.push(Caution::LabelsNotHeldOut { missing, labels: labels as u64 });
            } else if images < FEW {
                cautions.push(Caution::FewHeldOut { images });
            }
        }
        Validation::Seen => cautions.push(Caution::SeenImages),
        Validation::Folds | Validation::Estimate => cautions.push(Caution::EstimatedFigures),
        Validation::Weights if name != RuleKind::Concat => cautions.push(Caution::NothingMeasured),
        Validation::Weights => {}
    }
    if ground.pools.is_empty() {
        cautions.push(Caution::NoSharedFeatures);
    } else if !ground.missing.is_empty() && (ground.grounds != Validation::Weights || material.evidence.is_some()) {
        let labels: Vec<&String> = material.heads.iter().flat_map(|h| &h.labels).collect();
        let labels = ground.missing.iter().map(|&c| labels[c].clone()).collect();
        cautions.push(Caution::NoEvidence { labels });
    }
    cautions
}
