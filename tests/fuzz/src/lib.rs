//! What the fuzz targets share: seeds from fixtures, edits that know a format, and what must hold.

pub mod bundle;
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

#[path = "../../native/rule/cases.rs"]
pub mod cases;
#[path = "../../native/tiny.rs"]
pub mod tiny;

/// A target: its name, how inputs are changed (libFuzzer's own way where nothing is said), and what is done with one.
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
