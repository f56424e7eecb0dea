//! `polyhead features`: extracts the features of labelled images into a file.

use super::extract_features::{self, Failure};
use super::labelled_images::ImageArguments;
use super::output::line;
use super::{find_images, fs, output, progress, read_models, Outcome};
use crate::error::Result;
use crate::features::{FeaturesFile, Pooling};
use crate::import::Overrides;
use std::path::PathBuf;

/// Writes the features and logits that a merged model computes of each labelled image to a file for `polyhead fit`.
///
/// The file contains the label, the SHA-256 and the numbers of each image, and neither pixels nor file names. An
/// image can be partly reconstructed from its features.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("task").args(["images"]).required(true)),
    after_help = "Example:\n  polyhead features both.onnx --images unseen/ -o unseen.features\n  \
                        polyhead fit both.onnx --evidence both.evidence --held-out unseen.features -o fitted.onnx"
)]
pub(super) struct Arguments {
    /// The merged model.
    #[arg(value_name = "MERGED")]
    model: PathBuf,
    #[command(flatten)]
    images: ImageArguments,
    /// The features to store: the pooled features at the cut, and the average, maximum and standard deviation of
    /// earlier blocks. A fit with evidence needs the features of the evidence.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["features", "average", "maximum", "deviation"])]
    features: Vec<Pooling>,
    /// The output file.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Replace an existing output.
    #[arg(long)]
    force: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    fs::check_free(&arguments.output, arguments.force)?;
    let spinner = progress::spinner(format!("preparing {}", arguments.model.display()));
    let extractor = read_models::read(&arguments.model, &Overrides::default())?.feature_extractor()?;
    spinner.finish_and_clear();
    let mut file = FeaturesFile::empty(&extractor, &arguments.features);
    let failures = extract_features::each(&extractor, &arguments.images, |examples| file.add(examples))?;
    if file.images() == 0 {
        return Err(find_images::none("--images".into()));
    }
    let bytes = file.to_bytes()?;
    fs::write(&arguments.output, &bytes, arguments.force)?;
    say(arguments, &file, bytes.len() as u64, &failures);
    Ok(if failures.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

fn say(arguments: &Arguments, file: &FeaturesFile, bytes: u64, failures: &[Failure]) {
    let (model, counts) = (file.model(), file.counts());
    let logits = model.heads.iter().map(|head| head.labels.len()).sum();
    if arguments.json {
        let label = |&(label, head, images): &(&str, Option<&str>, usize)| serde_json::json!({ "head": head, "label": label, "images": images });
        output::json(&serde_json::json!({
            "output": arguments.output.display().to_string(),
            "bytes": bytes,
            "fingerprint": model.fingerprint,
            "layout": model.layout,
            "logits": logits,
            "labels": counts.iter().map(label).collect::<Vec<_>>(),
            "total": file.images(),
            "failures": failures.iter().map(Failure::json).collect::<Vec<_>>(),
        }));
        return;
    }
    line!("model    {}", model.fingerprint);
    line!("numbers  {}", output::numbers(model.layout, logits));
    let count = |(label, head, count): (&str, Option<&str>, usize)| {
        let head = head.map(|head| format!(" ({})", output::plain(head))).unwrap_or_default();
        format!("{} {}{head}", output::thousands(count as u64), output::plain(label))
    };
    line!("images   {}", counts.into_iter().map(count).collect::<Vec<_>>().join(", "));
    line!("written  {} ({})", arguments.output.display(), output::bytes(bytes));
}
