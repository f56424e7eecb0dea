//! One verdict per kind of figures, and its full sentence.

use polyhead::check::verdict::{Separability, VerdictInputs, Weakest};
use polyhead::check::Recommendation;
use polyhead::rule::RuleKind;

/// Two well-separated heads at a small cost of choosing between them.
fn sound() -> VerdictInputs {
    VerdictInputs {
        rule: RuleKind::Concat,
        heads: 2,
        sigmoid: false,
        accuracy: 0.88,
        with_right_head: 0.90,
        cost: 0.02,
        cost_low: 0.01,
        ece: 0.03,
        ece_of_chance: 0.04,
        weakest: Some(Weakest { head: "trash".into(), accuracy: 0.85, labels: 5 }),
        separation: Some(Separability { head: "trash".into(), score: "energy", auroc: 0.95, high: 0.97 }),
        gate_estimate: None,
        twins: None,
        uncertain: false,
    }
}

fn costly() -> VerdictInputs {
    VerdictInputs { accuracy: 0.81, with_right_head: 0.88, cost: 0.07, cost_low: 0.05, ..sound() }
}

fn apart(auroc: f64, high: f64) -> Option<Separability> {
    Some(Separability { head: "clothes".into(), score: "features", auroc, high })
}

#[test]
fn advice_by_figures() {
    let weak = |accuracy, labels| Some(Weakest { head: "trash".into(), accuracy, labels });
    let twins = Some(("shirt".into(), "top".into()));
    let table = [
        ("all well", sound(), Recommendation::UseAsIs),
        ("probabilities off", VerdictInputs { ece: 0.08, ..sound() }, Recommendation::Calibrate),
        ("off within chance", VerdictInputs { ece: 0.08, ece_of_chance: 0.09, ..sound() }, Recommendation::UseAsIs),
        ("off a little, more than chance", VerdictInputs { ece: 0.05, ..sound() }, Recommendation::UseAsIs),
        ("costly choice, heads apart", costly(), Recommendation::Gate),
        ("costly choice, off too", VerdictInputs { ece: 0.2, ..costly() }, Recommendation::Gate),
        ("cost within chance", VerdictInputs { cost_low: 0.0, ..costly() }, Recommendation::UseAsIs),
        ("apart by features", VerdictInputs { separation: apart(0.85, 0.9), ..costly() }, Recommendation::Gate),
        ("a gate would not help", VerdictInputs { gate_estimate: Some(0.80), ..costly() }, Recommendation::Retrain),
        ("apart in part", VerdictInputs { separation: apart(0.84, 0.9), ..costly() }, Recommendation::Retrain),
        ("not apart", VerdictInputs { separation: apart(0.55, 0.64), ..costly() }, Recommendation::DoNotMerge),
        ("not apart, unsure", VerdictInputs { separation: apart(0.55, 0.66), ..costly() }, Recommendation::Retrain),
        ("not apart, at no cost", VerdictInputs { separation: apart(0.55, 0.64), ..sound() }, Recommendation::UseAsIs),
        ("nothing known", VerdictInputs { separation: None, ..costly() }, Recommendation::Retrain),
        ("weak among five", VerdictInputs { weakest: weak(0.59, 5), ..sound() }, Recommendation::Retrain),
        ("fair among five", VerdictInputs { weakest: weak(0.60001, 5), ..sound() }, Recommendation::UseAsIs),
        ("weak among two", VerdictInputs { weakest: weak(0.74, 2), ..sound() }, Recommendation::Retrain),
        ("a single label", VerdictInputs { weakest: weak(1.0, 1), ..sound() }, Recommendation::UseAsIs),
        ("same meaning", VerdictInputs { twins: twins.clone(), ..sound() }, Recommendation::DoNotMerge),
        ("same meaning, weak", VerdictInputs { twins, weakest: weak(0.3, 5), ..costly() }, Recommendation::DoNotMerge),
        ("one head", VerdictInputs { heads: 1, ..costly() }, Recommendation::UseAsIs),
        ("nothing to choose", VerdictInputs { sigmoid: true, ..costly() }, Recommendation::UseAsIs),
        ("fitted, look-alike labels", VerdictInputs { rule: RuleKind::Gated, ..costly() }, Recommendation::UseAsIs),
        ("fitted, off", VerdictInputs { rule: RuleKind::Retrained, ece: 0.09, ..costly() }, Recommendation::Calibrate),
        ("fitted in vain", VerdictInputs { rule: RuleKind::Gated, cost: 0.11, ..costly() }, Recommendation::Retrain),
        ("only scaled", VerdictInputs { rule: RuleKind::Scaled, ..costly() }, Recommendation::Gate),
    ];
    for (name, grounds, advice) in table {
        assert_eq!(grounds.verdict().advice, advice, "{name}: {}", grounds.verdict().sentence());
    }
}

#[test]
fn sentences() {
    let sentence = |grounds: VerdictInputs| grounds.verdict().sentence();
    assert_eq!(
        sentence(sound()),
        "Use as is: 88.0 % right, 90.0 % if the right head were always chosen, with probabilities off by 3.0 points on \
         average"
    );
    assert_eq!(
        sentence(VerdictInputs { ece: 0.08, ..sound() }),
        "Calibrate: the choice between heads costs little (88.0 % right, 90.0 % with the right head), but stated \
         probabilities are off by 8.0 points on average; fit temperatures"
    );
    assert_eq!(
        sentence(VerdictInputs { ece: 0.08, sigmoid: true, ..costly() }),
        "Calibrate: the top label is right on 81.0 %, but stated probabilities are off by 8.0 points on average; calibrate \
         each head before the merge"
    );
    assert_eq!(
        sentence(VerdictInputs { separation: apart(0.998, 1.0), gate_estimate: Some(0.876), ..costly() }),
        "Gate: the choice between heads costs 7.0 points (81.0 % instead of 88.0 %), though the features can tell own from \
         foreign images (AUROC 0.998 for the worst head); a plain gate on features would be right on about 87.6 %; \
         fit a gate that chooses the head"
    );
    assert_eq!(
        sentence(VerdictInputs { weakest: Some(Weakest { head: "trash".into(), accuracy: 0.4, labels: 5 }), ..sound() }),
        "Retrain: the head 'trash' is right on only 40.0 % of its own images, among 5 labels, and no rule between heads \
         mends that; fit one joint head, or train the head longer"
    );
    assert_eq!(
        sentence(VerdictInputs { separation: apart(0.55, 0.6), uncertain: true, ..costly() }),
        "Do not merge: the choice between heads costs 7.0 points (81.0 % instead of 88.0 %), and no score tells the own \
         images of 'clothes' from foreign ones (best AUROC 0.55, features) (too few images to be sure)"
    );
    assert_eq!(
        sentence(VerdictInputs { twins: Some(("shirt".into(), "top".into())), ..sound() }),
        "Do not merge: nothing tells images of 'shirt' from those of 'top', so the two labels mean the same; rename one \
         to the other and merge them as one label"
    );
}

#[test]
fn names_are_those_of_the_json() {
    for advice in [
        Recommendation::UseAsIs,
        Recommendation::Calibrate,
        Recommendation::Gate,
        Recommendation::Retrain,
        Recommendation::DoNotMerge,
    ] {
        assert_eq!(serde_json::json!(advice), advice.name());
    }
}
