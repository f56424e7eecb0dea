//! `polyhead inspect`: what a model file is, and what several share.

use super::models::{self, StatedArguments};
use super::print::line;
use super::{print, Outcome};
use crate::error::Result;
use crate::source::{Description, Source};
use std::path::PathBuf;

/// Says what models are: input, labels, head, size, and how their images are prepared.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead inspect trash.onnx clothes.onnx")]
pub(super) struct Arguments {
    /// The models, or the folders or zips they were exported as.
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    #[command(flatten)]
    stated: StatedArguments,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let stated = arguments.stated.of_models(arguments.models.len())?;
    let mut outcome = Outcome::Done;
    let mut rows = Vec::new();
    for (path, mut stated) in arguments.models.iter().zip(stated) {
        stated.placeholders = true;
        let described = models::read(path, &stated).and_then(|source: Source| source.describe());
        match described {
            Ok(description) if arguments.json => rows.push(serde_json::json!({
                "file": path.display().to_string(),
                "model": description,
            })),
            Ok(description) => report(&path.display().to_string(), &description),
            Err(error) => {
                outcome = match (outcome, error.is_refusal()) {
                    (Outcome::Done, true) | (Outcome::No, true) => Outcome::No,
                    _ => Outcome::Incomplete,
                };
                if arguments.json {
                    rows.push(serde_json::json!({
                        "file": path.display().to_string(),
                        "error": { "code": error.code(), "message": error.to_string() },
                    }));
                } else {
                    line!("{}\n  error       {error}", path.display());
                }
            }
        }
    }
    if arguments.json {
        print::json(&rows);
    }
    Ok(outcome)
}

fn report(file: &str, model: &Description) {
    let facts = &model.facts;
    line!("{file}");
    line!("  input       {} {}", print::plain(&facts.input), print::shape(&facts.input_shape));
    line!("  images    {}", model.images());
    line!("              from {}", print::plain(&model.preprocessing.from));
    for head in &model.heads {
        let labels: Vec<_> = head.labels.iter().map(|l| print::plain(l)).collect();
        line!("  labels      {}", labels.join(", "));
        line!("              from {}", print::plain(&model.labels_from));
        line!("  head        {}: {} ({:?})", print::plain(&head.name), head.layers, head.activation);
    }
    line!(
        "  size        {} parameters, {} multiply-adds, {}",
        print::thousands(model.parameters),
        print::multiply_adds(model.multiply_adds),
        print::bytes(facts.bytes)
    );
    line!("  written by  {}, operator set {}", print::plain(&facts.producer), facts.opset);
    for note in &model.notes {
        line!("  note        {}", print::plain(note));
    }
}
