//! `polyhead embed`: writes a model into a wasm module.

use super::output::line;
use super::{fs, output, Outcome};
use crate::classifier::Classifier;
use crate::embed::embed;
use crate::error::Result;
use crate::onnx::Bytes;
use std::path::{Path, PathBuf};

/// Writes a merged model into a wasm module, as its custom section `polyhead.model`, in place of an embedded model.
/// A module has several builds in one folder (polyhead_bg.wasm, polyhead_relaxed_bg.wasm, polyhead_threads_bg.wasm),
/// and a page loads the fastest that its browser supports: if the output keeps the module's name, all builds in its
/// folder or in the output's folder get the model.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead embed www/pkg/polyhead_bg.wasm three.onnx -o site/pkg/polyhead_bg.wasm")]
pub(super) struct Arguments {
    /// The wasm module.
    module: PathBuf,
    /// The merged model.
    model: PathBuf,
    /// The output file; may be the module itself with --force.
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
    let builds = builds(&arguments.module, &arguments.output);
    builds.iter().try_for_each(|(_, output)| fs::check_free(output, arguments.force))?;
    let model = Bytes::from(fs::read(&arguments.model)?);
    // Otherwise the error would only appear in the page.
    let classifier = Classifier::from_bytes(&fs::file_name(&arguments.model), model.clone())?;
    let modules = builds.iter().map(|(module, _)| embed(&fs::read(module)?, &model)).collect::<Result<Vec<_>>>()?;
    for ((_, output), bytes) in builds.iter().zip(&modules) {
        fs::write(output, bytes, arguments.force)?;
    }
    let labels: Vec<String> = classifier.labels().iter().map(|l| output::plain(&l.label)).collect();
    if arguments.json {
        output::json(&serde_json::json!({
            "output": arguments.output.display().to_string(),
            "bytes": modules[0].len(),
            "builds": builds[1..].iter().map(|(_, output)| output.display().to_string()).collect::<Vec<_>>(),
            "model_bytes": model.len(),
            "labels": labels,
        }));
    } else {
        line!("labels   {}", labels.join(", "));
        line!("model    {}", output::bytes(model.len() as u64));
        for ((_, output), bytes) in builds.iter().zip(&modules) {
            line!("written  {} ({})", output.display(), output::bytes(bytes.len() as u64));
        }
    }
    Ok(Outcome::Done)
}

/// The module and its builds, each with its output path; the module first. Includes builds that exist only in the
/// output folder, because they must not keep another model.
fn builds(module: &Path, output: &Path) -> Vec<(PathBuf, PathBuf)> {
    let mut builds = vec![(module.to_path_buf(), output.to_path_buf())];
    let name = module.file_name().filter(|name| output.file_name() == Some(name)).and_then(|name| name.to_str());
    if let Some(name) = name.and_then(|name| name.strip_suffix("_bg.wasm")) {
        for build in ["relaxed", "threads"].map(|build| format!("{name}_{build}_bg.wasm")) {
            let output = output.with_file_name(&build);
            let found = [module.with_file_name(&build), output.clone()].into_iter().find(|path| path.is_file());
            builds.extend(found.map(|module| (module, output)));
        }
    }
    builds
}
