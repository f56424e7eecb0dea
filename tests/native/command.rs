//! Runs the command line in a test's own folder.

use assert_cmd::Command;
use std::path::Path;

/// Exit code, output and errors of a command whose arguments contain no spaces.
pub fn run(folder: impl AsRef<Path>, arguments: &str) -> (i32, String, String) {
    let mut command = Command::cargo_bin("polyhead").unwrap();
    command.current_dir(&folder).env("POLYHEAD_CACHE", folder.as_ref().join("cache"));
    let output = command.args(arguments.split(' ')).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// The output of a command that succeeds.
#[track_caller]
pub fn succeeds(folder: impl AsRef<Path>, arguments: &str) -> String {
    let (code, output, errors) = run(folder, arguments);
    assert_eq!(code, 0, "{errors}");
    output
}
