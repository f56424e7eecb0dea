//! `polyhead evidence`: computes, adds and prints evidence.

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

/// Sums up what labelled images say of the labels of a merged model, adds such files up, or shows one.
///
/// The file holds counts, sums and products of features, and no image; it is what `polyhead fit` needs.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("task").args(["images", "add", "show"]).required(true)),
    override_usage = "polyhead evidence MERGED --images [HEAD=]DIR_OR_CSV… -o FILE [--head NAME] [--features …] [--folds K]\n       \
                      polyhead evidence --add FILE… -o FILE\n       polyhead evidence --show FILE",
    after_help = "Example:\n  polyhead evidence both.onnx --head trash --images photos/ -o trash.evidence\n  \
                  polyhead evidence --add trash.evidence clothes.evidence -o both.evidence"
)]
pub(super) struct Arguments {
    /// The merged model.
    #[arg(value_name = "MERGED", required_unless_present_any = ["add", "show"], conflicts_with_all = ["add", "show"])]
    model: Option<PathBuf>,
    /// Take only the labels of this head.
    #[arg(long, value_name = "NAME", requires = "model")]
    head: Option<String>,
    #[command(flatten)]
    images: ImageArguments,
    /// Which numbers are summed: the pooled features at the cut, and the average, maximum and standard deviation of
    /// earlier blocks.
    #[arg(long, value_enum, value_delimiter = ',', requires = "model", default_values = ["features", "average", "maximum", "deviation"])]
    features: Vec<Pooling>,
    /// Keep the sums in K parts that share no image, for estimates by cross-validation: a file K times as large.
    #[arg(long, value_name = "K", requires = "model", value_parser = clap::value_parser!(u8).range(2..=20))]
    folds: Option<u8>,
    /// Add up these files.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    add: Vec<PathBuf>,
    /// Say what a file holds.
    #[arg(long, value_name = "FILE", conflicts_with = "output")]
    show: Option<PathBuf>,
    /// Where the sums go.
    #[arg(short, long, value_name = "FILE", required_unless_present = "show")]
    output: Option<PathBuf>,
    /// How products are stored; f64 up to 2,048 numbers an image, f32 beyond, if left out.
    #[arg(long, value_enum)]
    storage: Option<Storage>,
    /// Replace an existing output.
    #[arg(long)]
    force: bool,
    /// Print as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    if let Some(output) = &arguments.output {
        fs::check_free(output, arguments.force)?;
    }
    let (evidence, failures) = match (&arguments.model, &arguments.show) {
        (Some(model), _) => summed(arguments, model)?,
        (None, Some(file)) => (read(file)?, Vec::new()),
        (None, None) => (added(&arguments.add)?, Vec::new()),
    };
    let bytes = match (&arguments.output, &arguments.show) {
        (Some(output), _) => {
            let bytes = evidence.to_bytes(arguments.storage);
            fs::write(output, &bytes, arguments.force)?;
            bytes.len() as u64
        }
        (None, file) => file.as_ref().and_then(|file| Some(std::fs::metadata(file).ok()?.len())).unwrap_or_default(),
    };
    if arguments.json {
        output::json(&row(arguments, &evidence, bytes, &failures));
    } else {
        report(arguments, &evidence, bytes);
    }
    Ok(if failures.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

fn read(file: &Path) -> Result<Evidence> {
    Evidence::from_bytes(&fs::file_name(file), &fs::read(file)?)
}

fn added(files: &[PathBuf]) -> Result<Evidence> {
    let mut most = 0;
    let all = files.iter().map(|file| read(file).inspect(|evidence| most = most.max(evidence.folds().len())));
    let sum = Evidence::sum_of(all)?;
    if sum.as_ref().is_some_and(|sum| sum.folds().is_empty()) && most > 0 {
        eprintln!("note: not all files are in as many parts; the sum is kept without parts");
    }
    // clap asks for at least one file.
    sum.ok_or_else(|| find_images::none("--add".into()))
}

fn summed(arguments: &Arguments, model: &Path) -> Result<(Evidence, Vec<Failure>)> {
    let spinner = progress::spinner(format!("preparing {}", model.display()));
    let extractor = read_models::read(model, &Overrides::default())?.feature_extractor()?;
    spinner.finish_and_clear();
    let options = EvidenceOptions {
        head: arguments.head.clone(),
        features: arguments.features.clone(),
        folds: arguments.folds.map_or(1, usize::from),
        storage: arguments.storage,
    };
    let mut sums = EvidenceSums::new(&extractor, &options)?;
    if !arguments.json {
        let (width, size) = (output::thousands(sums.width as u64), output::bytes(sums.bytes));
        line!("sums     {width} numbers an image: a file of {size}");
    }
    let images = ImageArguments { head: sums.head, ..arguments.images.clone() };
    let failures = extract_features::each(&extractor, &images, |examples| sums.add(&examples))?;
    Ok((sums.finish()?, failures))
}

fn row(arguments: &Arguments, evidence: &Evidence, bytes: u64, failures: &[Failure]) -> serde_json::Value {
    let mut row = evidence.summary(bytes);
    row["output"] = arguments.output.as_ref().map(|path| path.display().to_string()).into();
    row["failures"] = failures.iter().map(Failure::json).collect();
    row
}

fn report(arguments: &Arguments, evidence: &Evidence, bytes: u64) {
    let layout = evidence.layout();
    let section = |(pool, name): (Pooling, &str)| {
        let width = layout.only(&[pool]).width();
        (width > 0).then(|| format!("{} {name}", output::thousands(width as u64)))
    };
    let names = ["features", "averages", "maxima", "deviations"];
    let mut sections: Vec<String> = Pooling::ALL.into_iter().zip(names).filter_map(section).collect();
    sections.push(format!("{} logits", evidence.counts().len()));
    line!("model    {}", evidence.fingerprint());
    line!("numbers  {}", sections.join(", "));
    let count = |(head, label, count)| {
        format!("{} {} ({})", output::thousands(count), output::plain(label), output::plain(head))
    };
    line!("images {}", evidence.labels().map(count).collect::<Vec<_>>().join(", "));
    if !evidence.folds().is_empty() {
        line!("parts    {}", evidence.folds().len());
    }
    match &arguments.output {
        Some(output) => line!("written  {} ({})", output.display(), output::bytes(bytes)),
        None => line!("size     {}", output::bytes(bytes)),
    }
}
