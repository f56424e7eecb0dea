//! Assertions on every result: errors are well-formed, probabilities are valid.

use crate::ready::note;
use polyhead::Result;

/// The value of a result; asserts that an error's code is one word and its message one line.
#[track_caller]
pub fn told<T>(answer: Result<T>) -> Option<T> {
    match answer {
        Ok(value) => Some(value),
        Err(error) => {
            let (code, text) = (error.code(), error.to_string());
            assert!(!code.is_empty() && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "code {code:?}");
            assert!(!text.is_empty(), "{code} without a message");
            assert!(!text.contains(char::is_control), "{code}: control characters in {text:?}");
            // A merge that fails its own verification may have a wrong canonical form.
            if code == "proof" {
                note("proof", &format!("{:?}", std::panic::Location::caller()), &text);
            }
            None
        }
    }
}

/// The value of a result that must not be an error.
#[track_caller]
pub fn must<T>(what: &str, answer: Result<T>) -> T {
    answer.unwrap_or_else(|error| panic!("{what}: {}: {error}", error.code()))
}

/// Asserts that these are probabilities.
#[track_caller]
pub fn probabilities(values: &[f32]) {
    assert!(values.iter().all(|p| (0.0..=1.0).contains(p)), "no probabilities: {values:?}");
}

/// Asserts that these sum to one.
#[track_caller]
pub fn whole(values: &[f32]) {
    probabilities(values);
    let sum: f32 = values.iter().sum();
    assert!((sum - 1.0).abs() < 1e-3, "{sum} in all: {values:?}");
}
