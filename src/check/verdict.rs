//! The verdict of a check, derived from its figures by fixed thresholds.

use super::head_report::HeadReport;
use super::indistinguishable_labels::Twins;
use super::joint_report::JointReport;
use crate::rule::RuleKind;
use crate::statistics::Estimate;
use serde::Serialize;

/// A choice between heads that costs more accuracy than this is worth a gate: SCIENCE's naive rules lose 5 to 30 points,
/// and 500 images leave an uncertainty of about 2.
pub const COST: f64 = 0.03;

/// The same under a rule that was fitted to choose: look-alike labels of different heads cost the best rules known 6 to 9
/// points, which no further fit brings back.
pub const FITTED_COST: f64 = 0.10;

/// An area under the ROC curve from which a gate is worth fitting: of ten pairs of an own and a foreign image, at
/// most one and a half are in the wrong order.
pub const SEPARABLE: f64 = 0.85;

/// Below this to the upper end of its interval, a score is near chance.
pub const CHANCE: f64 = 0.65;

/// A head is weak where it goes less than half of the way from guessing to always right: 0.75 of two labels, 0.6 of five.
pub const SKILL: f64 = 0.5;

/// A calibration error that people notice: a stated 90 % is 85 %. It must also be above what as many images of a
/// perfectly calibrated model show by chance.
pub const ECE: f64 = 0.05;

/// With fewer images of some label the verdict is uncertain.
pub const LEAST_IMAGES: usize = 10;

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "kebab-case")]
pub enum Recommendation {
    UseAsIs,
    Calibrate,
    Gate,
    Retrain,
    DoNotMerge,
}

impl Recommendation {
    /// Its words.
    pub fn title(self) -> &'static str {
        match self {
            Recommendation::UseAsIs => "Use as is",
            Recommendation::Calibrate => "Calibrate",
            Recommendation::Gate => "Gate",
            Recommendation::Retrain => "Retrain",
            Recommendation::DoNotMerge => "Do not merge",
        }
    }

    /// The name that machines read.
    pub fn name(self) -> &'static str {
        match self {
            Recommendation::UseAsIs => "use-as-is",
            Recommendation::Calibrate => "calibrate",
            Recommendation::Gate => "gate",
            Recommendation::Retrain => "retrain",
            Recommendation::DoNotMerge => "do-not-merge",
        }
    }
}

/// The advice, and why.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Verdict {
    pub advice: Recommendation,
    /// The figures that it rests on, and what to do next.
    pub reason: String,
    /// The rule that is to be fitted next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleKind>,
    /// Some label has fewer than [`LEAST_IMAGES`] images, or some head none.
    pub uncertain: bool,
}

/// The figures that a verdict rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VerdictInputs {
    pub rule: RuleKind,
    pub heads: usize,
    /// Labels stand alone, so that nothing is chosen between heads and no rule but concat can be fitted.
    pub sigmoid: bool,
    /// 0 to 1.
    pub accuracy: f64,
    pub with_right_head: f64,
    /// with_right_head − accuracy, and the lower end of its interval.
    pub cost: f64,
    pub cost_low: f64,
    pub ece: f64,
    /// The 95 % quantile of a perfectly calibrated model's.
    pub ece_of_chance: f64,
    /// The head with the least skill.
    pub weakest: Option<Weakest>,
    /// Of the head whose best score tells own and foreign images apart worst.
    pub separation: Option<Separability>,
    /// The accuracy of a gate on features, cross-validated.
    pub gate_estimate: Option<f64>,
    /// A pair of labels that mean the same.
    pub twins: Option<(String, String)>,
    pub uncertain: bool,
}

/// A head on its own labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakest {
    pub head: String,
    pub accuracy: f64,
    /// One of so many.
    pub labels: usize,
}

impl Weakest {
    /// 0: as good as guessing; 1: always right.
    pub fn skill(&self) -> f64 {
        let guess = 1.0 / self.labels as f64;
        if self.labels > 1 {
            (self.accuracy - guess) / (1.0 - guess)
        } else {
            1.0
        }
    }
}

/// How well a head's own images are told from foreign ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Separability {
    pub head: String,
    /// `energy`, `features` …
    pub score: &'static str,
    pub auroc: f64,
    /// The upper end of its interval.
    pub high: f64,
}

impl Verdict {
    /// The advice and its reason in one sentence.
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.advice.title(), self.reason)
    }
}

impl VerdictInputs {
    /// The figures of a report's parts.
    pub fn new(
        rule: RuleKind,
        sigmoid: bool,
        heads: &[HeadReport],
        joint: &JointReport,
        twins: &[Twins],
    ) -> VerdictInputs {
        let weakest = heads.iter().filter_map(|h| {
            let accuracy = h.accuracy?.value;
            Some(Weakest { head: h.head.clone(), accuracy, labels: h.labels })
        });
        let apart = heads.iter().filter_map(|h| {
            let (score, Estimate { value: auroc, high, .. }) = h.auroc.best()?;
            Some(Separability { head: h.head.clone(), score, auroc, high })
        });
        let calibration = joint.calibration.as_ref();
        VerdictInputs {
            rule,
            heads: heads.len(),
            sigmoid,
            accuracy: joint.accuracy.value,
            with_right_head: joint.with_right_head.value,
            cost: joint.cost_of_choice.value,
            cost_low: joint.cost_of_choice.low,
            ece: calibration.map_or(0.0, |c| c.ece_equal_width.value),
            ece_of_chance: calibration.map_or(0.0, |c| c.ece_of_chance_95),
            weakest: weakest.min_by(|a, b| a.skill().total_cmp(&b.skill())),
            separation: apart.min_by(|a, b| a.auroc.total_cmp(&b.auroc)),
            gate_estimate: joint.gate_estimate.map(|g| g.value),
            twins: twins.first().map(|t| (t.first.clone(), t.second.clone())),
            uncertain: joint.labels.iter().any(|l| l.images < LEAST_IMAGES) || heads.iter().any(|h| h.own_images == 0),
        }
    }

    /// The verdict on these figures.
    ///
    /// In order: labels that mean the same, and images that nothing tells apart, cannot be repaired by any rule. Heads
    /// that are weak by themselves stay weak behind a gate. A costly choice is a gate's work where some score tells own
    /// and foreign images apart, else that of one joint head. What is left is confidence.
    pub fn verdict(&self) -> Verdict {
        let (advice, rule, why) = self.decide();
        let unsure = if self.uncertain { " (too few images to be sure)" } else { "" };
        Verdict { advice, reason: format!("{why}{unsure}"), rule, uncertain: self.uncertain }
    }

    fn decide(&self) -> (Recommendation, Option<RuleKind>, String) {
        let fitted = matches!(self.rule, RuleKind::Gated | RuleKind::Retrained);
        let choosing = self.heads > 1 && !self.sigmoid;
        let costly = choosing && self.cost > if fitted { FITTED_COST } else { COST } && self.cost_low > 0.0;
        let (now, best, cost) = (percent(self.accuracy), percent(self.with_right_head), points(self.cost));
        if let Some((first, second)) = &self.twins {
            let why = format!(
                "nothing tells images of '{first}' from those of '{second}', so the two labels mean the \
                 same; rename one to the other and merge them as one label"
            );
            return (Recommendation::DoNotMerge, None, why);
        }
        if let Some(apart) = self.separation.as_ref().filter(|a| costly && a.high < CHANCE) {
            let why = format!(
                "the choice between heads costs {cost} ({now} instead of {best}), and no score tells the \
                 own images of '{}' from foreign ones (best AUROC {:.2}, {})",
                apart.head, apart.auroc, apart.score
            );
            return (Recommendation::DoNotMerge, None, why);
        }
        if let Some(weak) = self.weakest.as_ref().filter(|w| w.skill() < SKILL) {
            let why = format!(
                "the head '{}' is right on only {} of its own images, among {} labels, and no rule between \
                 heads mends that; {}train the head longer",
                weak.head,
                percent(weak.accuracy),
                weak.labels,
                if self.sigmoid { "" } else { "fit one joint head, or " }
            );
            return (Recommendation::Retrain, (!self.sigmoid).then_some(RuleKind::Retrained), why);
        }
        if costly {
            let loss = format!("the choice between heads costs {cost} ({now} instead of {best})");
            return self.mend(fitted, &loss);
        }
        if self.ece > ECE && self.ece > self.ece_of_chance {
            let right = match choosing {
                true => format!("the choice between heads costs little ({now} right, {best} with the right head)"),
                false => format!("the top label is right on {now}"),
            };
            let (rule, remedy) = match self.sigmoid {
                true => (None, "calibrate each head before the merge"),
                false => (Some(RuleKind::Scaled), "fit temperatures"),
            };
            let off = points(self.ece);
            let why = format!("{right}, but stated probabilities are off by {off} on average; {remedy}");
            return (Recommendation::Calibrate, rule, why);
        }
        let best = if choosing { format!(", {best} if the right head were always chosen") } else { String::new() };
        let why = format!("{now} right{best}, with probabilities off by {} on average", points(self.ece));
        (Recommendation::UseAsIs, None, why)
    }

    /// Who should choose the head instead.
    fn mend(&self, fitted: bool, loss: &str) -> (Recommendation, Option<RuleKind>, String) {
        let estimate = match self.gate_estimate {
            Some(gate) => format!("; a plain gate on features would be right on about {}", percent(gate)),
            None => String::new(),
        };
        match &self.separation {
            Some(apart)
                if apart.auroc >= SEPARABLE && self.gate_estimate.is_none_or(|g| g > self.accuracy) && !fitted =>
            {
                let by = match apart.score {
                    "features" => "the features",
                    score => score,
                };
                let why = format!(
                    "{loss}, though {by} can tell own from foreign images (AUROC {:.3} for the worst head){estimate}; \
                     fit a gate that chooses the head",
                    apart.auroc
                );
                (Recommendation::Gate, Some(RuleKind::Gated), why)
            }
            Some(apart) if !fitted => {
                let why = format!(
                    "{loss}, and the best score of '{}' tells own from foreign images only in part (AUROC \
                     {:.2}, {}); fit one joint head",
                    apart.head, apart.auroc, apart.score
                );
                (Recommendation::Retrain, Some(RuleKind::Retrained), why)
            }
            _ => {
                let why = format!("{loss} under the rule '{}'; fit one joint head on more images", self.rule);
                (Recommendation::Retrain, Some(RuleKind::Retrained), why)
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
