//! The command line.

fn main() -> std::process::ExitCode {
    polyhead::cli::run()
}
