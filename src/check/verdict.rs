//! The verdict of a check, derived from its figures by fixed thresholds.

use super::head_report::HeadReport;
use super::indistinguishable_labels::Twins;
use super::joint_report::JointReport;
use super::reason::{HeadChoice, Reason};
use crate::rule::RuleKind;
use crate::statistics::Estimate;
use serde::Serialize;

/// The loss of accuracy by the choice between heads above which a gate is recommended: naive rules lose 5 to 30
/// points, and 500 images leave an uncertainty of about 2.
pub const COST: f64 = 0.03;

/// The same for a fitted rule: look-alike labels of different heads cost the best known rules 6 to 9 points, which
/// another fit does not recover.
pub const FITTED_COST: f64 = 0.10;

/// The area under the ROC curve from which a gate is recommended: of ten pairs of an own and another head's image,
/// at most one and a half are in the wrong order.
pub const SEPARABLE: f64 = 0.85;

/// A score is near chance if the upper end of its interval is below this.
pub const CHANCE: f64 = 0.65;

/// A head is weak if it covers less than half of the way from guessing to always right: 0.75 for two labels, 0.6 for
/// five.
pub const SKILL: f64 = 0.5;

/// The smallest calibration error that is reported: 90 % stated, 85 % measured. It must also exceed the error that a
/// perfectly calibrated model shows by chance on as many images.
pub const ECE: f64 = 0.05;

/// The verdict is uncertain if some label has fewer images.
pub const LEAST_IMAGES: usize = 10;

/// The recommended action.
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
    /// The recommendation in words.
    pub fn title(self) -> &'static str {
        match self {
            Recommendation::UseAsIs => "Use as is",
            Recommendation::Calibrate => "Calibrate",
            Recommendation::Gate => "Gate",
            Recommendation::Retrain => "Retrain",
            Recommendation::DoNotMerge => "Do not merge",
        }
    }

    /// The machine-readable name.
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

/// The recommendation and its reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Verdict {
    pub advice: Recommendation,
    pub reason: Reason,
    /// The rule to fit next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleKind>,
    /// Some label has fewer than [`LEAST_IMAGES`] images, or some head has none.
    pub uncertain: bool,
}

/// The figures from which a verdict is derived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct VerdictInputs {
    pub rule: RuleKind,
    pub heads: usize,
    /// Labels are independent, so that there is no choice between heads and only `concat` applies.
    pub sigmoid: bool,
    /// 0 to 1.
    pub accuracy: f64,
    pub with_right_head: f64,
    /// with_right_head − accuracy, and the lower end of its interval.
    pub cost: f64,
    pub cost_low: f64,
    pub ece: f64,
    /// The 95 % quantile of the error of a perfectly calibrated model.
    pub ece_of_chance: f64,
    /// The head with the least skill.
    pub weakest: Option<Weakest>,
    /// The separation of the head whose best score is the worst.
    pub separation: Option<Separability>,
    /// The accuracy of a gate on features, cross-validated.
    pub gate_estimate: Option<f64>,
    /// A pair of labels that mean the same.
    pub twins: Option<(String, String)>,
    pub uncertain: bool,
}

/// The accuracy of a head on its own labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Weakest {
    pub head: String,
    pub accuracy: f64,
    /// The number of its labels.
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

/// How well a score separates a head's own images from other heads' images.
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
    /// The recommendation and its reason in one sentence.
    pub fn sentence(&self) -> String {
        format!("{}: {}", self.advice.title(), self.explanation())
    }

    /// The reason, with a note if there are too few images to be sure.
    pub fn explanation(&self) -> String {
        format!("{}{}", self.reason, if self.uncertain { " (too few images to be sure)" } else { "" })
    }
}

impl VerdictInputs {
    /// The figures from the parts of a report.
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

    /// The verdict for these figures.
    ///
    /// The order of the cases: labels that mean the same, and images that no score separates, cannot be repaired by
    /// any rule. A gate does not repair heads that are weak on their own labels. A costly choice needs a gate if
    /// some score separates own from other heads' images, otherwise one joint head. The remaining case is
    /// calibration.
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

    /// The repair for a costly choice between heads.
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
