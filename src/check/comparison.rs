//! Compares the reports of several models on the same images.

use super::Report;
use crate::statistics::{Estimate, Resamples};
use serde::Serialize;
use std::collections::BTreeMap;

/// The difference of a model's accuracy from that of another one, on the images that both ranked.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Comparison {
    /// Accuracy minus the other model's, −1 to 1; the interval resamples images, each with both answers. `None` without common
    /// images.
    pub difference: Option<Estimate>,
    /// The images that only this model gets right.
    pub gained: usize,
    /// The images that only the other model gets right.
    pub lost: usize,
}

impl Comparison {
    /// Compares `report` with that of the other model, image by image of the same name; the resamples have the report's seed.
    pub fn new(report: &Report, other: &Report) -> Comparison {
        let (own, theirs) = (answers(report), answers(other));
        let common = own.iter().filter_map(|(name, own)| Some((own, theirs.get(name)?)));
        let (labels, changes): (Vec<usize>, Vec<f64>) =
            common.map(|(&(label, right), &(_, other))| (label, f64::from(right) - f64::from(other))).unzip();
        let values: Vec<Option<f64>> = changes.iter().copied().map(Some).collect();
        Comparison {
            difference: Resamples::new(&labels, report.seed).mean(&values),
            gained: changes.iter().filter(|&&change| change > 0.0).count(),
            lost: changes.iter().filter(|&&change| change < 0.0).count(),
        }
    }
}

/// For each image, its label and whether the top label is right.
fn answers(report: &Report) -> BTreeMap<&str, (usize, bool)> {
    let cells = report.joint.confusion.cells.iter();
    cells
        .flat_map(|cell| cell.images.iter().map(|image| (image.name.as_str(), (cell.right, cell.right == cell.top))))
        .collect()
}
