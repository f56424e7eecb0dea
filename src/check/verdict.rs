//! The verdict of a check, derived from its figures by fixed thresholds.

use super::head_report::HeadReport;
use super::indistinguishable_labels::Twins;
use super::joint_report::JointReport;
use super::reason::{HeadChoice, Reason};
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
    pub reason: Reason,
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
        format!("{}: {}", self.advice.title(), self.explanation())
    }

    /// The reason, and whether there are too few images to be sure.
    pub fn explanation(&self) -> String {
        format!("{}{}", self.reason, if self.uncertain { " (too few images to be sure)" } else { "" })
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
        let (advice, rule, reason) = self.decide();
        Verdict { advice, reason, rule, uncertain: self.uncertain }
    }

    fn decide(&self) -> (Recommendation, Option<RuleKind>, Reason) {
        let fitted = matches!(self.rule, RuleKind::Gated | RuleKind::Retrained);
        let choosing = self.heads > 1 && !self.sigmoid;
        let costly = choosing && self.cost > if fitted { FITTED_COST } else { COST } && self.cost_low > 0.0;
        if let Some((first, second)) = self.twins.clone() {
            return (Recommendation::DoNotMerge, None, Reason::SameMeaning { first, second });
        }
        if let Some(apart) = self.separation.as_ref().filter(|a| costly && a.high < CHANCE) {
            let Separability { head, score, auroc, .. } = apart.clone();
            let reason = Reason::Inseparable { choice: self.choice(), head, score, auroc };
            return (Recommendation::DoNotMerge, None, reason);
        }
        if let Some(weak) = self.weakest.as_ref().filter(|w| w.skill() < SKILL) {
            let Weakest { head, accuracy, labels } = weak.clone();
            let reason = Reason::WeakHead { head, accuracy, labels, sigmoid: self.sigmoid };
            return (Recommendation::Retrain, (!self.sigmoid).then_some(RuleKind::Retrained), reason);
        }
        if costly {
            return self.mend(fitted);
        }
        let (accuracy, ece, sigmoid) = (self.accuracy, self.ece, self.sigmoid);
        let with_right_head = choosing.then_some(self.with_right_head);
        if ece > ECE && ece > self.ece_of_chance {
            let reason = Reason::Miscalibrated { accuracy, with_right_head, ece, sigmoid };
            return (Recommendation::Calibrate, (!sigmoid).then_some(RuleKind::Scaled), reason);
        }
        (Recommendation::UseAsIs, None, Reason::Sound { accuracy, with_right_head, ece })
    }

    fn choice(&self) -> HeadChoice {
        HeadChoice { accuracy: self.accuracy, with_right_head: self.with_right_head, cost: self.cost }
    }

    /// Who should choose the head instead.
    fn mend(&self, fitted: bool) -> (Recommendation, Option<RuleKind>, Reason) {
        let (choice, gate_estimate) = (self.choice(), self.gate_estimate);
        match self.separation.clone().filter(|_| !fitted) {
            Some(Separability { score, auroc, .. })
                if auroc >= SEPARABLE && gate_estimate.is_none_or(|g| g > self.accuracy) =>
            {
                let reason = Reason::Separable { choice, score, auroc, gate_estimate };
                (Recommendation::Gate, Some(RuleKind::Gated), reason)
            }
            Some(Separability { head, score, auroc, .. }) => {
                let reason = Reason::PartlySeparable { choice, head, score, auroc };
                (Recommendation::Retrain, Some(RuleKind::Retrained), reason)
            }
            None => (Recommendation::Retrain, Some(RuleKind::Retrained), Reason::Costly { choice, rule: self.rule }),
        }
    }
}
