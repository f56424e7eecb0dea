//! Renders a report as one self-contained HTML page without scripts.

use super::confusion_matrix::{behind, matrix, shown};
use super::metrics::{self, Row};
use super::plot;
use super::thumbnails::Thumbnails;
use crate::check::{HeadReport, Report};
use crate::sanitize::plain;
use base64::prelude::{Engine, BASE64_STANDARD};
use maud::{html, Markup, PreEscaped, DOCTYPE};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("style.css");

/// The images that [`page`] displays, by name: the first of each cell of the confusion matrix.
pub fn wanted(report: &Report) -> Vec<&str> {
    let mut cells: Vec<_> = report.joint.confusion.cells.iter().collect();
    // Mistakes come first, in case a size limit truncates the list.
    cells.sort_by_key(|c| c.right == c.top);
    cells.into_iter().flat_map(|c| shown(c).iter().map(|p| p.name.as_str())).collect()
}

/// The report as a page for any browser, light and dark, with a policy that allows its own styles and images alone.
pub fn page(report: &Report, thumbnails: &Thumbnails) -> String {
    let style = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!("default-src 'none'; img-src data:; style-src 'sha256-{style}'");
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (report.verdict.advice.title()) " – " (plain(&report.model)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (summary(report))
                (heads(report))
                (choice(report))
                (calibration(report))
                (matrix(report, thumbnails))
                (behind(report, thumbnails))
                (labels(report))
                (method(report))
            }
        }
    };
    page.into_string()
}

fn summary(report: &Report) -> Markup {
    let joint = metrics::joint(report);
    let row = |name: &str| joint.iter().find(|r| r.name == name);
    let tiles = [
        ("accuracy over all labels", row("accuracy")),
        ("accuracy with the right head", row("with the right head")),
        ("top label of a wrong head", row("wrong head")),
        ("calibration error (ECE)", row("ECE-15, equal width")),
    ];
    let reason = plain(&report.verdict.explanation());
    let mut letters = reason.chars();
    let reason: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    html! {
        h1 { "Comparability of the heads of " (plain(&report.model)) ": rule " (report.rule.to_string()) ", "
            (report.images) " labelled images" }
        section class=(format!("verdict {}", report.verdict.advice.name())) {
            strong { (report.verdict.advice.title()) }
            p {
                (reason) "."
                @if let Some(rule) = report.verdict.rule { " Rule to fit: " code { (rule.to_string()) } "." }
            }
        }
        dl class="tiles" {
            @for (name, row) in tiles {
                @if let Some(row) = row {
                    div { dt { (name) } dd { (row.value()) small class="soft" { "95 %: " (row.interval()) } } }
                }
            }
        }
        @if !report.warnings.is_empty() {
            ul class="warnings" { @for warning in &report.warnings { li { (plain(&warning.to_string())) "." } } }
        }
    }
}

fn heads(report: &Report) -> Markup {
    html! {
        h2 id="heads" { "Own images and other heads' images" }
        p { "On other heads' images a head should be unsure: entropy close to 1 (all of its labels equally likely), \
            no label far ahead. If the two colours overlap, its scores alone cannot separate the images." }
        p { span class="key own" { "own images" } span class="key foreign" { "other heads' images" } }
        div class="cards" { @for head in &report.heads { (head_card(head)) } }
    }
}

fn head_card(head: &HeadReport) -> Markup {
    let drawn = [
        ("normalised entropy", &head.entropy),
        ("largest probability within the head", &head.largest_probability),
        ("probability of the head", &head.gate),
    ];
    let rows = metrics::head(head);
    html! {
        article class="card" {
            h3 { (plain(&head.head)) }
            p class="soft" { (head.labels) " labels, " (head.own_images) " own images, " (head.foreign_images) " other" }
            div class="pair" {
                @for (axis, sides) in drawn {
                    @if let Some(svg) = plot::histogram(sides.own.as_ref(), sides.foreign.as_ref(), axis) {
                        figure role="img" aria-label=(format!("Histogram of the {axis} on own and other images; medians below")) {
                            (PreEscaped(svg))
                        }
                    }
                }
            }
            (figures(&rows, false))
        }
    }
}

fn figures(rows: &[Row], wide: bool) -> Markup {
    html! {
        div class="scroll" {
            table {
                thead { tr { th {} th scope="col" { "figure" } th scope="col" { "95 %" }
                    @if wide { th scope="col" { "images" } } } }
                tbody {
                    @for row in rows.iter().filter(|r| r.figure.is_some()) {
                        tr {
                            th scope="row" { (plain(&row.name)) @if wide { small { (row.meaning) } } }
                            td { (row.value()) } td class="soft" { (row.interval()) }
                            @if wide { td { (row.images()) } }
                        }
                    }
                }
            }
        }
    }
}

fn choice(report: &Report) -> Markup {
    html! {
        h2 id="joint" { "Cost of the choice between heads" }
        p { "The top label is right if its head is right, and it is the right one of that head: accuracy is the product \
            of the two. A better rule can gain at most the difference to the accuracy with the right head given." }
        div class="card" { (figures(&metrics::joint(report), true)) }
    }
}

fn calibration(report: &Report) -> Markup {
    let Some(calibration) = &report.joint.calibration else { return html! {} };
    let drawn =
        [("15 bins of equal width", &calibration.equal_width), ("15 bins of equal mass", &calibration.equal_mass)];
    let chance = format!("{:.1}", 100.0 * calibration.ece_of_chance_95);
    html! {
        h2 id="calibration" { "Calibration" }
        p { "Bars: accuracy of the top label. Dots: at the mean stated probability. On the diagonal the two agree; below \
            it the model is overconfident. A perfectly calibrated model would have an error of up to " (chance)
            " % on as many images by chance." }
        div class="cards" {
            @for (name, bins) in drawn {
                @if let Some(svg) = plot::reliability(bins) {
                    div class="card" {
                        figure role="img" aria-label=(format!("Reliability diagram with {name}; the numbers follow")) { (PreEscaped(svg)) }
                        figcaption { (name) }
                        details {
                            summary { "Numbers" }
                            div class="scroll" { table {
                                thead { tr { th scope="col" { "stated" } th scope="col" { "mean" } th scope="col" { "right" }
                                    th scope="col" { "images" } } }
                                tbody { @for bin in bins { tr {
                                    td { (format!("{:.1} – {:.1} %", 100.0 * bin.low, 100.0 * bin.high)) }
                                    td { (format!("{:.1} %", 100.0 * bin.confidence)) }
                                    td { (format!("{:.1} %", 100.0 * bin.accuracy)) }
                                    td { (bin.images) }
                                } } }
                            } }
                        }
                    }
                }
            }
        }
    }
}

fn labels(report: &Report) -> Markup {
    html! {
        h2 id="labels" { "Accuracy per label" }
        div class="card scroll" { table {
            thead { tr { th scope="col" { "label" } th scope="col" { "head" } th scope="col" { "images" }
                th scope="col" { "right" } th scope="col" { "95 %" } } }
            tbody { @for label in &report.joint.labels { tr {
                th scope="row" { (plain(&label.label)) }
                td { (plain(&label.heads.join(", "))) }
                td { (label.images) }
                @match label.accuracy {
                    Some(f) => { td { (format!("{:.1} %", 100.0 * f.value)) }
                        td class="soft" { (format!("{:.1} – {:.1}", 100.0 * f.low, 100.0 * f.high)) } },
                    None => { td { "–" } td {} },
                }
            } } }
        } }
    }
}

fn method(report: &Report) -> Markup {
    html! {
        footer {
            p { "Intervals: percentiles of " (report.resamples) " resamples of the images, stratified by label, seed "
                (report.seed) ". AUROC: how often an own image scores above another head's; 0.5 is chance. ECE: mean \
                distance between stated probability and accuracy over 15 bins. The gate on features: cosine with the mean \
                features per label, cross-validated over five parts of these images. The images on this page are small \
                copies inside the file; nothing is loaded from elsewhere." }
            p { "Polyhead " (env!("CARGO_PKG_VERSION")) }
        }
    }
}
