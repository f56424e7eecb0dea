//! `polyhead merge`: merges several models into one.

use super::edit_args::EditArguments;
use super::output::line;
use super::read_models::{self, OverrideArguments};
use super::{find_images, fs, output, progress, Outcome};
use crate::error::Result;
use crate::image::{self, RgbImage};
use crate::labels::DuplicateLabels;
use crate::merge::{Backbones, MergeOptions, Merged, MIN_SHARED, TOLERANCE};
use crate::onnx;
use crate::onnx::Weights;
use crate::project::merge_models;
use std::path::PathBuf;

/// Merges models that share a backbone: the shared layers once, every head kept, one ranking over all labels.
///
/// The merged model is verified against every source before it is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead merge trash.onnx clothes.onnx -o both.onnx\n  \
    polyhead merge a.onnx b.onnx --labels a.txt --labels b.txt --duplicate-labels keep -o both.onnx\n  \
    polyhead merge both.onnx --rename paper=newspaper --drop clothes/skirt -o edited.onnx\n  \
    polyhead merge both.onnx --replace trash=trash2.onnx -o newer.onnx")]
pub(super) struct Arguments {
    /// The models, or the folders or zips of their exports, or one merged model; the shared weights are those of the
    /// first model.
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    /// The output file.
    #[arg(short, long, value_name = "FILE", required_unless_present = "dry_run")]
    output: Option<PathBuf>,
    /// Do everything except writing the file.
    #[arg(long)]
    dry_run: bool,
    /// Replace an existing output.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    stated: OverrideArguments,
    /// For a label that two models have: error; keep both as `label (head)`; or merge them into one whose
    /// probability is the sum.
    #[arg(long, value_enum, default_value = "error")]
    duplicate_labels: DuplicateLabels,
    /// The minimum share of each model's multiply-adds that the first model must have too, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 100.0 * MIN_SHARED, value_parser = percent)]
    min_shared: f64,
    /// The relative difference (max|a−b| / max|a| per tensor) up to which weights are equal; 0 is bit for bit.
    #[arg(long, value_name = "NUMBER", default_value_t = TOLERANCE, value_parser = tolerance)]
    tolerance: f64,
    /// The backbones of models whose weights are nearly the same: refused (equal); each model's own, exact, with the work of
    /// each (separate); one, the mean of all or the first model's, with other answers (shared, shared-first).
    #[arg(long, value_enum, default_value = "equal")]
    backbones: Backbones,
    /// Images, or folders of images, on which the merged model is compared with the models, at most 100 of them; synthetic
    /// ones if omitted.
    #[arg(long, value_name = "IMAGE_OR_FOLDER", num_args = 1..)]
    images: Vec<PathBuf>,
    /// The number type of stored weights: that of the models (keep), 32-bit or half floats, or 8-bit integers; half
    /// floats halve the file, integers quarter it, and all are computed in 32 bits.
    #[arg(long, value_enum, default_value = "keep")]
    weight_format: Weights,
    #[command(flatten)]
    edits: EditArguments,
    /// Print the report as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

fn percent(text: &str) -> Result<f64, String> {
    in_range(text, 0.0, 100.0)
}

fn tolerance(text: &str) -> Result<f64, String> {
    in_range(text, 0.0, 1.0)
}

fn in_range(text: &str, least: f64, most: f64) -> Result<f64, String> {
    let number: f64 = text.parse().map_err(|_| format!("expected a number, found '{text}'"))?;
    if (least..=most).contains(&number) {
        Ok(number)
    } else {
        Err(format!("expected {least} to {most}, found {number}"))
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let output = arguments.output.as_ref().filter(|_| !arguments.dry_run);
    if let Some(output) = output {
        fs::check_free(output, arguments.force)?;
    }
    let spinner = progress::spinner("reading".into());
    let stated = arguments.stated.of_models(arguments.models.len())?;
    let options = MergeOptions {
        duplicate_labels: arguments.duplicate_labels,
        min_shared: arguments.min_shared / 100.0,
        tolerance: arguments.tolerance,
        backbones: arguments.backbones,
        preprocessing: arguments.stated.common_preprocessing()?.map(|stated| stated.value),
        weight_format: arguments.weight_format,
        edits: arguments.edits.read(&arguments.stated)?,
        images: comparison_images(&arguments.images)?,
        rule: None,
    };
    let mut sources = Vec::new();
    for (path, stated) in arguments.models.iter().zip(&stated) {
        spinner.set_message(format!("reading {}", path.display()));
        sources.push(read_models::read(path, stated)?);
    }
    spinner.set_message("merging");
    let merged = merge_models(sources, &options)?;
    let bytes = onnx::encode(&merged.proto);
    if let Some(output) = output {
        fs::write(output, &bytes, arguments.force)?;
    }
    spinner.finish_and_clear();
    let written = output.map(|o| o.display().to_string());
    if arguments.json {
        output::json(&merged.summary(bytes.len(), written.as_deref()));
    } else {
        report(&merged, bytes.len(), written);
    }
    Ok(Outcome::Done)
}

/// The most images on which a merged model is compared with its models: each stays in memory.
const COMPARED: usize = 100;

/// The images to compare on, evenly spaced among those that were given.
fn comparison_images(given: &[PathBuf]) -> Result<Vec<RgbImage>> {
    let mut paths = find_images::of_paths(given)?;
    let step = paths.len().div_ceil(COMPARED).max(1);
    paths = paths.into_iter().step_by(step).collect();
    let decode = |path: &PathBuf| image::decode(&path.display().to_string(), &fs::read_image(path)?);
    paths.iter().map(decode).collect()
}

fn report(merged: &Merged, bytes: usize, written: Option<String>) {
    let backbone = &merged.backbone;
    let most = backbone.models.iter().map(|m| m.multiply_adds).max().unwrap_or(0).max(1);
    line!(
        "shared   {} nodes, {} initializers, {} parameters, {}, {} multiply-adds ({:.2} % of a model's)",
        backbone.nodes,
        backbone.initializers,
        output::thousands(backbone.parameters),
        output::bytes(backbone.bytes),
        output::multiply_adds(backbone.multiply_adds),
        100.0 * backbone.multiply_adds as f64 / most as f64,
    );
    for value in &backbone.cut {
        line!("cut      {} {}", output::plain(&value.name), output::shape(&value.shape));
    }
    for model in &backbone.models {
        let head = &model.head;
        line!(
            "behind   {}: {} ({} parameters, {} multiply-adds)",
            output::plain(&model.name),
            operators(&head.operators),
            output::thousands(head.parameters),
            output::multiply_adds(head.multiply_adds)
        );
        if let Some(largest) = model.largest_difference.as_ref().filter(|l| l.relative > 0.0) {
            line!(
                "weights  {}: within {:.1e} of the first model's, furthest in node '{}', tensor '{}'",
                output::plain(&model.name),
                largest.relative,
                output::plain(&largest.node),
                output::plain(&largest.tensor)
            );
        }
    }
    ending(merged, bytes, written);
}

/// The operators of a head; a long list is shortened in the middle.
fn operators(all: &[String]) -> String {
    match all.len() {
        0 => "nothing of its own".to_string(),
        1..=8 => all.join(", "),
        count => format!("{}, … {} more …, {}", all[..3].join(", "), count - 6, all[count - 3..].join(", ")),
    }
}

/// Prints the end of a merge or split: verification, labels, notes, the file.
pub(super) fn ending(merged: &Merged, bytes: usize, written: Option<String>) {
    if let Some(proof) = &merged.proof {
        output::proof(proof);
    } else if let Some(shared) = &merged.metadata.shared_backbone {
        for change in &shared.heads {
            line!("answers  {}", output::answer_change(change));
        }
    }
    if let Some(change) = merged.rounding {
        line!("weights  stored in fewer bits: largest change of a probability {change:.1e}");
    }
    let labels: Vec<_> = merged.metadata.labels.iter().map(|l| output::plain(&l.label)).collect();
    line!("labels   {}", labels.join(", "));
    let notes = merged.notes.iter().map(ToString::to_string);
    for note in notes.chain(merged.warnings.iter().map(ToString::to_string)) {
        line!("note     {}", output::plain(&note));
    }
    match written {
        Some(path) => {
            line!("written  {path} ({})", output::bytes(bytes as u64));
            if merged.proof.is_none() {
                line!("next     polyhead fit {path} --images DIR: heads on a shared backbone are to be fitted again");
            }
        }
        None => line!("dry run  nothing written ({})", output::bytes(bytes as u64)),
    }
}
