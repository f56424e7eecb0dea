//! Ranks the labels of one image by score, each with its heads.

use serde::Serialize;

use super::scores::Scores;
use crate::error::{ErrorKind, Result};
use crate::labels::Label;

/// The limits of a ranking.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RankOptions {
    /// The maximum number of labels; `None` for all.
    pub top_k: Option<usize>,
    /// Labels of a smaller probability are omitted; 0 to 1.
    pub threshold: f32,
}

/// One label with its probability.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RankedLabel {
    /// The label's text and heads.
    #[serde(flatten)]
    pub label: Label,
    /// 0 to 1.
    pub probability: f32,
}

/// One head with the sum of its labels' probabilities.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RankedHead {
    /// The head's name.
    pub head: String,
    /// 0 to 1.
    pub probability: f32,
}

/// The labels and heads of one image, most probable first; equal ones in the model's order.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct Ranking {
    /// All labels within the limits of [`RankOptions`].
    pub labels: Vec<RankedLabel>,
    /// All heads; empty if the model's heads are independent of each other.
    pub heads: Vec<RankedHead>,
    /// The probability that none of the labels is right, if the model computes it; 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<f32>,
}

/// Ranks the scores of one image.
///
/// `labels` and `heads` are those of the classifier that computed the scores, in its order.
///
/// # Errors
/// [`ErrorKind::Score`] if a probability is not a number from 0 to 1, [`ErrorKind::Option`] if the threshold is not.
pub fn rank(labels: &[Label], heads: &[String], scores: &Scores, options: &RankOptions) -> Result<Ranking> {
    let threshold = options.threshold;
    if !(0.0..=1.0).contains(&threshold) {
        return Err(ErrorKind::option("threshold", "a number from 0 to 1", threshold).into());
    }
    let mut ranked = labels
        .iter()
        .zip(&scores.probabilities)
        .map(|(label, &score)| {
            let probability = probability("label", &label.label, score)?;
            Ok(RankedLabel { label: label.clone(), probability })
        })
        .collect::<Result<Vec<_>>>()?;
    ranked.sort_by(|a, b| b.probability.total_cmp(&a.probability));
    ranked.retain(|label| label.probability >= threshold);
    ranked.truncate(options.top_k.unwrap_or(usize::MAX));

    let mut ranked_heads = heads
        .iter()
        .zip(scores.head_probabilities.as_deref().unwrap_or_default())
        .map(|(head, &score)| Ok(RankedHead { head: head.clone(), probability: probability("head", head, score)? }))
        .collect::<Result<Vec<_>>>()?;
    ranked_heads.sort_by(|a, b| b.probability.total_cmp(&a.probability));

    let none = scores.none_probability.map(|score| probability("answer", "none", score)).transpose()?;
    Ok(Ranking { labels: ranked, heads: ranked_heads, none })
}

/// One logit: the raw score of a label by one head, before any rule.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct RankedLogit {
    /// The merged label of the logit.
    pub label: String,
    pub head: String,
    /// Any sign, no unit; only logits of the same head can be compared.
    pub logit: f32,
}

/// Ranks raw scores, largest first; equal ones in the model's order.
///
/// `labels` contains the label and the head of every logit, as
/// [`logit_labels`](crate::classifier::Classifier::logit_labels) returns them.
///
/// # Errors
/// [`ErrorKind::Score`] if a score is not a finite number.
pub fn rank_logits<'a>(
    labels: impl Iterator<Item = (&'a Label, &'a str)>,
    scores: &Scores,
) -> Result<Vec<RankedLogit>> {
    let one = |((label, head), &score): ((&Label, &str), &f32)| {
        let logit = checked("label", &label.label, score, score.is_finite(), "a finite score")?;
        Ok(RankedLogit { label: label.label.clone(), head: head.to_string(), logit })
    };
    let mut ranked = labels.zip(&scores.logits).map(one).collect::<Result<Vec<_>>>()?;
    ranked.sort_by(|a, b| b.logit.total_cmp(&a.logit));
    Ok(ranked)
}

/// The tolerance for the rounding of a sum of probabilities above 1 or below 0.
const ROUNDING: f32 = 1e-3;

fn probability(kind: &'static str, name: &str, score: f32) -> Result<f32> {
    let fits = (-ROUNDING..=1.0 + ROUNDING).contains(&score);
    Ok(checked(kind, name, score, fits, "a probability from 0 to 1")?.clamp(0.0, 1.0))
}

/// The score, with −0 as 0 so that both compare equal.
fn checked(kind: &'static str, name: &str, found: f32, fits: bool, expected: &'static str) -> Result<f32> {
    match fits {
        true => Ok(found + 0.0),
        false => Err(ErrorKind::Score { kind, name: name.into(), expected, found }.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked(probabilities: &[f32], options: RankOptions) -> Result<Ranking> {
        let labels: Vec<Label> = ["glass", "shirt", "paper", "skirt"]
            .into_iter()
            .zip(["trash", "clothes", "trash", "clothes"])
            .map(|(label, head)| Label { label: label.into(), heads: vec![head.into()] })
            .collect();
        let scores = Scores {
            probabilities: probabilities.to_vec(),
            head_probabilities: Some(vec![probabilities[0] + probabilities[2], probabilities[1] + probabilities[3]]),
            ..Scores::default()
        };
        rank(&labels, &["trash".into(), "clothes".into()], &scores, &options)
    }

    fn names(ranking: &Ranking) -> Vec<&str> {
        ranking.labels.iter().map(|l| l.label.label.as_str()).collect()
    }

    #[test]
    fn most_probable_first_with_its_head() {
        let ranking = ranked(&[0.1, 0.2, 0.3, 0.4], RankOptions::default()).unwrap();
        assert_eq!(names(&ranking), ["skirt", "paper", "shirt", "glass"]);
        assert_eq!(ranking.labels[0].label.heads, ["clothes"]);
        assert_eq!(ranking.heads[0], RankedHead { head: "clothes".into(), probability: 0.6 });
        assert_eq!(ranking.none, None);
    }

    #[test]
    fn equals_keep_the_models_order() {
        assert_eq!(names(&ranked(&[0.25; 4], RankOptions::default()).unwrap()), ["glass", "shirt", "paper", "skirt"]);
        let zeros = ranked(&[-0.0, 0.0, 1.0, -0.0], RankOptions::default()).unwrap();
        assert_eq!(names(&zeros), ["paper", "glass", "shirt", "skirt"]);
    }

    #[test]
    fn top_k_and_threshold_leave_out() {
        let top = RankOptions { top_k: Some(2), ..RankOptions::default() };
        assert_eq!(names(&ranked(&[0.1, 0.2, 0.3, 0.4], top).unwrap()), ["skirt", "paper"]);
        let above = RankOptions { threshold: 0.2, ..RankOptions::default() };
        assert_eq!(names(&ranked(&[0.1, 0.2, 0.3, 0.4], above).unwrap()), ["skirt", "paper", "shirt"]);
        let more = RankOptions { top_k: Some(9), ..RankOptions::default() };
        assert_eq!(ranked(&[0.25; 4], more).unwrap().labels.len(), 4);
    }

    #[test]
    fn logits_are_ranked_over_all_heads() {
        let label = |text: &str| Label { label: text.into(), heads: vec!["trash".into(), "clothes".into()] };
        let (glass, shirt) = (label("glass"), label("shirt"));
        let labels = [(&glass, "trash"), (&shirt, "trash"), (&shirt, "clothes")];
        let of = |logits: &[f32]| Scores { logits: logits.to_vec(), ..Scores::default() };
        let ranked = rank_logits(labels.into_iter(), &of(&[-1.5, 2.0, 7.25])).unwrap();
        let rows: Vec<_> = ranked.iter().map(|r| (r.label.as_str(), r.head.as_str(), r.logit)).collect();
        assert_eq!(rows, [("shirt", "clothes", 7.25), ("shirt", "trash", 2.0), ("glass", "trash", -1.5)]);
        let error = rank_logits(labels.into_iter(), &of(&[0.0, f32::NAN, 0.0])).unwrap_err();
        assert_eq!(error.code(), "score");
    }

    #[test]
    fn a_score_that_is_no_number_is_an_error() {
        for score in [f32::NAN, f32::INFINITY] {
            let error = ranked(&[0.1, score, 0.3, 0.4], RankOptions::default()).unwrap_err();
            assert_eq!(error.code(), "score");
        }
        let error = ranked(&[0.1, f32::NAN, 0.3, 0.4], RankOptions::default()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "label 'shirt': expected a probability from 0 to 1, found NaN; check the model and the image"
        );
    }

    #[test]
    fn a_threshold_outside_0_to_1_is_an_error() {
        for threshold in [-0.1, 1.1, f32::NAN] {
            let error = ranked(&[0.25; 4], RankOptions { top_k: None, threshold }).unwrap_err();
            assert_eq!(error.code(), "option");
        }
    }

    #[test]
    fn independent_heads_have_no_sum() {
        let labels = [Label { label: "red".into(), heads: vec!["colour".into()] }];
        let scores = Scores { probabilities: vec![0.9], none_probability: Some(0.25), ..Scores::default() };
        let ranking = rank(&labels, &["colour".into()], &scores, &RankOptions::default()).unwrap();
        assert!(ranking.heads.is_empty());
        assert_eq!(ranking.none, Some(0.25));
    }
}
