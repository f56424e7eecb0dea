//! Assembles the static site from linked wasm modules; called by build.sh.

mod bind;
mod listing;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

/// Binds wasm modules to their JavaScript and lists the site's files.
#[derive(Parser)]
enum Command {
    /// Writes a module without its names, and the JavaScript that loads it.
    Bind {
        /// The module as the linker wrote it.
        module: PathBuf,
        /// The output folder, which is replaced.
        out: PathBuf,
        /// The files' common name: NAME.js and NAME_bg.wasm.
        #[arg(long)]
        name: String,
        /// A path of this machine that the output must not contain; can be given several times.
        #[arg(long = "refuse", value_name = "PATH")]
        refused: Vec<String>,
    },
    /// Fails if two modules have different JavaScript, so that one file can load either.
    SameJavascript { first: PathBuf, second: PathBuf },
    /// Writes pkg/site.json (the files of a classifier's own site) and pkg/release.js (the list for the service
    /// worker).
    List {
        /// The site's folder.
        www: PathBuf,
    },
}

fn main() -> ExitCode {
    let result = match Command::parse() {
        Command::Bind { module, out, name, refused } => bind::bind(&module, &out, &name, &refused),
        Command::SameJavascript { first, second } => bind::same_javascript(&first, &second),
        Command::List { www } => listing::write(&www),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {message}");
            ExitCode::from(2)
        }
    }
}
