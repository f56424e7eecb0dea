//! The reason of a verdict: its figures and the next step.

use crate::rule::RuleKind;
use serde::Serialize;
use std::fmt;

/// The reason of a verdict. Its text contains the figures and the remedy.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Reason {
    /// Two labels of different heads mean the same.
    SameMeaning { first: String, second: String },
    /// The choice between heads is costly, and no score separates the head's own images from other heads' images.
    Inseparable { choice: HeadChoice, head: String, score: &'static str, auroc: f64 },
    /// A head is weak on its own images.
    WeakHead { head: String, accuracy: f64, labels: usize, sigmoid: bool },
    /// The choice is costly, and a score separates own images from other heads' images, with this AUROC for the
    /// worst head.
    Separable { choice: HeadChoice, score: &'static str, auroc: f64, gate_estimate: Option<f64> },
    /// The choice is costly, and the head's best score separates its own images only in part.
    PartlySeparable { choice: HeadChoice, head: String, score: &'static str, auroc: f64 },
    /// The choice is costly under a fitted rule, or nothing is known about the scores.
    Costly { choice: HeadChoice, rule: RuleKind },
    /// The probabilities are off by `ece`, 0 to 1; with the accuracy given the right head, where heads are chosen.
    Miscalibrated { accuracy: f64, with_right_head: Option<f64>, ece: f64, sigmoid: bool },
    /// No repair is needed.
    Sound { accuracy: f64, with_right_head: Option<f64>, ece: f64 },
}

/// The accuracy that the choice between heads costs, each 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub struct HeadChoice {
    pub accuracy: f64,
    pub with_right_head: f64,
    pub cost: f64,
}

impl fmt::Display for HeadChoice {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (now, best, cost) = (percent(self.accuracy), percent(self.with_right_head), points(self.cost));
        write!(f, "the choice between heads costs {cost} ({now} instead of {best})")
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Reason::SameMeaning { first, second } => write!(
                f,
                "nothing tells images of '{first}' from those of '{second}', so the two labels mean the same; rename one \
                 to the other and merge them as one label"
            ),
            Reason::Inseparable { choice, head, score, auroc } => write!(
                f,
                "{choice}, and no score tells the own images of '{head}' from foreign ones (best AUROC {auroc:.2}, {score})"
            ),
            Reason::WeakHead { head, accuracy, labels, sigmoid } => write!(
                f,
                "the head '{head}' is right on only {} of its own images, among {labels} labels, and no rule between heads \
                 mends that; {}train the head longer",
                percent(*accuracy),
                if *sigmoid { "" } else { "fit one joint head, or " }
            ),
            Reason::Separable { choice, score, auroc, gate_estimate } => {
                let by = if *score == "features" { "the features" } else { score };
                write!(
                    f,
                    "{choice}, though {by} can tell own from foreign images (AUROC {auroc:.3} for the worst head)"
                )?;
                if let Some(gate) = gate_estimate {
                    write!(f, "; a plain gate on features would be right on about {}", percent(*gate))?;
                }
                f.write_str("; fit a gate that chooses the head")
            }
            Reason::PartlySeparable { choice, head, score, auroc } => write!(
                f,
                "{choice}, and the best score of '{head}' tells own from foreign images only in part (AUROC {auroc:.2}, \
                 {score}); fit one joint head"
            ),
            Reason::Costly { choice, rule } => {
                write!(f, "{choice} under the rule '{rule}'; fit one joint head on more images")
            }
            Reason::Miscalibrated { accuracy, with_right_head, ece, sigmoid } => {
                let (now, off) = (percent(*accuracy), points(*ece));
                match with_right_head {
                    Some(best) => write!(
                        f,
                        "the choice between heads costs little ({now} right, {} with the right head)",
                        percent(*best)
                    )?,
                    None => write!(f, "the top label is right on {now}")?,
                }
                let remedy = if *sigmoid { "calibrate each head before the merge" } else { "fit temperatures" };
                write!(f, ", but stated probabilities are off by {off} on average; {remedy}")
            }
            Reason::Sound { accuracy, with_right_head, ece } => {
                write!(f, "{} right", percent(*accuracy))?;
                if let Some(best) = with_right_head {
                    write!(f, ", {} if the right head were always chosen", percent(*best))?;
                }
                write!(f, ", with probabilities off by {} on average", points(*ece))
            }
        }
    }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn points(share: f64) -> String {
    format!("{:.1} points", 100.0 * share)
}
