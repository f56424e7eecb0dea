//! `polyhead profile`: measures the time per operator.

use super::classify::classifier;
use super::output::line;
use super::read_models::OverrideArguments;
use super::{output, Outcome};
use crate::engine::Timing;
use crate::error::{ErrorKind, Result};
use crate::kernels::{set_executor, ThreadPool};
use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Instant;

/// Measures the time of each kind of layer of a model on this machine, per image.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead profile both.onnx --runs 50")]
pub(super) struct Arguments {
    /// The model, or the folder or zip of its export.
    model: PathBuf,
    /// The number of runs; the minimum time of each layer counts.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    runs: u32,
    /// The number of threads per layer, as in a page that is cross-origin isolated.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=64))]
    threads: u8,
    #[command(flatten)]
    stated: OverrideArguments,
    /// Print every layer as JSON.
    #[arg(long)]
    pub(super) json: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<Outcome> {
    let wanted = usize::from(arguments.threads);
    if wanted > 1 {
        // Before the model is prepared, which depends on the number of threads.
        set_executor(Box::new(ThreadPool::start(wanted).map_err(|source| ErrorKind::Threads { wanted, source })?));
    }
    let classifier = classifier(&arguments.model, &arguments.stated)?;
    let started = Instant::now();
    let mut least: Vec<Timing> = Vec::new();
    for _ in 0..arguments.runs {
        let timings = classifier.profile(|| started.elapsed().as_secs_f64() * 1e3)?;
        if least.is_empty() {
            least = timings;
            continue;
        }
        for (least, timing) in least.iter_mut().zip(timings) {
            least.milliseconds = least.milliseconds.min(timing.milliseconds);
        }
    }
    if arguments.json {
        output::json(&least);
    } else {
        report(&least);
    }
    Ok(Outcome::Done)
}

fn report(timings: &[Timing]) {
    let mut kinds: HashMap<&str, (usize, f64)> = HashMap::new();
    for timing in timings {
        let (count, milliseconds) = kinds.entry(&timing.op).or_default();
        *count += 1;
        *milliseconds += timing.milliseconds;
    }
    let total: f64 = timings.iter().map(|t| t.milliseconds).sum();
    let mut kinds: Vec<_> = kinds.into_iter().collect();
    kinds.sort_by(|(a, (_, x)), (b, (_, y))| y.total_cmp(x).then(a.cmp(b)));
    line!("layer               number         ms   of all");
    for (kind, (count, milliseconds)) in kinds {
        line!("{kind:<18} {count:>7} {milliseconds:>10.3} {:>6.1} %", 100.0 * milliseconds / total);
    }
    line!("{:<18} {:>7} {total:>10.3}", "all", timings.len());
}
