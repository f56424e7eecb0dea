//! `polyhead evidence`: computes, adds and shows evidence.

use super::extract_features::{self, Failure};
use super::labelled_images::ImageArguments;
use super::output::line;
use super::{find_images, fs, output, progress, read_models, Outcome};
use crate::error::Result;
use crate::evidence::{Evidence, Storage};
use crate::features::Pooling;
use crate::import::Overrides;
use crate::project::{EvidenceOptions, EvidenceSums};
use std::path::{Path, PathBuf};

/// Computes the evidence of labelled images for the labels of a merged model, adds files of evidence, or shows one.
///
/// The file contains counts, sums and products of features, and no image; `polyhead fit` reads it.
#[derive(Debug, clap::Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    override_usage = "polyhead evidence MERGED --images [HEAD=]DIR_OR_CSV… -o FILE [--head NAME] [--features …] [--folds K]\n       \
                      polyhead evidence add FILE… -o FILE\n       polyhead evidence show FILE",
    after_help = "Example:\n  polyhead evidence both.onnx --head trash --images photos/ -o trash.evidence\n  \
                  polyhead evidence add trash.evidence clothes.evidence -o both.evidence"
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    task: Option<Task>,
    #[command(flatten)]
    sum: SumArguments,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    /// Adds files of evidence.
    Add {
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        written: WriteArguments,
    },
    /// Shows the contents of a file of evidence.
    Show {
        #[arg(value_name = "FILE")]
        file: PathBuf,
        /// Print as JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, clap::Args)]
#[command(mut_arg("images", |images| images.required(true)))]
struct SumArguments {
    /// The merged model.
    #[arg(value_name = "MERGED", required = true)]
    model: Option<PathBuf>,
    /// Use only the labels of this head.
    #[arg(long, value_name = "NAME")]
    head: Option<String>,
    #[command(flatten)]
    images: ImageArguments,
    /// The features to sum: the pooled features at the cut, and the average, maximum and standard deviation of
    /// earlier blocks.
    #[arg(long, value_enum, value_delimiter = ',', default_values = ["features", "average", "maximum", "deviation"])]
    features: Vec<Pooling>,
    /// Store the sums in K disjoint folds, for cross-validation; the file is K times as large.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u8).range(2..=20))]
    folds: Option<u8>,
    #[command(flatten)]
    written: WriteArguments,
}

/// The output of evidence.
#[derive(Debug, clap::Args)]
struct WriteArguments {
    /// The output file.
    #[arg(short, long, value_name = "FILE", required = true)]
    output: Option<PathBuf>,
    /// The number type of products; if omitted, f64 up to 2,048 numbers per image, f32 beyond.
    #[arg(long, value_enum)]
    storage: Option<Storage>,
    /// Replace an existing output.
    #[arg(long)]
    force: bool,
    /// Print as JSON.
    #[arg(long)]
    json: bool,
}

impl Arguments {
    /// Whether to print JSON.
    pub(super) fn json(&self) -> bool {
        match &self.task {
            None => self.sum.written.json,
            Some(Task::Add { written, .. }) => written.json,
            Some(Task::Show { json, .. }) => *json,
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let written = match &arguments.task {
        None => &arguments.sum.written,
        Some(Task::Add { written, .. }) => written,
        Some(Task::Show { file, .. }) => {
            let bytes = fs::read(file)?;
            say(arguments, &Evidence::from_bytes(&fs::file_name(file), &bytes)?, bytes.len() as u64, None, &[]);
            return Ok(Outcome::Done);
        }
    };
    if let Some(output) = &written.output {
        fs::check_free(output, written.force)?;
    }
    let (evidence, failures) = match (&arguments.task, &arguments.sum.model) {
        (None, Some(model)) => summed(&arguments.sum, model)?,
        (Some(Task::Add { files, .. }), _) => (added(files)?, Vec::new()),
        // clap requires a model.
        _ => return Err(find_images::none("evidence".into())),
    };
    let bytes = evidence.to_bytes(written.storage);
    if let Some(output) = &written.output {
        fs::write(output, &bytes, written.force)?;
    }
    say(arguments, &evidence, bytes.len() as u64, written.output.as_deref(), &failures);
    Ok(if failures.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

fn added(files: &[PathBuf]) -> Result<Evidence> {
    let mut most = 0;
    let read = |file: &PathBuf| Evidence::from_bytes(&fs::file_name(file), &fs::read(file)?);
    let all = files.iter().map(|file| read(file).inspect(|evidence| most = most.max(evidence.folds().len())));
    let sum = Evidence::sum_of(all)?;
    if sum.as_ref().is_some_and(|sum| sum.folds().is_empty()) && most > 0 {
        eprintln!("note: the files have different numbers of folds; the sum has no folds");
    }
    // clap requires at least one file.
    sum.ok_or_else(|| find_images::none("evidence".into()))
}

fn summed(arguments: &SumArguments, model: &Path) -> Result<(Evidence, Vec<Failure>)> {
    let spinner = progress::spinner(format!("preparing {}", model.display()));
    let extractor = read_models::read(model, &Overrides::default())?.feature_extractor()?;
    spinner.finish_and_clear();
    let options = EvidenceOptions {
        head: arguments.head.clone(),
        features: arguments.features.clone(),
        folds: arguments.folds.map_or(1, usize::from),
        storage: arguments.written.storage,
    };
    let mut sums = EvidenceSums::new(&extractor, &options)?;
    if !arguments.written.json {
        let (width, size) = (output::thousands(sums.width as u64), output::bytes(sums.bytes));
        line!("sums     {width} numbers per image: a file of {size}");
    }
    let images = ImageArguments { head: sums.head, ..arguments.images.clone() };
    let failures = extract_features::each(&extractor, &images, |examples| sums.add(&examples))?;
    Ok((sums.finish()?, failures))
}

fn say(arguments: &Arguments, evidence: &Evidence, bytes: u64, written: Option<&Path>, failures: &[Failure]) {
    if !arguments.json() {
        return report(evidence, bytes, written);
    }
    let mut row = evidence.summary(bytes);
    row["output"] = written.map(|path| path.display().to_string()).into();
    row["failures"] = failures.iter().map(Failure::json).collect();
    output::json(&row);
}

fn report(evidence: &Evidence, bytes: u64, written: Option<&Path>) {
    line!("model    {}", evidence.fingerprint());
    line!("numbers  {}", output::numbers(evidence.layout(), evidence.counts().len()));
    let count = |(head, label, count)| {
        format!("{} {} ({})", output::thousands(count), output::plain(label), output::plain(head))
    };
    line!("images {}", evidence.labels().map(count).collect::<Vec<_>>().join(", "));
    if !evidence.folds().is_empty() {
        line!("parts    {}", evidence.folds().len());
    }
    match written {
        Some(path) => line!("written  {} ({})", path.display(), output::bytes(bytes)),
        None => line!("size     {}", output::bytes(bytes)),
    }
}
