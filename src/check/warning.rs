//! Warnings of a report: too few images, wide intervals, figures that were not computed.

use super::head_report::HeadReport;
use super::joint_report::JointReport;
use super::verdict::LEAST_IMAGES;
use crate::statistics::Estimate;
use serde::Serialize;

/// An interval wider than this says little.
pub const WIDE: f64 = 0.10;

/// A caution.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Warning {
    /// A stable kebab-case name.
    pub code: &'static str,
    pub text: String,
}

/// The cautions of a report's parts.
pub(super) fn find(heads: &[HeadReport], joint: &JointReport, sigmoid: bool) -> Vec<Warning> {
    let mut found = Vec::new();
    let mut warn = |code, text: String| found.push(Warning { code, text });
    let named = |few: &dyn Fn(usize) -> bool| {
        let labels = joint.labels.iter().filter(|l| few(l.images)).map(|l| l.label.as_str());
        labels.collect::<Vec<_>>().join(", ")
    };
    let none = named(&|images| images == 0);
    if !none.is_empty() {
        warn("no-images", format!("no image of {none}: nothing is said about them"));
    }
    let few = named(&|images| (1..LEAST_IMAGES).contains(&images));
    if !few.is_empty() {
        warn("few-images", format!("fewer than {LEAST_IMAGES} images of {few}: too few to say"));
    }
    for head in heads {
        if head.own_images == 0 {
            warn(
                "no-own-images",
                format!("no image of the head '{}': the choice between heads is half tested", head.head),
            );
        }
        let figure = |figure: Option<Estimate>| figure.filter(|f| f.width() > WIDE);
        if let Some(accuracy) = figure(head.accuracy) {
            warn("wide-interval", wide(&format!("accuracy of the head '{}'", head.head), accuracy));
        }
    }
    for (what, figure) in
        [("joint accuracy", joint.accuracy), ("cost of the choice between heads", joint.cost_of_choice)]
    {
        if figure.width() > WIDE {
            warn("wide-interval", wide(what, figure));
        }
    }
    if sigmoid {
        warn(
            "sigmoid-heads",
            "the heads are sigmoid: labels stand alone and scores do not add to one. Accuracy and calibration are those of \
             the largest score, each image counting for its one label; entropy, the gate's AUROC, NLL and Brier score are \
             not computed"
                .into(),
        );
    }
    found
}

fn wide(what: &str, figure: Estimate) -> String {
    let (low, high) = (100.0 * figure.low, 100.0 * figure.high);
    format!("{what}: between {low:.1} and {high:.1} % on {} images, too wide to say more", figure.images)
}
