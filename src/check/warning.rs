//! Warnings of a report: too few images, wide intervals, figures that were not computed.

use super::head_report::HeadReport;
use super::joint_report::JointReport;
use super::verdict::LEAST_IMAGES;
use crate::statistics::Estimate;
use serde::Serialize;
use std::fmt;

/// Intervals wider than this are reported.
pub const WIDE: f64 = 0.10;

/// A limitation of a report's figures.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Warning {
    /// These labels have no image.
    NoImages { labels: Vec<String> },
    /// These labels have fewer images than `least`.
    FewImages { labels: Vec<String>, least: usize },
    /// The head has no image of its own.
    NoOwnImages { head: String },
    /// The interval of the accuracy of a head on its own images is wider than `WIDE`.
    WideHeadAccuracy { head: String, accuracy: Estimate },
    /// The interval of the accuracy over all labels is wider than `WIDE`.
    WideAccuracy { accuracy: Estimate },
    /// The interval of the cost of the choice between heads is wider than `WIDE`.
    WideCost { cost: Estimate },
    /// The heads are sigmoid: some figures are not computed.
    SigmoidHeads,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Warning::NoImages { labels } => {
                write!(f, "no image of {}: nothing is said about them", labels.join(", "))
            }
            Warning::FewImages { labels, least } => {
                write!(f, "fewer than {least} images of {}: too few to say", labels.join(", "))
            }
            Warning::NoOwnImages { head } => {
                write!(f, "no image of the head '{head}': the choice between heads is half tested")
            }
            Warning::WideHeadAccuracy { head, accuracy } => {
                write!(f, "accuracy of the head '{head}': {}", wide(accuracy))
            }
            Warning::WideAccuracy { accuracy } => write!(f, "joint accuracy: {}", wide(accuracy)),
            Warning::WideCost { cost } => write!(f, "cost of the choice between heads: {}", wide(cost)),
            Warning::SigmoidHeads => f.write_str(
                "the heads are sigmoid: labels stand alone and scores do not add to one. Accuracy and calibration are those \
                 of the largest score, each image counting for its one label; entropy, the gate's AUROC, NLL and Brier score \
                 are not computed",
            ),
        }
    }
}

/// The warnings for the parts of a report.
pub(super) fn find(heads: &[HeadReport], joint: &JointReport, sigmoid: bool) -> Vec<Warning> {
    let labels = |few: &dyn Fn(usize) -> bool| -> Vec<String> {
        joint.labels.iter().filter(|l| few(l.images)).map(|l| l.label.clone()).collect()
    };
    let (none, few) = (labels(&|images| images == 0), labels(&|images| (1..LEAST_IMAGES).contains(&images)));
    let mut found = Vec::new();
    if !none.is_empty() {
        found.push(Warning::NoImages { labels: none });
    }
    if !few.is_empty() {
        found.push(Warning::FewImages { labels: few, least: LEAST_IMAGES });
    }
    let is_wide = |figure: &Estimate| figure.width() > WIDE;
    for HeadReport { head, own_images, accuracy, .. } in heads {
        if *own_images == 0 {
            found.push(Warning::NoOwnImages { head: head.clone() });
        }
        if let Some(accuracy) = accuracy.filter(is_wide) {
            found.push(Warning::WideHeadAccuracy { head: head.clone(), accuracy });
        }
    }
    let (accuracy, cost) = (joint.accuracy, joint.cost_of_choice);
    found.extend(is_wide(&accuracy).then_some(Warning::WideAccuracy { accuracy }));
    found.extend(is_wide(&cost).then_some(Warning::WideCost { cost }));
    found.extend(sigmoid.then_some(Warning::SigmoidHeads));
    found
}

fn wide(figure: &Estimate) -> String {
    let (low, high) = (100.0 * figure.low, 100.0 * figure.high);
    format!("between {low:.1} and {high:.1} % on {} images, too wide to say more", figure.images)
}
