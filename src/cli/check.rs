//! `polyhead check`: measures whether the heads of a merged model are comparable.

use super::extract_features::{examples, Failure};
use super::labelled_images::ImageArguments;
use super::output::line;
use super::read_models;
use super::thumbnails::thumbnails;
use super::{fs, output, progress, Outcome};
use crate::check::{Recommendation, Report};
use crate::error::Result;
use crate::import::Overrides;
use crate::project::check_rule;
use crate::report;
use crate::statistics::SEED;
use std::path::PathBuf;

/// Measures on labelled images whether the heads of a merged model are comparable, and recommends a repair.
///
/// Use images that no head was trained on: on its training images, a head is more confident and more accurate than
/// on new ones. Exit code 1 if the verdict is "do not merge".
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead check both.onnx --images photos/ --html report.html\n  \
    polyhead check both.onnx --images trash=photos/trash --images clothes=photos/clothes --json")]
pub(super) struct Arguments {
    /// The merged model.
    #[arg(value_name = "MERGED")]
    model: PathBuf,
    #[command(flatten)]
    images: ImageArguments,
    /// Write the report as one self-contained HTML page with thumbnails of the images.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Replace an existing page.
    #[arg(long)]
    force: bool,
    /// The seed of the resamples for the intervals.
    #[arg(long, value_name = "N", default_value_t = SEED)]
    seed: u64,
    /// Print the report as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    if let Some(page) = &arguments.html {
        fs::check_free(page, arguments.force)?;
    }
    let spinner = progress::spinner(format!("preparing {}", arguments.model.display()));
    let source = read_models::read(&arguments.model, &Overrides::default())?;
    let extractor = source.feature_extractor()?;
    spinner.finish_and_clear();
    let observed = examples(&extractor, &arguments.images)?;
    let spinner = progress::spinner("measuring".into());
    let report = check_rule(&source.name, source.combination()?, &extractor, observed.examples, arguments.seed)?;
    spinner.finish_and_clear();
    if let Some(page) = &arguments.html {
        let spinner = progress::spinner("making thumbnails".into());
        let (small, bytes) = thumbnails(&report::wanted(&report));
        spinner.finish_and_clear();
        fs::write(page, report::page(&report, &small).as_bytes(), arguments.force)?;
        let (count, bytes) = (small.len(), output::bytes(bytes as u64));
        eprintln!("note: {} contains thumbnails of {count} images ({bytes})", page.display());
    }
    say(arguments, &report, &observed.failures);
    Ok(match report.verdict.advice {
        _ if !observed.failures.is_empty() => Outcome::Incomplete,
        Recommendation::DoNotMerge => Outcome::No,
        _ => Outcome::Done,
    })
}

fn say(arguments: &Arguments, report: &Report, failures: &[Failure]) {
    if !arguments.json {
        line!("{}", report::table(report));
        if let Some(rule) = report.verdict.rule {
            line!("next     polyhead fit {} --rule {rule}", output::plain(&arguments.model.display().to_string()));
        }
        return;
    }
    let failures: Vec<_> = failures.iter().map(Failure::json).collect();
    output::json(&serde_json::json!({ "report": report, "failures": failures }));
}
