//! `polyhead embed`: a model into a wasm module.

use super::print::line;
use super::{files, print, Outcome};
use crate::classifier::Classifier;
use crate::embed::embed;
use crate::error::Result;
use std::path::PathBuf;

/// Puts a merged model into a wasm module, as its custom section `polyhead.model`; a model that is there
/// already is replaced.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead embed www/pkg/polyhead_bg.wasm three.onnx -o site/pkg/polyhead_bg.wasm")]
pub(super) struct Arguments {
    /// The wasm module.
    module: PathBuf,
    /// The merged model.
    model: PathBuf,
    /// Where the module with the model goes; may be the module itself with --force.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace an existing output.
    #[arg(long)]
    force: bool,
    /// Print the result as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    files::check_free(&arguments.output, arguments.force)?;
    let module = files::read(&arguments.module)?;
    let model = files::read(&arguments.model)?;
    // The page would find out too late.
    let classifier = Classifier::from_bytes(&files::file_name(&arguments.model), &model)?;
    let bytes = embed(&module, &model)?;
    files::write(&arguments.output, &bytes, arguments.force)?;
    let labels: Vec<String> = classifier.labels().iter().map(|l| print::plain(&l.label)).collect();
    if arguments.json {
        print::json(&serde_json::json!({
            "output": arguments.output.display().to_string(),
            "bytes": bytes.len(),
            "model_bytes": model.len(),
            "labels": labels,
        }));
    } else {
        line!("labels   {}", labels.join(", "));
        line!("model    {}", print::bytes(model.len() as u64));
        line!("written  {} ({})", arguments.output.display(), print::bytes(bytes.len() as u64));
    }
    Ok(Outcome::Done)
}
