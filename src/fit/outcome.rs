//! Chooses a rule and puts together what goes into the file.

use super::compare::{self, Compared};
use super::fitted;
use super::grounds::{Ground, Grounds};
use super::material::Columns;
use super::none;
use super::scaled;
use super::trial::Trial;
use super::untrained;
use super::{Fit, Material, Options};
use crate::error::{ErrorKind, Result};
use crate::rule::evaluate::log_sum_exp;
use crate::rule::{Combination, Distance, Figures, FittedOn, Gated, Name, NoneOfThese, Posterior, Record, Rule};
use serde_json::json;
use std::collections::BTreeMap;

/// Fewer images a label than this choose parameters only roughly.
const FEW: usize = 5;

pub(super) fn choose(material: &Material, options: &Options, columns: &Columns, ground: &Ground) -> Result<Fit> {
    let rules = possible(material, options, ground)?;
    let heads = ground.grounds.heads();
    let answers = compare::crossed(ground.trial.as_ref(), &ground.rows, heads, &rules);
    let comparison: Vec<Compared> =
        answers.iter().map(|(rule, a)| compare::figures(*rule, &ground.rows, &columns.members, a)).collect();
    let name = options.rule.unwrap_or_else(|| best(&comparison, ground.grounds));
    let mut parameters = BTreeMap::new();
    let (rule, none) = written(material, options, ground, name, &mut parameters);
    if none.is_some() {
        parameters.insert("none-false-rejects".into(), json!(options.false_rejects));
    }
    let record = Record {
        name,
        parameters,
        fitted_on: (name != Name::Concat).then(|| fitted_on(material, columns, ground)),
        figures: figures(&comparison, ground, name),
        cautions: cautions(material, columns, ground, name),
    };
    let compared = ground.rows.len();
    let combination = Combination { rule, none, record };
    Ok(Fit { combination, comparison, grounds: ground.grounds, compared })
}

/// The rules that can be fitted to what there is.
fn possible(material: &Material, options: &Options, ground: &Ground) -> Result<Vec<Name>> {
    let evidence = ground.trial.is_some();
    let scaled = ground.rows.len() > 0 || ground.grounds != Grounds::Weights || !material.layers.is_empty();
    let needs = |rule: Name| match rule {
        Name::Concat => true,
        Name::Scaled => scaled,
        Name::Gated | Name::Retrained => evidence,
    };
    if let Some(rule) = options.rule.filter(|&r| !needs(r)) {
        let mut labels = material.heads.iter().flat_map(|h| h.labels.iter().map(move |l| format!("{}/{l}", h.name)));
        let missing: Vec<String> = match rule {
            Name::Scaled => labels.by_ref().collect(),
            _ => labels.enumerate().filter(|(c, _)| ground.missing.contains(c)).map(|(_, l)| l).collect(),
        };
        return Err(ErrorKind::NoEvidence { rule: rule.to_string(), labels: missing.join(", ") }.into());
    }
    let all = [Name::Concat, Name::Scaled, Name::Gated, Name::Retrained];
    // Nothing can be compared on weights alone.
    let all = if ground.grounds == Grounds::Weights { &all[..2] } else { &all[..] };
    Ok(all.iter().copied().filter(|&r| needs(r)).collect())
}

/// The rule of least NLL among those that are right at least as often as concatenation.
fn best(comparison: &[Compared], grounds: Grounds) -> Name {
    if grounds == Grounds::Weights {
        return comparison.last().map_or(Name::Concat, |c| c.rule);
    }
    let least = comparison.iter().find(|c| c.rule == Name::Concat).map_or(0.0, |c| c.accuracy);
    let sound = comparison.iter().filter(|c| c.accuracy >= least && c.nll.is_finite());
    sound.min_by(|a, b| a.nll.total_cmp(&b.nll)).map_or(Name::Concat, |c| c.rule)
}

/// The rule with parameters from all rows.
fn written(
    material: &Material,
    options: &Options,
    ground: &Ground,
    name: Name,
    parameters: &mut BTreeMap<String, serde_json::Value>,
) -> (Rule, Option<NoneOfThese>) {
    let (rows, heads) = (&ground.rows, ground.grounds.heads());
    let all = rows.outside(None);
    let scale = || match ground.grounds {
        Grounds::Weights => untrained::scaled(material.layers),
        _ => fitted::scale(rows, &all, heads),
    };
    let mut chosen = None;
    let rule = match (name, &ground.trial) {
        (Name::Scaled, _) => Rule::Scaled(scale()),
        (Name::Retrained, Some(trial)) => match fitted::posterior(rows, &all, &trial.joint()) {
            Some(found) => {
                chosen = Some(found);
                Rule::Retrained(trial.posterior(found.candidate, &ground.pools, found.sharpness))
            }
            None => Rule::Concat,
        },
        (Name::Gated, Some(trial)) => match fitted::pooled(rows, &all, &trial.prototypes(), heads) {
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
            None => Rule::Concat,
        },
        _ => Rule::Concat,
    };
    if let (Some(trial), Some(chosen)) = (&ground.trial, &chosen) {
        describe(trial, chosen.candidate, parameters);
    }
    if let Some(scaled) = rule.scaled() {
        temperatures(material, &scaled.scale, parameters);
    }
    let none = match (&rule, &ground.trial) {
        (Rule::Concat, _) => None,
        (_, Some(trial)) => measured(ground, trial, chosen.zip(rule.posterior()), options),
        (Rule::Scaled(scaled), None) => {
            let energy = |row: &usize| -log_sum_exp(&scaled::scores(scaled, &rows.owners, &rows.logits[*row]));
            none::none(Distance::Energy, all.iter().map(energy).collect(), options.false_rejects)
        }
        _ => None,
    };
    (rule, none)
}

/// The distance to the evidence; in the coordinates of the rule's own posterior where it has some, so that they are computed
/// once.
fn measured(
    ground: &Ground,
    trial: &Trial,
    own: Option<(fitted::Chosen, &Posterior)>,
    options: &Options,
) -> Option<NoneOfThese> {
    let rows = &ground.rows;
    let measures = trial.measures();
    let own = own.filter(|(chosen, _)| measures.contains(&chosen.candidate));
    let (candidate, posterior, unit) = match own {
        Some((chosen, posterior)) => (chosen.candidate, posterior.clone(), chosen.sharpness.sqrt()),
        None => {
            let chosen = fitted::posterior(rows, &rows.outside(None), &measures)?;
            (chosen.candidate, trial.posterior(chosen.candidate, &ground.pools, 1.0), 1.0)
        }
    };
    let distances = rows.distances.get(candidate)?.iter().map(|d| d * unit).collect();
    none::none(Distance::Evidence(posterior), distances, options.false_rejects)
}

fn describe(trial: &Trial, candidate: usize, parameters: &mut BTreeMap<String, serde_json::Value>) {
    let kind = trial.candidates[candidate];
    parameters.insert("posterior-kind".into(), json!(kind.name()));
    if let Some(shrinkage) = kind.shrinkage() {
        parameters.insert("shrinkage".into(), json!(shrinkage));
    }
}

fn temperatures(material: &Material, scale: &[f64], parameters: &mut BTreeMap<String, serde_json::Value>) {
    let of = material.heads.iter().zip(scale).map(|(h, a)| (h.name.clone(), json!(rounded(1.0 / a))));
    parameters.insert("temperatures".into(), serde_json::Value::Object(of.collect()));
}

/// Four digits are what a reader needs.
fn rounded(value: f64) -> f64 {
    format!("{value:.4}").parse().unwrap_or(value)
}

fn fitted_on(material: &Material, columns: &Columns, ground: &Ground) -> FittedOn {
    let labels = material.heads.iter().flat_map(|h| h.labels.iter().map(move |l| format!("{}/{l}", h.name)));
    debug_assert_eq!(columns.owners.len(), ground.counts.len());
    let evidence = labels.zip(ground.counts.iter().copied()).filter(|(_, n)| *n > 0).collect();
    let held_out = if ground.grounds == Grounds::HeldOut { ground.rows.len() as u64 } else { 0 };
    FittedOn { evidence, held_out }
}

fn figures(comparison: &[Compared], ground: &Ground, name: Name) -> Option<Figures> {
    let of = |name: Name| comparison.iter().find(|c| c.rule == name);
    let (own, concat) = (of(name)?, of(Name::Concat)?);
    (ground.rows.len() > 0).then(|| Figures {
        measured: ground.grounds.words().to_string(),
        images: ground.rows.len() as u64,
        accuracy: own.accuracy,
        nll: own.nll,
        ece: own.ece,
        concat_accuracy: concat.accuracy,
        concat_nll: concat.nll,
    })
}

fn cautions(material: &Material, columns: &Columns, ground: &Ground, name: Name) -> Vec<String> {
    let mut cautions = Vec::new();
    match ground.grounds {
        Grounds::HeldOut => {
            let mut per_label = BTreeMap::new();
            for target in &ground.rows.targets {
                *per_label.entry(columns.members[target[0]]).or_insert(0usize) += 1;
            }
            let labels = columns.members.iter().max().map_or(0, |l| l + 1);
            let least = per_label.values().copied().min().unwrap_or(0);
            if per_label.len() < labels {
                cautions.push(format!("{} of {labels} labels have no held-out image", labels - per_label.len()));
            } else if least < FEW {
                cautions.push(format!("a label has only {least} held-out images: the figures are rough"));
            }
        }
        Grounds::Seen => cautions.push(
            "the heads may have been trained on these images and be overconfident on them: temperatures are not fitted \
             and the figures are too good; give unseen images by --held-out, or say --unseen"
                .into(),
        ),
        Grounds::Folds | Grounds::Estimate => cautions.push(
            "the figures are estimates from sums, as if heads were as sure of unseen images as of those they were trained \
             on, and are too good; give unseen images by --held-out"
                .into(),
        ),
        Grounds::Weights if name != Name::Concat => cautions.push(
            "nothing was measured: the heads' weights were made alike, no more; give images or evidence".into(),
        ),
        Grounds::Weights => {}
    }
    if ground.pools.is_empty() {
        cautions.push("the heads share no features: only rules that need none were tried".into());
    } else if !ground.missing.is_empty() && (ground.grounds != Grounds::Weights || material.evidence.is_some()) {
        let labels: Vec<&str> = material.heads.iter().flat_map(|h| h.labels.iter().map(String::as_str)).collect();
        let missing: Vec<&str> = ground.missing.iter().map(|&c| labels[c]).collect();
        cautions.push(format!("no evidence of {}: only rules that need none were tried", missing.join(", ")));
    }
    cautions
}
