//! The shared parts of the fuzz targets: seeds from fixtures, format-aware edits, and assertions.

pub mod bundle;
pub mod byte_edits;
pub mod dictionary;
pub mod exif;
pub mod held;
pub mod json;
pub mod metadata;
pub mod model;
pub mod names;
pub mod proto;
pub mod random;
pub mod ready;
pub mod seeds;
#[cfg(not(fuzzing))]
pub mod smoke;

#[path = "../../native/rule/cases.rs"]
pub mod cases;
#[path = "../../native/tiny.rs"]
pub mod tiny;

/// Declares a target: its name, its mutation (byte edits by default), and the function that runs one input. The
/// fuzzer's builds make a libFuzzer program of it, other builds a value that `smoke.rs` runs.
#[cfg(fuzzing)]
#[macro_export]
macro_rules! target {
    ($name:literal, $body:expr) => {
        libfuzzer_sys::fuzz_target!(init: $crate::ready::ready($name), |data: &[u8]| $crate::ready::run(data, $body));
    };
    ($name:literal, $change:expr, $body:expr) => {
        $crate::target!($name, $body);
        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            $crate::ready::change(data, size, max_size, seed, $change)
        });
    };
}

#[cfg(not(fuzzing))]
#[macro_export]
macro_rules! target {
    ($name:literal, $body:expr) => {
        $crate::target!($name, |_, _| None, $body);
    };
    ($name:literal, $change:expr, $body:expr) => {
        pub fn target() -> $crate::smoke::Target {
            $crate::smoke::Target { name: $name, change: $change, body: $body }
        }
    };
}
