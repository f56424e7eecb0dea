//! The figures of a report by name, in display order.

use crate::check::{HeadReport, JointReport, OwnVsOther, Report};
use crate::statistics::Estimate;

/// The display format of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Percent,
    /// Differences of percentages.
    Points,
    Number,
}

/// A figure with its name and meaning.
pub(super) struct Row {
    pub name: String,
    pub figure: Option<Estimate>,
    pub unit: Unit,
    pub meaning: &'static str,
}

impl Row {
    pub fn new(name: impl Into<String>, figure: impl Into<Option<Estimate>>, unit: Unit, meaning: &'static str) -> Row {
        Row { name: name.into(), figure: figure.into(), unit, meaning }
    }

    /// `81.0 %`; – if it was not computed.
    pub fn value(&self) -> String {
        self.figure.map_or("–".into(), |f| self.unit.write(f.value))
    }

    /// `78.2 – 83.8`
    pub fn interval(&self) -> String {
        self.figure.map_or(String::new(), |f| format!("{} – {}", self.unit.bare(f.low), self.unit.bare(f.high)))
    }

    pub fn images(&self) -> String {
        self.figure.map_or(String::new(), |f| f.images.to_string())
    }
}

impl Unit {
    pub fn write(self, value: f64) -> String {
        match self {
            Unit::Percent => format!("{} %", self.bare(value)),
            Unit::Points | Unit::Number => self.bare(value),
        }
    }

    fn bare(self, value: f64) -> String {
        match self {
            Unit::Percent | Unit::Points => format!("{:.1}", 100.0 * value),
            Unit::Number => format!("{value:.3}"),
        }
    }
}

const GATE: &str = "what a plain gate of label means would reach, cross-validated here";

/// The figures of all heads together.
pub(super) fn joint(report: &Report) -> Vec<Row> {
    use Unit::{Number, Percent, Points};
    let joint = &report.joint;
    let mut rows = vec![
        accuracy(joint),
        head_choice(joint),
        within_head(joint),
        Row::new("with the right head", joint.with_right_head, Percent, "if somebody named each image's head"),
        cost_of_choice(joint),
        Row::new("gate on features", joint.gate_estimate, Percent, GATE),
        Row::new("wrong head", joint.wrong_head, Percent, "the top label is one of another head"),
    ];
    for wrong in &joint.wrong_heads {
        let name = format!("  {} → {}", wrong.head, wrong.chosen);
        rows.push(Row::new(name, wrong.rate, Percent, "of the first head's images"));
    }
    let calibration = joint.calibration.as_ref();
    let of = |figure: fn(&crate::statistics::Calibration) -> Estimate| calibration.map(figure);
    rows.extend([
        ece(joint),
        Row::new("ECE-15, equal mass", of(|c| c.ece_equal_mass), Percent, "the same with as many images a bin"),
        Row::new("overconfidence", of(|c| c.overconfidence), Points, "mean probability less accuracy"),
        nll(joint),
        Row::new("Brier score", joint.brier, Number, "mean squared error of all probabilities, 0 to 2"),
    ]);
    if report.false_reject_rate.is_some() {
        rows.push(Row::new("false rejects", report.false_reject_rate, Percent, "taken for none of the labels"));
    }
    rows
}

pub(super) fn accuracy(joint: &JointReport) -> Row {
    Row::new("accuracy", joint.accuracy, Unit::Percent, "the top label is right")
}

pub(super) fn head_choice(joint: &JointReport) -> Row {
    Row::new("= head choice", joint.head_choice, Unit::Percent, "the top label is one of the right head")
}

pub(super) fn within_head(joint: &JointReport) -> Row {
    Row::new("× within head", joint.within_head, Unit::Percent, "… and then the right one")
}

pub(super) fn cost_of_choice(joint: &JointReport) -> Row {
    Row::new("cost of the choice", joint.cost_of_choice, Unit::Points, "points lost by choosing the head")
}

pub(super) fn ece(joint: &JointReport) -> Row {
    let figure = joint.calibration.as_ref().map(|c| c.ece_equal_width);
    Row::new("ECE-15, equal width", figure, Unit::Percent, "how far stated probabilities are off")
}

pub(super) fn nll(joint: &JointReport) -> Row {
    Row::new("NLL", joint.nll, Unit::Number, "mean −ln p of the right label")
}

/// The figures of one head: the same rows for every head.
pub(super) fn head(head: &HeadReport) -> Vec<Row> {
    use Unit::{Number, Percent};
    let median = |side: &Option<crate::statistics::Distribution>| side.as_ref().map(|s| s.median);
    let OwnVsOther { own, foreign } = &head.entropy;
    let largest = &head.largest_probability;
    vec![
        Row::new("accuracy on own labels", head.accuracy, Percent, "by itself, on its own images"),
        Row::new("entropy, own", median(own), Number, "median; 1 is uniform"),
        Row::new("entropy, foreign", median(foreign), Number, "median; 1 is uniform"),
        Row::new("largest p, own", median(&largest.own), Number, "median"),
        Row::new("largest p, foreign", median(&largest.foreign), Number, "median"),
        Row::new("AUROC gate score", head.auroc.gate, Number, "own against foreign; 0.5 says nothing"),
        Row::new("AUROC energy", head.auroc.energy, Number, "own against foreign"),
        Row::new("AUROC max-logit", head.auroc.max_logit, Number, "own against foreign"),
        Row::new("AUROC entropy", head.auroc.negative_entropy, Number, "own against foreign"),
        Row::new("AUROC features", head.auroc.features, Number, "a gate on features, cross-validated here"),
    ]
}
