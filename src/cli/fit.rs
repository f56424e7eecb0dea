//! `polyhead fit`: fits a rule that makes the heads comparable and writes it into a new file.

use super::extract_features::{examples, Failure};
use super::labelled_images::{features_files, ImageArguments};
use super::output::line;
use super::{fs, output, progress, read_models, Outcome};
use crate::error::Result;
use crate::evidence::Evidence;
use crate::features::{FeatureExtractor, LabelledSet, Pooling};
use crate::fit::{Fit, FitOptions, RuleChoice};
use crate::import::{ImportedModel, Overrides};
use crate::merge::Merged;
use crate::onnx;
use crate::onnx::Weights;
use crate::project::{fit_rule, write_rule, FitData};
use crate::rule::Validation;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use std::path::PathBuf;

/// Fits the rule that combines the heads of a merged model, and writes the model with it to a new file.
///
/// Evidence and the heads' training images give the distribution of each label; held-out images, which no head has
/// seen, give the weight of each head. A few images per label are enough. Without either, the scales of the heads'
/// weights are aligned. The rules are compared by cross-validation and the best one is used: never one that is less
/// accurate than plain concatenation.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  polyhead fit both.onnx --evidence trash.evidence clothes.evidence --held-out unseen/ -o fitted.onnx\n  \
    polyhead fit both.onnx --evidence both.evidence --held-out unseen.features -o fitted.onnx\n  \
    polyhead fit both.onnx --images photos/ --unseen -o fitted.onnx"
)]
pub(super) struct Arguments {
    /// The merged model.
    #[arg(value_name = "MERGED")]
    model: PathBuf,
    /// The rule: the best one (auto); softmax over concatenated logits; the same over logits with a scale per head
    /// and an offset per label; a gate from evidence pooled with the heads; one joint head on the features.
    #[arg(long, default_value = "auto", value_parser = PossibleValuesParser::new(RuleChoice::all().map(RuleChoice::name)).try_map(|name| name.parse::<RuleChoice>()))]
    rule: RuleChoice,
    #[command(flatten)]
    images: ImageArguments,
    /// No head was trained on the images: they are held out in turn, as by --held-out.
    #[arg(long)]
    unseen: bool,
    /// Labelled images that no head was trained on, in the form of --images.
    #[arg(long, value_name = "[HEAD=]DIR_OR_FILE")]
    held_out: Vec<String>,
    /// Evidence of the labels, from all authors.
    #[arg(long, value_name = "FILE", num_args = 1..)]
    evidence: Vec<PathBuf>,
    /// The features to use; if omitted, those of the evidence, or without evidence those that all images have.
    #[arg(long, value_enum, value_delimiter = ',', conflicts_with = "evidence")]
    features: Vec<Pooling>,
    /// The share of own images that may be classified as none of the labels, in percent.
    #[arg(long, value_name = "PERCENT", default_value_t = 5.0)]
    reject_rate: f64,
    /// The seed of the simulated images of an estimate from evidence alone.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The output file.
    #[arg(short, long, value_name = "FILE", required_unless_present = "dry_run")]
    output: Option<PathBuf>,
    /// Compare the rules and write nothing.
    #[arg(long)]
    dry_run: bool,
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
    let output = arguments.output.as_ref().filter(|_| !arguments.dry_run);
    if let Some(output) = output {
        fs::check_free(output, arguments.force)?;
    }
    let spinner = progress::spinner(format!("preparing {}", arguments.model.display()));
    let source = read_models::read(&arguments.model, &Overrides::default())?;
    let extractor = source.feature_extractor()?;
    let read = |path: &PathBuf| Evidence::from_bytes(&path.display().to_string(), &fs::read(path)?);
    let evidence = Evidence::sum_of(arguments.evidence.iter().map(read))?;
    spinner.finish_and_clear();
    let mut failures = Vec::new();
    let images = observed(&extractor, &arguments.images, &mut failures)?;
    let held_out = observed(&extractor, &arguments.images.with(&arguments.held_out), &mut failures)?;
    let spinner = progress::spinner("fitting".into());
    let options = FitOptions {
        rule: arguments.rule,
        features: if arguments.features.is_empty() { Pooling::ALL.to_vec() } else { arguments.features.clone() },
        reject_rate: arguments.reject_rate / 100.0,
        seed: arguments.seed,
    };
    let data = FitData::new(&extractor, evidence, &arguments.features, [images, held_out], arguments.unseen)?;
    let fitted = fit_rule(&extractor, || Ok(source.clone()), &data, &options)?;
    spinner.set_message("writing");
    let written = match output {
        Some(output) => Some(write(arguments, source, &fitted, output)?),
        None => None,
    };
    spinner.finish_and_clear();
    say(arguments, &fitted, written.as_ref(), &failures);
    Ok(if failures.is_empty() { Outcome::Done } else { Outcome::Incomplete })
}

/// The images of files of features as they are; the features of images in folders and CSV files are extracted.
fn observed(
    extractor: &FeatureExtractor,
    arguments: &ImageArguments,
    failures: &mut Vec<Failure>,
) -> Result<Vec<LabelledSet>> {
    let (mut sets, others) = features_files(extractor, arguments)?;
    if !others.images.is_empty() {
        let observed = examples(extractor, &others)?;
        failures.extend(observed.failures);
        let (name, layout) = (others.images.join(", "), extractor.layout().clone());
        sets.push(LabelledSet { name, layout, examples: observed.examples });
    }
    Ok(sets)
}

/// Writes the file, verified like any merged one.
fn write(
    arguments: &Arguments,
    source: ImportedModel,
    fitted: &Fit,
    output: &std::path::Path,
) -> Result<(Merged, String)> {
    let merged = write_rule(source, fitted.combination.clone(), arguments.weight_format)?;
    let bytes = onnx::encode(&merged.proto);
    fs::write(output, &bytes, arguments.force)?;
    let written = format!("{} ({})", output.display(), output::bytes(bytes.len() as u64));
    Ok((merged, written))
}

fn say(arguments: &Arguments, fitted: &Fit, written: Option<&(Merged, String)>, failures: &[Failure]) {
    let record = fitted.combination.record();
    if arguments.json {
        let failures: Vec<_> = failures.iter().map(Failure::json).collect();
        let mut summary = fitted.summary();
        summary["written"] = written.and(arguments.output.as_ref()).map(|o| o.display().to_string()).into();
        summary["failures"] = failures.into();
        output::json(&summary);
        return;
    }
    if fitted.grounds != Validation::Weights {
        line!("{} ({} images)", fitted.grounds, fitted.compared);
        line!("  rule        accuracy     NLL     ECE");
        for row in &fitted.comparison {
            let taken = if row.rule == record.name { "  <- taken" } else { "" };
            let (accuracy, ece) = (100.0 * row.accuracy, 100.0 * row.ece);
            line!("  {:<11} {accuracy:6.1} %  {:6.3}  {ece:5.1} %{taken}", row.rule.to_string(), row.nll);
        }
    }
    line!("rule     {}", record.name);
    for (name, value) in record.parameters.iter().filter(|(name, _)| *name != "spaces") {
        line!("         {name} {}", output::plain(&value.to_string()));
    }
    for caution in &record.cautions {
        line!("caution  {}", output::plain(&caution.to_string()));
    }
    if let Some((_, written)) = written {
        line!("written  {written}");
    }
}
