//! Renders the confusion matrix and the images of its cells.

use super::thumbnails::Thumbnails;
use crate::check::{Cell, Confused, Report};
use crate::sanitize::plain;
use maud::{html, Markup};

/// The maximum number of images shown per mistake.
pub const MISTAKES_SHOWN: usize = 24;

/// The maximum number of correctly ranked images shown per label.
pub const RIGHT_SHOWN: usize = 12;

/// The maximum number of mistakes listed.
const LISTED: usize = 6;

/// The displayed images of a cell: the most confident.
pub(super) fn shown(cell: &Cell) -> &[Confused] {
    let most = if cell.right == cell.top { RIGHT_SHOWN } else { MISTAKES_SHOWN };
    &cell.images[..cell.images.len().min(most)]
}

fn anchor(right: usize, top: usize) -> String {
    format!("cell-{right}-{top}")
}

/// The confusion matrix, whose counts link to their images.
pub(super) fn matrix(report: &Report, thumbnails: &Thumbnails) -> Markup {
    let confusion = &report.joint.confusion;
    let heads: Vec<_> = report.joint.labels.iter().map(|l| &l.heads).collect();
    // A line separates the labels of different heads.
    let split = |place: usize| place > 0 && heads[place] != heads[place - 1];
    let edge = |place: usize| split(place).then_some("split");
    html! {
        h2 id="confusion" { "Confusion matrix" }
        p { "Rows: the true label. Columns: the top label. "
            @if thumbnails.is_empty() { "A number links to the names of its images." }
            @else { "A number links to its images." } }
        @let mistakes = confusion.mistakes();
        @if !mistakes.is_empty() {
            p { "Most frequent: "
                @for (place, cell) in mistakes.iter().take(LISTED).enumerate() {
                    @if place > 0 { ", " }
                    a href=(format!("#{}", anchor(cell.right, cell.top))) {
                        (plain(&confusion.labels[cell.right])) " → " (plain(&confusion.labels[cell.top])) }
                    " (" (cell.images.len()) ")"
                }
                "." }
        }
        div class="scroll" { table class="matrix" {
            thead { tr { th { "right ↓ top →" }
                @for (place, label) in confusion.labels.iter().enumerate() { th scope="col" class=[edge(place)] { (plain(label)) } } } }
            tbody { @for (right, row) in confusion.counts.iter().enumerate() { tr class=[edge(right)] {
                th scope="row" { (plain(&confusion.labels[right])) }
                @let all = row.iter().sum::<usize>();
                @for (top, &count) in row.iter().enumerate() {
                    @if count == 0 { td class=[edge(top)] { "·" } }
                    @else {
                        td class=(format!("{} {}", shade(right == top, count, all), edge(top).unwrap_or_default()).trim()) {
                            a href=(format!("#{}", anchor(right, top))) title=(format!("{} taken for {}", plain(&confusion.labels[right]), plain(&confusion.labels[top]))) {
                                (count) }
                        }
                    }
                }
            } } }
        } }
    }
}

fn shade(hit: bool, count: usize, all: usize) -> String {
    let kind = if hit { "hit" } else { "miss" };
    // Mistakes are few: a fifth of a row has the darkest shade.
    let full = if hit { 1.0 } else { 0.2 };
    let level = (5.0 * count as f64 / (full * all.max(1) as f64)).ceil().clamp(1.0, 5.0);
    format!("{kind} s{level}")
}

/// The images of every cell, displayed when the link of its count is followed.
pub(super) fn behind(report: &Report, thumbnails: &Thumbnails) -> Markup {
    let confusion = &report.joint.confusion;
    html! {
        @for cell in &confusion.cells {
            @let wrong = cell.right != cell.top;
            @let images = shown(cell);
            section class=(if wrong { "card behind wrong" } else { "card behind" }) id=(anchor(cell.right, cell.top)) {
                h3 {
                    (plain(&confusion.labels[cell.right]))
                    @if wrong { " taken for " (plain(&confusion.labels[cell.top])) } @else { ", right" }
                    ": " (cell.images.len())
                }
                p class="soft" {
                    @if images.len() < cell.images.len() { "The " (images.len()) " most confident of " (cell.images.len()) ". " }
                    a href="#confusion" { "Close" }
                }
                ul class="images" { @for image in images { li {
                    @if let Some(address) = thumbnails.get(&image.name) {
                        img src=(address) alt=(plain(&image.name)) loading="lazy";
                    }
                    b { (format!("{:.1} %", 100.0 * image.probability)) }
                    (plain(&image.name))
                } } }
            }
        }
    }
}
