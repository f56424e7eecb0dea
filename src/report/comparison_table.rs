//! Renders the reports of several models on the same images side by side.

use super::metrics::{self, Row, Unit};
use super::table::{new, right};
use crate::check::{Comparison, Report};
use crate::sanitize::plain;
use comfy_table::Cell;
use serde::Serialize;

/// One model of a comparison.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ComparedModel {
    /// The path of the file.
    pub file: String,
    /// The size of the file.
    pub bytes: u64,
    /// Per image.
    pub multiply_adds: u64,
    pub report: Report,
    /// Against the first model; `None` for the first one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparison: Option<Comparison>,
}

/// The reports for a terminal, two columns for each model.
pub fn comparison_table(models: &[ComparedModel]) -> String {
    let names = models.iter().flat_map(|m| [right(plain(&m.file)), right("95 %")]);
    let mut table = new([vec![Cell::new("model")], names.collect()].concat());
    let mut add = |name: &str, cells: Vec<[String; 2]>| {
        table.add_row([vec![Cell::new(name)], cells.into_iter().flatten().map(right).collect()].concat());
    };
    let each = |cell: &dyn Fn(&ComparedModel) -> String| models.iter().map(|m| [cell(m), String::new()]).collect();
    let figure = |row: &Row| [row.value(), row.interval()];
    add("size, MB", each(&|m| format!("{:.1}", m.bytes as f64 / 1e6)));
    add("multiply-adds, M", each(&|m| format!("{:.1}", m.multiply_adds as f64 / 1e6)));
    add("rule", each(&|m| m.report.rule.to_string()));
    add("images", each(&|m| m.report.images.to_string()));
    let columns: Vec<Vec<Row>> = models.iter().map(|m| compared(&m.report)).collect();
    for place in 0..columns.first().map_or(0, Vec::len) {
        add(&columns[0][place].name, columns.iter().map(|rows| figure(&rows[place])).collect());
    }
    let none = || ["–".to_string(), String::new()];
    let against = |m: &ComparedModel| m.comparison.as_ref().map_or_else(none, |c| figure(&difference(c)));
    add("accuracy less the first's", models.iter().map(against).collect());
    let changed = |c: &Comparison| format!("{} / {}", c.gained, c.lost);
    add("images gained / lost", each(&|m| m.comparison.as_ref().map_or("–".into(), changed)));
    add("verdict", each(&|m| m.report.verdict.advice.name().to_string()));
    table.trim_fmt()
}

/// The figures that are compared.
fn compared(report: &Report) -> Vec<Row> {
    let joint = &report.joint;
    [metrics::accuracy, metrics::head_choice, metrics::within_head, metrics::cost_of_choice, metrics::ece, metrics::nll]
        .map(|row| row(joint))
        .into()
}

/// The difference of two models' accuracies.
fn difference(comparison: &Comparison) -> Row {
    Row::new("difference", comparison.difference, Unit::Points, "accuracy less that of the first model")
}
