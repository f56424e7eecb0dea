//! `polyhead check`: measures whether the heads of a merged model are comparable.

use super::extract_features::{examples, Failure};
use super::labelled_images::ImageArguments;
use super::output::line;
use super::read_models;
use super::thumbnails::thumbnails;
use super::{fs, output, progress, Outcome};
use crate::check::{Comparison, Recommendation};
use crate::error::{ErrorKind, Result};
use crate::import::Overrides;
use crate::onnx::multiply_adds;
use crate::project::check_rule;
use crate::report::{self, ComparedModel};
use crate::statistics::SEED;
use std::path::{Path, PathBuf};

/// Measures on labelled images whether the heads of a merged model are comparable, and recommends a repair.
///
/// Use images that no head was trained on: on its training images, a head is more confident and more accurate than
/// on new ones. Several models are compared side by side on the same images. Exit code 1 if the verdict on each is "do not
/// merge".
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead check both.onnx --images photos/ --html report.html\n  \
    polyhead check both.onnx --images trash=photos/trash --images clothes=photos/clothes --json\n  \
    polyhead check separate.onnx shared.onnx fitted.onnx --images photos/")]
pub(super) struct Arguments {
    /// The merged model, or several to compare.
    #[arg(required = true, value_name = "MERGED")]
    models: Vec<PathBuf>,
    #[command(flatten)]
    images: ImageArguments,
    /// Write the report on the model as one self-contained HTML page with thumbnails of the images.
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
        if arguments.models.len() > 1 {
            return Err(ErrorKind::option("html", "one model", arguments.models.len()).into());
        }
        fs::check_free(page, arguments.force)?;
    }
    let mut models = Vec::new();
    let mut failures = Vec::new();
    for path in &arguments.models {
        let (model, failed) = measure(arguments, path)?;
        if models.is_empty() {
            // Of every model the same: the images are.
            failures = failed;
        }
        models.push(model);
    }
    for at in 1..models.len() {
        models[at].comparison = Some(Comparison::new(&models[at].report, &models[0].report));
    }
    if let Some(page) = &arguments.html {
        let spinner = progress::spinner("making thumbnails".into());
        let report = &models[0].report;
        let (small, bytes) = thumbnails(&report::wanted(report));
        spinner.finish_and_clear();
        fs::write(page, report::page(report, &small).as_bytes(), arguments.force)?;
        let (count, bytes) = (small.len(), output::bytes(bytes as u64));
        eprintln!("note: {} contains thumbnails of {count} images ({bytes})", page.display());
    }
    say(arguments, &models, &failures);
    let refused = models.iter().all(|model| model.report.verdict.advice == Recommendation::DoNotMerge);
    Ok(match () {
        () if !failures.is_empty() => Outcome::Incomplete,
        () if refused => Outcome::No,
        () => Outcome::Done,
    })
}

/// Checks one model on the images.
fn measure(arguments: &Arguments, path: &Path) -> Result<(ComparedModel, Vec<Failure>)> {
    let file = path.display().to_string();
    let spinner = progress::spinner(format!("preparing {file}"));
    let source = read_models::read(path, &Overrides::default())?;
    let extractor = source.feature_extractor()?;
    let bytes = source.facts.bytes;
    let multiply_adds = source.graph.nodes.iter().map(|node| multiply_adds(&source.graph, node)).sum();
    spinner.finish_and_clear();
    let observed = examples(&extractor, &arguments.images)?;
    let spinner = progress::spinner("measuring".into());
    let report = check_rule(&source.name, source.combination()?, &extractor, observed.examples, arguments.seed)?;
    spinner.finish_and_clear();
    Ok((ComparedModel { file, bytes, multiply_adds, report, comparison: None }, observed.failures))
}

fn say(arguments: &Arguments, models: &[ComparedModel], failures: &[Failure]) {
    let failed: Vec<_> = failures.iter().map(Failure::json).collect();
    match models {
        [model] if arguments.json => {
            output::json(&serde_json::json!({ "report": model.report, "failures": failed }));
        }
        [model] => {
            line!("{}", report::table(&model.report));
            if let Some(rule) = model.report.verdict.rule {
                line!("next     polyhead fit {} --rule {rule}", output::plain(&model.file));
            }
        }
        models if arguments.json => output::json(&serde_json::json!({ "models": models, "failures": failed })),
        models => line!("{}", report::comparison_table(models)),
    }
}
