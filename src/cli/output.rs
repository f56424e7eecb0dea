//! Formats numbers and JSON for the terminal.

use crate::features::{FeatureLayout, Pooling};
use crate::merge::Verification;
use crate::sanitize::plain_json;
use crate::shared_backbone::AnswerChange;
use serde::Serialize;
use std::fmt;
use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

/// Prints a line, like `println!`, which panics when the reader of a pipe closes it.
macro_rules! line {
    ($($argument:tt)*) => { $crate::cli::output::write_line(format_args!($($argument)*)) };
}
pub(super) use crate::sanitize::plain;
pub(super) use line;

/// Whether a line could not be written while its reader still waits: on a full disk, for example.
static LOST: AtomicBool = AtomicBool::new(false);

pub(super) fn write_line(line: fmt::Arguments) {
    let Err(error) = writeln!(std::io::stdout(), "{line}") else { return };
    // A closed pipe is not an error: its reader needs no more.
    if error.kind() != std::io::ErrorKind::BrokenPipe && !LOST.swap(true, Ordering::Relaxed) {
        eprintln!("error: standard output: expected to write to it, found: {error}");
    }
}

/// Whether everything was printed.
pub(super) fn arrived() -> bool {
    !LOST.load(Ordering::Relaxed)
}

/// Prints a value as JSON.
pub(super) fn json<T: Serialize>(value: &T) {
    match serde_json::to_string_pretty(value) {
        Ok(text) => line!("{}", plain_json(&text)),
        Err(error) => eprintln!("error: expected a value that JSON can hold, found: {error}"),
    }
}

/// Formats 1234567 as 1,234,567.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join(",")
}

/// The number of features of each kind per image: `1,280 features, 744 averages, 10 logits`.
pub(super) fn numbers(layout: &FeatureLayout, logits: usize) -> String {
    let section = |(pool, name): (Pooling, &str)| {
        let width = layout.only(&[pool]).width();
        (width > 0).then(|| format!("{} {name}", thousands(width as u64)))
    };
    let names = ["features", "averages", "maxima", "deviations"];
    let mut sections: Vec<String> = Pooling::ALL.into_iter().zip(names).filter_map(section).collect();
    sections.push(format!("{logits} logits"));
    sections.join(", ")
}

/// Formats bytes in MB or kB.
pub(super) fn bytes(count: u64) -> String {
    match count {
        0..=999 => format!("{count} B"),
        1_000..=999_999 => format!("{:.1} kB", count as f64 / 1e3),
        _ => format!("{:.1} MB", count as f64 / 1e6),
    }
}

/// Formats multiply-adds in millions.
pub(super) fn multiply_adds(count: u64) -> String {
    if count < 1_000_000 {
        return thousands(count);
    }
    format!("{:.1} M", count as f64 / 1e6)
}

/// Formats a shape, batch first: a symbolic batch as N, other symbolic dimensions as ?.
pub(super) fn shape(dims: &[Option<usize>]) -> String {
    let open = |axis| if axis == 0 { "N" } else { "?" };
    let dims = dims.iter().enumerate().map(|(axis, d)| d.map_or(open(axis).to_string(), |d| d.to_string()));
    format!("[{}]", dims.collect::<Vec<_>>().join(", "))
}

/// Prints a verification per head.
pub(super) fn proof(proof: &Verification) {
    for head in &proof.heads {
        let kept = match proof.exact {
            true => format!("bound {:.1e}", head.bound),
            false => format!("weights differ: probabilities within {:.1e}, bound 1.0e-2", head.probability),
        };
        let (name, images) = (plain(&head.head), proof.images);
        line!("proof    {name}: largest logit difference {:.1e} on {images} images ({kept})", head.logit);
    }
}

/// What a shared backbone changed in the answers of a head.
pub(super) fn answer_change(change: &AnswerChange) -> String {
    let kind = if change.synthetic { "synthetic images" } else { "images" };
    format!(
        "{}: another top label on {:.0} % of {} {kind}; a probability changes by {:.3} in the median, {:.3} at most",
        plain(&change.head),
        100.0 * change.top_label,
        change.images,
        change.median,
        change.largest
    )
}
