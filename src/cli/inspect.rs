//! `polyhead inspect`: describes model files and their shared backbone.

use super::error_words::{error_json, error_text};
use super::output::line;
use super::read_models::{self, OverrideArguments};
use super::{output, Outcome};
use crate::error::Result;
use crate::import::Description;
use crate::project::compare_backbones;
use std::path::PathBuf;

/// Describes models: input, labels, head, size and preprocessing.
///
/// Of several models, also how the weights of each differ from those of the first.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead inspect trash.onnx clothes.onnx")]
pub(super) struct Arguments {
    /// The models, or the folders or zips of their exports.
    #[arg(required = true, value_name = "MODEL")]
    models: Vec<PathBuf>,
    #[command(flatten)]
    stated: OverrideArguments,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let stated = arguments.stated.of_models(arguments.models.len())?;
    let mut outcome = Outcome::Done;
    let mut rows = Vec::new();
    let mut models = Vec::new();
    for (path, mut stated) in arguments.models.iter().zip(stated) {
        stated.placeholders = true;
        let described = read_models::read(path, &stated).and_then(|model| {
            models.push(model.clone());
            model.describe()
        });
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
                    let file = path.display().to_string();
                    rows.push(serde_json::json!({ "file": file, "error": error_json(&error) }));
                } else {
                    line!("{}\n  error       {}", path.display(), error_text(&error));
                }
            }
        }
    }
    if models.len() > 1 && models.len() == arguments.models.len() {
        for (at, model) in models.iter().enumerate().skip(1) {
            let relation = compare_backbones(&models[0], model);
            match (rows.get_mut(at), relation) {
                (Some(row), Ok(relation)) => row["backbone"] = serde_json::json!(relation),
                (Some(row), Err(error)) => row["backbone"] = serde_json::json!({ "error": error_json(&error) }),
                (None, Ok(relation)) => {
                    let cure = relation.next_training().map(|cure| format!("; {cure}")).unwrap_or_default();
                    line!("backbone      {}: {relation}{cure}", arguments.models[at].display());
                }
                (None, Err(error)) => line!("backbone      not compared: {}", error_text(&error)),
            }
        }
    }
    if arguments.json {
        output::json(&rows);
    }
    Ok(outcome)
}

fn report(file: &str, model: &Description) {
    let facts = &model.facts;
    line!("{file}");
    line!("  input       {} {}", output::plain(&facts.input), output::shape(&facts.input_shape));
    line!("  images    {}", model.images());
    line!("              from {}", output::plain(&model.preprocessing.from.to_string()));
    for head in &model.heads {
        let labels: Vec<_> = head.labels.iter().map(|l| output::plain(l)).collect();
        line!("  labels      {}", labels.join(", "));
        line!("              from {}", output::plain(&model.labels_from.to_string()));
        line!("  head        {}: {} ({:?})", output::plain(&head.name), head.layers, head.activation);
    }
    line!(
        "  size        {} parameters, {} multiply-adds, {}",
        output::thousands(model.parameters),
        output::multiply_adds(model.multiply_adds),
        output::bytes(facts.bytes)
    );
    line!("  written by  {}, operator set {}", output::plain(&facts.producer), facts.opset);
    if let Some(shared) = &model.shared_backbone {
        line!("  backbone    {}, in place of the models' own", shared.weights);
        for change in &shared.heads {
            line!("  answers     {}", output::answer_change(change));
        }
    }
    for note in &model.notes {
        line!("  note        {}", output::plain(&note.to_string()));
    }
}
