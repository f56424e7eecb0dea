//! The command line: parses arguments, calls the core, prints the result.

mod check;
mod classify;
mod edit_args;
mod embed;
mod error_words;
mod evidence;
mod extract_features;
mod feature_cache;
mod features;
mod find_images;
mod fit;
mod fs;
mod inspect;
mod labelled_images;
mod merge;
mod output;
mod profile;
mod progress;
mod read_models;
pub mod serve;
mod split;
mod thumbnails;

use crate::engine;
use crate::error::Result;
use clap::{Parser, Subcommand};
use error_words::{error_json, error_text};
use output::line;
use std::path::PathBuf;
use std::process::ExitCode;

/// Merges image classifiers that were trained separately on one backbone into a single model.
///
/// Exit codes: 0 done; 1 the answer is no (a refused merge, the verdict "do not merge"); 2 the request was wrong
/// (unreadable file, bad flag).
#[derive(Debug, Parser)]
#[command(name = "polyhead", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Inspect(inspect::Arguments),
    Merge(merge::Arguments),
    Split(split::Arguments),
    Classify(classify::Arguments),
    Check(check::Arguments),
    Embed(embed::Arguments),
    Evidence(Box<evidence::Arguments>),
    Features(features::Arguments),
    Fit(Box<fit::Arguments>),
    Profile(profile::Arguments),
    Serve(ServeArguments),
}

impl Command {
    /// Whether to print JSON.
    fn json(&self) -> bool {
        match self {
            Command::Inspect(arguments) => arguments.json,
            Command::Merge(arguments) => arguments.json,
            Command::Split(arguments) => arguments.json,
            Command::Classify(arguments) => arguments.json,
            Command::Check(arguments) => arguments.json,
            Command::Embed(arguments) => arguments.json,
            Command::Evidence(arguments) => arguments.json(),
            Command::Features(arguments) => arguments.json,
            Command::Fit(arguments) => arguments.json,
            Command::Profile(arguments) => arguments.json,
            Command::Serve(arguments) => arguments.json,
        }
    }
}

/// Serves a folder to the browser on this machine, with the headers that the page needs.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  polyhead serve www --port 8080")]
struct ServeArguments {
    /// The folder with index.html.
    dir: PathBuf,
    /// The port on 127.0.0.1; 0 takes any free one.
    #[arg(long, default_value_t = serve::DEFAULT_PORT)]
    port: u16,
    /// Print the address as JSON.
    #[arg(long)]
    json: bool,
}

/// The outcome of a command without an error.
enum Outcome {
    Done,
    /// The answer is no.
    No,
    /// Part of the request could not be done; the reason was printed.
    Incomplete,
}

/// Runs the command line of this process.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    keep_guarded_panics_quiet();
    let outcome = match &arguments.command {
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Merge(arguments) => merge::run(arguments),
        Command::Split(arguments) => split::run(arguments),
        Command::Classify(arguments) => classify::run(arguments),
        Command::Check(arguments) => check::run(arguments),
        Command::Embed(arguments) => embed::run(arguments),
        Command::Evidence(arguments) => evidence::run(arguments),
        Command::Features(arguments) => features::run(arguments),
        Command::Fit(arguments) => fit::run(arguments),
        Command::Profile(arguments) => profile::run(arguments),
        Command::Serve(arguments) => run_server(arguments),
    };
    match outcome {
        Ok(_) if !output::arrived() => ExitCode::from(2),
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::No) => ExitCode::from(1),
        Ok(Outcome::Incomplete) => ExitCode::from(2),
        Err(error) => {
            eprintln!("error: {}", error_text(&error));
            if arguments.command.json() {
                output::json(&serde_json::json!({ "error": error_json(&error) }));
            }
            ExitCode::from(if error.is_refusal() { 1 } else { 2 })
        }
    }
}

/// A panic inside the engine is reported as an error; the default hook would print it before.
fn keep_guarded_panics_quiet() {
    let default = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        if !engine::is_guarded() {
            default(panic);
        }
    }));
}

fn run_server(arguments: &ServeArguments) -> Result<Outcome> {
    serve::serve(&arguments.dir, arguments.port, |address| {
        if arguments.json {
            output::json(&serde_json::json!({ "address": address }));
        } else {
            line!("{address}");
        }
    })?;
    Ok(Outcome::Done)
}
