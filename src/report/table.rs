//! Renders a report as text tables.

use super::metrics::{self, Row, Unit};
use crate::check::{HeadReport, Report};
use crate::sanitize::plain;
use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};

/// A line under the header alone.
const STYLE: TableStyle = TableStyle::new().header_separator(LineStyle::new('─', '─', '─', '─'));

/// The maximum number of labels of a printed confusion matrix.
const WIDEST_MATRIX: usize = 16;

/// The maximum number of mistakes listed.
const MISTAKES: usize = 5;

/// The report for a terminal: measurements, then the verdict.
pub fn table(report: &Report) -> String {
    let mut parts = vec![
        format!(
            "{}, rule {}, {} images; 95 % intervals of {} resamples",
            plain(&report.model),
            report.rule,
            report.images,
            report.resamples
        ),
        joint(report),
        heads(&report.heads),
        labels(report),
    ];
    if report.joint.labels.len() <= WIDEST_MATRIX {
        parts.push(matrix(report));
    }
    let mut last = mistakes(report);
    last.extend(report.warnings.iter().map(|w| format!("warning  {}", plain(&w.to_string()))));
    last.push(format!("verdict  {} ({})", plain(&report.verdict.sentence()), report.verdict.advice.name()));
    parts.push(last.join("\n"));
    parts.join("\n\n")
}

pub(super) fn new(header: Vec<Cell>) -> Table {
    let mut table = Table::new();
    table.load_style(STYLE).set_header(header);
    table
}

pub(super) fn right(text: impl ToString) -> Cell {
    Cell::new(text).set_alignment(CellAlignment::Right)
}

fn joint(report: &Report) -> String {
    let mut table = new(vec![Cell::new("all heads"), right("figure"), right("95 %"), right("images"), Cell::new("")]);
    for row in metrics::joint(report) {
        let cells = [right(row.value()), right(row.interval()), right(row.images()), Cell::new(row.meaning)];
        table.add_row([vec![Cell::new(plain(&row.name))], cells.to_vec()].concat());
    }
    table.trim_fmt()
}

fn heads(heads: &[HeadReport]) -> String {
    let names = heads.iter().flat_map(|h| [right(plain(&h.head)), right("95 %")]);
    let mut table = new([vec![Cell::new("each head")], names.collect()].concat());
    let sides = heads.iter().flat_map(|h| [right(format!("{} / {}", h.own_images, h.foreign_images)), right("")]);
    table.add_row([vec![Cell::new("own / foreign images")], sides.collect()].concat());
    let columns: Vec<Vec<Row>> = heads.iter().map(metrics::head).collect();
    for place in 0..columns.first().map_or(0, Vec::len) {
        let rows: Vec<&Row> = columns.iter().map(|c| &c[place]).collect();
        let cells = rows.iter().flat_map(|r| [right(r.value()), right(r.interval())]);
        table.add_row([vec![Cell::new(&rows[0].name)], cells.collect()].concat());
    }
    table.trim_fmt()
}

fn labels(report: &Report) -> String {
    let mut table = new(vec![Cell::new("label"), Cell::new("head"), right("images"), right("accuracy"), right("95 %")]);
    for label in &report.joint.labels {
        let (value, interval) = match label.accuracy {
            Some(f) => (Unit::Percent.write(f.value), format!("{:.1} – {:.1}", 100.0 * f.low, 100.0 * f.high)),
            None => ("–".into(), String::new()),
        };
        let names = [Cell::new(plain(&label.label)), Cell::new(plain(&label.heads.join(", ")))];
        table.add_row([names.to_vec(), vec![right(label.images), right(value), right(interval)]].concat());
    }
    table.trim_fmt()
}

fn matrix(report: &Report) -> String {
    let confusion = &report.joint.confusion;
    let mut table = Table::new();
    let numbers = (1..=confusion.labels.len()).map(right);
    table.load_style(STYLE).set_header([vec![Cell::new("right ↓  top →")], numbers.collect()].concat());
    for (place, (label, row)) in confusion.labels.iter().zip(&confusion.counts).enumerate() {
        let count = |n: &usize| if *n == 0 { right("·") } else { right(n) };
        let label = Cell::new(format!("{} {}", place + 1, plain(label)));
        table.add_row([vec![label], row.iter().map(count).collect()].concat());
    }
    table.trim_fmt()
}

fn mistakes(report: &Report) -> Vec<String> {
    let confusion = &report.joint.confusion;
    let line = |cell: &&crate::check::Cell| {
        let label = |place: usize| plain(&confusion.labels[place]);
        format!("mistake  {} taken for {}: {} images", label(cell.right), label(cell.top), cell.images.len())
    };
    confusion.mistakes().iter().take(MISTAKES).map(line).collect()
}
