//! `polyhead classify`: ranks the labels of images.

use super::error_words::{error_json, error_text};
use super::output::line;
use super::read_models::{self, OverrideArguments};
use super::{find_images, fs, output, progress, Outcome};
use crate::classifier::Classifier;
use crate::classifier::{rank, RankOptions, Ranking};
use crate::error::Result;
use crate::image;
use crate::onnx::Bytes;
use crate::project::load_classifier;
use indicatif::ProgressBar;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// Ranks the labels of a model for images.
///
/// The model is a merged file, a wasm module with an embedded model, or a single exported classifier (file, folder
/// or zip).
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  polyhead classify both.onnx photo.jpg --top-k 3\n  polyhead classify both.onnx photos/ --json"
)]
pub(super) struct Arguments {
    /// The model, or the folder or zip of its export.
    model: PathBuf,
    /// Images, or folders that are searched for images.
    #[arg(required = true, value_name = "IMAGE_OR_FOLDER")]
    images: Vec<PathBuf>,
    /// The maximum number of labels; all if omitted.
    #[arg(long, value_name = "N")]
    top_k: Option<usize>,
    /// Omit labels below this probability, 0 to 1.
    #[arg(long, value_name = "P", default_value_t = 0.0)]
    threshold: f32,
    #[command(flatten)]
    stated: OverrideArguments,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let options = RankOptions { top_k: arguments.top_k, threshold: arguments.threshold };
    let spinner = progress::spinner(format!("preparing {}", arguments.model.display()));
    let classifier = classifier(&arguments.model, &arguments.stated)?;
    spinner.finish_and_clear();
    let images = find_images::of_paths(&arguments.images)?;
    let bar = progress::bar(images.len());
    let mut rows = Vec::new();
    let mut outcome = Outcome::Done;
    // The processors wait for the last image of each batch: large enough that this hardly matters, small enough that
    // results appear steadily.
    for batch in images.chunks(16 * rayon::current_num_threads()) {
        let ranked: Vec<_> = batch.par_iter().map(|path| timed(&classifier, path, &options, &bar)).collect();
        for (path, (ranked, milliseconds)) in batch.iter().zip(ranked) {
            match ranked {
                Ok(ranking) if arguments.json => rows.push(row(path, &ranking, milliseconds)),
                Ok(ranking) => bar.suspend(|| report(path, &ranking, milliseconds)),
                Err(error) => {
                    outcome = Outcome::Incomplete;
                    bar.suspend(|| eprintln!("error: {}", error_text(&error)));
                    if arguments.json {
                        let file = path.display().to_string();
                        rows.push(serde_json::json!({ "file": file, "error": error_json(&error) }));
                    }
                }
            }
        }
    }
    bar.finish_and_clear();
    if arguments.json {
        output::json(&rows);
    }
    Ok(outcome)
}

/// The classifier of a file or folder; prints its notes.
pub(super) fn classifier(path: &Path, stated: &OverrideArguments) -> Result<Classifier> {
    let name = fs::file_name(path);
    let bytes = Bytes::from(if path.is_dir() { Vec::new() } else { fs::read(path)? });
    let read = || read_models::read(path, &stated.of_models(1)?.remove(0));
    let loaded = load_classifier(&name, bytes, stated.given(), read)?;
    for note in loaded.notes {
        eprintln!("note: {}", output::plain(&note.to_string()));
    }
    Ok(loaded.classifier)
}

/// A ranking and its time in milliseconds.
fn timed(classifier: &Classifier, path: &Path, options: &RankOptions, bar: &ProgressBar) -> (Result<Ranking>, f64) {
    let started = Instant::now();
    let ranked = one(classifier, path, options);
    bar.inc(1);
    (ranked, started.elapsed().as_secs_f64() * 1e3)
}

fn one(classifier: &Classifier, path: &Path, options: &RankOptions) -> Result<Ranking> {
    let image = image::decode(&path.display().to_string(), &fs::read_image(path)?)?;
    rank(classifier.labels(), classifier.heads(), &classifier.run(&image)?, options)
}

fn row(path: &Path, ranking: &Ranking, milliseconds: f64) -> serde_json::Value {
    let mut row = serde_json::json!({ "file": path.display().to_string(), "milliseconds": milliseconds });
    if let (Some(row), Ok(serde_json::Value::Object(ranking))) = (row.as_object_mut(), serde_json::to_value(ranking)) {
        row.extend(ranking);
    }
    row
}

fn report(path: &Path, ranking: &Ranking, milliseconds: f64) {
    line!("{} ({milliseconds:.0} ms)", path.display());
    for label in &ranking.labels {
        let heads: Vec<_> = label.label.heads.iter().map(|h| output::plain(h)).collect();
        line!("  {:5.1} %  {}  ({})", 100.0 * label.probability, output::plain(&label.label.label), heads.join(", "));
    }
}
