//! Tiny merged models with a rule of every kind, with parameters from a seed.

use crate::tiny::{again, merged, weights, Tiny};
use polyhead::features::Pooling;
use polyhead::labels::DuplicateLabels;
use polyhead::merge::{merge, MergeOptions, Merged, Weights};
use polyhead::rule::{
    Distance, FittedOn, FittedRule, Gated, Posterior, Rejection, Retrained, Rule, RuleRecord, Scaled,
};
use std::sync::OnceLock;

/// A merged model before and after a rule was written into it.
pub struct Case {
    pub name: &'static str,
    pub unfitted: Merged,
    pub fitted: Merged,
    pub combination: FittedRule,
}

pub fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

pub fn b() -> Tiny {
    Tiny::new("b", &["hat", "shoe"])
}

fn c() -> Tiny {
    Tiny::new("c", &["car", "bus", "tram", "bike"])
}

fn hot(model: Tiny) -> Tiny {
    Tiny { gain: 100.0, ..model }
}

/// Three images of noise as the models' input.
pub fn images() -> Vec<Vec<f32>> {
    [5, 6, 7].map(|seed| weights(seed, 3 * 16 * 16, 1.0)).to_vec()
}

/// A posterior in a space of two dimensions, whose offsets are −½‖prototype‖².
pub fn posterior(pools: &[Pooling], width: usize, labels: usize) -> Posterior {
    let prototypes = weights(11 + labels as u32, 2 * labels, 3.0);
    Posterior {
        pools: pools.to_vec(),
        mean: weights(12, width, 0.5),
        unit: false,
        projection: weights(13 + width as u32, 2 * width, 2.0),
        offsets: prototypes.chunks(2).map(|m| -0.5 * (m[0] * m[0] + m[1] * m[1])).collect(),
        prototypes,
    }
}

pub fn evidence(posterior: Posterior) -> Rejection {
    Rejection { distance: Distance::Evidence(posterior), threshold: 2.5, width: 0.7 }
}

fn energy() -> Rejection {
    Rejection { distance: Distance::Energy, threshold: -1.5, width: 0.9 }
}

fn scaled(scale: &[f64], labels: usize) -> Scaled {
    let bias = weights(14, labels, 1.0).into_iter().map(f64::from).collect();
    Scaled { scale: scale.to_vec(), bias }
}

fn gated(scaled: Scaled, posterior: Posterior) -> Rule {
    Rule::Gated(Gated { scaled, posterior, gate: [0.3, 0.9], within: [0.8, 0.45] })
}

/// Every rule, each with a difficult property.
pub fn cases() -> &'static [Case] {
    static CASES: OnceLock<Vec<Case>> = OnceLock::new();
    CASES.get_or_init(all)
}

/// The case of this name.
pub fn find(name: &str) -> &'static Case {
    cases().iter().find(|c| c.name == name).unwrap()
}

fn all() -> Vec<Case> {
    use Pooling::*;
    let [keep, f16] = [Weights::Keep, Weights::F16];
    let pair = || vec![a(), b()];
    let three = || vec![hot(a()), b(), c()];
    let joined = || vec![a(), Tiny::new("b", &["shirt", "shoe"])];
    let apart = || vec![a(), Tiny { second: 9, ..b() }];
    let p = posterior;
    vec![
        case("concat-energy", pair(), keep, |_, _| (Rule::default(), Some(energy()))),
        case("scaled", pair(), keep, |_, l| (Rule::Scaled(scaled(&[0.6, 1.7], l)), None)),
        case("scaled-hot", three(), keep, |_, l| (Rule::Scaled(scaled(&[0.02, 1.3, 0.4], l)), Some(energy()))),
        case("gated", pair(), keep, |d, l| {
            let own = p(&[Features], d(&[Features]), l);
            (gated(scaled(&[0.6, 1.7], l), own.clone()), Some(evidence(own)))
        }),
        case("gated-f16", pair(), f16, |d, l| {
            let own = p(&[Features], d(&[Features]), l);
            (gated(scaled(&[0.6, 1.7], l), own.clone()), Some(evidence(own)))
        }),
        case("gated-hot", three(), keep, |d, l| {
            let near = p(&[Average, Deviation], d(&[Average, Deviation]), 4);
            (gated(scaled(&[1.0, 1.3, 0.4], l), p(&Pooling::ALL, d(&Pooling::ALL), l)), Some(evidence(near)))
        }),
        case("gated-joined", joined(), keep, |d, l| {
            (gated(scaled(&[0.6, 1.7], l), p(&[Features, Maximum], d(&[Features, Maximum]), l)), Some(energy()))
        }),
        case("gated-apart", apart(), keep, |d, l| {
            (gated(scaled(&[0.6, 1.7], l), p(&[Features], d(&[Features]), l)), None)
        }),
        case("retrained", three(), keep, |d, l| {
            let all = p(&Pooling::ALL, d(&Pooling::ALL), l);
            let none = evidence(Posterior { unit: true, ..all.clone() });
            (Rule::Retrained(Retrained(all)), Some(none))
        }),
        case("cosine", pair(), keep, |d, l| {
            let pools = [Average, Maximum];
            let one = p(&pools, d(&pools), l);
            let sharp = one.prototypes.iter().map(|v| v * 0.5).collect();
            let cosine = Posterior { unit: true, prototypes: sharp, offsets: vec![0.0; l], ..one };
            (Rule::Retrained(Retrained(cosine)), Some(energy()))
        }),
    ]
}

/// `rule` gets the widths of φ's feature ranges and the number of logits.
fn case(
    name: &'static str,
    models: Vec<Tiny>,
    weights: Weights,
    rule: impl Fn(&dyn Fn(&[Pooling]) -> usize, usize) -> (Rule, Option<Rejection>),
) -> Case {
    let options =
        MergeOptions { duplicate_labels: DuplicateLabels::Merge, weight_format: weights, ..MergeOptions::default() };
    let unfitted = merged(&models.iter().collect::<Vec<_>>(), &options).unwrap();
    let source = again(name, &unfitted);
    let layout = source.feature_extractor().unwrap().layout().clone();
    let (rule, none) = rule(&|pools| layout.only(pools).width(), source.width());
    let evidence = [("a/cat".to_string(), 4), ("a/dog".to_string(), 5)].into();
    let record = RuleRecord { fitted_on: Some(FittedOn { evidence, held_out: 0 }), ..RuleRecord::default() };
    let combination = FittedRule { rule, none, record };
    let options = MergeOptions { rule: Some(combination.clone()), ..options };
    Case { name, unfitted, fitted: merge(vec![source], &options).unwrap(), combination }
}
