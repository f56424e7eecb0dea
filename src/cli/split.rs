//! `polyhead split`: extracts one head of a merged model.

use super::merge::ending;
use super::{fs, output, progress, read_models, Outcome};
use crate::error::Result;
use crate::import::Overrides;
use crate::merge::split;
use crate::onnx;
use crate::onnx::Weights;
use std::path::PathBuf;

/// Extracts one head of a merged model: the layers that it needs, its labels, its preprocessing.
///
/// The new model is verified against the merged one before it is written.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead split both.onnx --head trash -o trash.onnx")]
pub(super) struct Arguments {
    /// The merged model.
    #[arg(value_name = "MERGED")]
    model: PathBuf,
    /// The head, as `polyhead inspect` names it.
    #[arg(long, value_name = "NAME")]
    head: String,
    /// The output file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace an existing output.
    #[arg(long)]
    force: bool,
    /// The number type of stored weights: that of the merged model (keep), 32-bit or half floats, or 8-bit integers.
    #[arg(long, value_enum, default_value = "keep")]
    weight_format: Weights,
    /// Print the report as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    fs::check_free(&arguments.output, arguments.force)?;
    let spinner = progress::spinner(format!("splitting {}", arguments.model.display()));
    let source = read_models::read(&arguments.model, &Overrides::default())?;
    let single = split(source, &arguments.head, arguments.weight_format)?;
    let bytes = onnx::encode(&single.proto);
    fs::write(&arguments.output, &bytes, arguments.force)?;
    spinner.finish_and_clear();
    let written = arguments.output.display().to_string();
    if arguments.json {
        output::json(&single.summary(bytes.len(), Some(&written)));
    } else {
        ending(&single, bytes.len(), Some(written));
    }
    Ok(Outcome::Done)
}
