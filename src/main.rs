//! The `polyhead` command.

fn main() -> std::process::ExitCode {
    polyhead::cli::run()
}
