//! Draws the diagrams of the HTML report as SVG.

use crate::statistics::{Bin, Distribution};
use plotters::prelude::*;

/// Colours that the page's style sheet maps to those of its theme.
pub(super) const OWN: RGBColor = RGBColor(1, 2, 3);
pub(super) const FOREIGN: RGBColor = RGBColor(4, 5, 6);
const INK: RGBColor = RGBColor(7, 8, 9);
const GRID: RGBColor = RGBColor(10, 11, 12);

/// About the displayed size, so that its text has the page's font size.
const SIZE: (u32, u32) = (250, 190);

type Drawn = Result<(), Box<dyn std::error::Error>>;

/// A histogram of own and other heads' images over a number from 0 to 1, as shares of each group. `None` without
/// images.
pub(super) fn histogram(own: Option<&Distribution>, foreign: Option<&Distribution>, axis: &str) -> Option<String> {
    let shares = |side: Option<&Distribution>| -> Vec<f64> {
        let counts = side.map(|s| s.histogram.clone()).unwrap_or_default();
        let total = counts.iter().sum::<usize>().max(1) as f64;
        counts.into_iter().map(|n| n as f64 / total).collect()
    };
    let (own, foreign) = (shares(own), shares(foreign));
    let most = own.iter().chain(&foreign).copied().fold(0.0, f64::max);
    (most > 0.0).then_some(())?;
    svg(SIZE, |area| {
        let mut chart = ChartBuilder::on(area)
            .margin(4)
            .margin_right(12)
            .x_label_area_size(40)
            .y_label_area_size(44)
            .build_cartesian_2d(0.0..1.0, 0.0..(most * 1.05))?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(INK)
            .x_labels(6)
            .y_labels(4)
            .x_label_formatter(&|x| format!("{x:.1}"))
            .y_label_formatter(&|y| format!("{:.0} %", 100.0 * y))
            .label_style(("sans-serif", 15).into_font().color(&INK))
            .x_desc(axis)
            .draw()?;
        for (shares, colour, first) in [(&own, OWN, 0.08), (&foreign, FOREIGN, 0.5)] {
            let width = 1.0 / shares.len().max(1) as f64;
            let bar = |(place, &share): (usize, &f64)| {
                let left = (place as f64 + first) * width;
                Rectangle::new([(left, 0.0), (left + 0.42 * width, share)], colour.filled())
            };
            chart.draw_series(shares.iter().enumerate().map(bar))?;
        }
        Ok(())
    })
}

/// The reliability diagram: accuracy over confidence with one bar per bin, the diagonal of perfect calibration, and the
/// number of images per bin below.
pub(super) fn reliability(bins: &[Bin]) -> Option<String> {
    let most = bins.iter().map(|b| b.images).max()?;
    svg((360, 360), |area| {
        let (upper, lower) = area.split_vertically(260);
        let mut chart = ChartBuilder::on(&upper)
            .margin(6)
            .margin_right(24)
            .x_label_area_size(22)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
        chart
            .configure_mesh()
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(INK)
            .x_labels(6)
            .y_labels(6)
            .x_label_formatter(&|x| format!("{:.0} %", 100.0 * x))
            .y_label_formatter(&|y| format!("{:.0} %", 100.0 * y))
            .label_style(("sans-serif", 15).into_font().color(&INK))
            .y_desc("right")
            .draw()?;
        let bars =
            bins.iter().map(|b| Rectangle::new([(b.low + 0.004, 0.0), (b.high - 0.004, b.accuracy)], OWN.filled()));
        chart.draw_series(bars)?;
        chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], INK))?;
        chart.draw_series(bins.iter().map(|b| Circle::new((b.confidence, b.accuracy), 4, FOREIGN.filled())))?;
        let mut counts = ChartBuilder::on(&lower)
            .margin(6)
            .margin_right(24)
            .x_label_area_size(22)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..1.0, 0.0..(most as f64 * 1.05))?;
        counts
            .configure_mesh()
            .disable_x_mesh()
            .bold_line_style(GRID)
            .light_line_style(TRANSPARENT)
            .axis_style(INK)
            .x_labels(0)
            .y_labels(2)
            .y_label_formatter(&|y| format!("{y:.0}"))
            .label_style(("sans-serif", 15).into_font().color(&INK))
            .x_desc("stated probability of the top label")
            .draw()?;
        let bar = |b: &Bin| Rectangle::new([(b.low + 0.004, 0.0), (b.high - 0.004, b.images as f64)], GRID.filled());
        counts.draw_series(bins.iter().map(bar))?;
        Ok(())
    })
}

fn svg(
    size: (u32, u32),
    draw: impl FnOnce(&DrawingArea<SVGBackend, plotters::coord::Shift>) -> Drawn,
) -> Option<String> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size).into_drawing_area();
        draw(&area).ok()?;
        area.present().ok()?;
    }
    // Inline SVG needs no namespace, and the page sets the width.
    let (width, height) = size;
    let text = text.replace(r#" xmlns="http://www.w3.org/2000/svg""#, "");
    Some(text.replacen(&format!(r#"width="{width}" height="{height}" "#), "", 1))
}
