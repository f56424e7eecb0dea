//! The set-up of every target: seeds on request, and the panics that end the process.
//!
//! libFuzzer's hook ends the process at every panic, but the library catches the engine's panics. The hook is therefore
//! replaced: a panic in this project's own code ends the process, as does one that leaves the library's call. If
//! `POLYHEAD_FUZZ_NOTES` names a folder, caught panics are recorded there, one input per location.

#[cfg(fuzzing)]
use crate::random::Random;
use crate::{dictionary, seeds};
use std::cell::RefCell;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::panic::{catch_unwind, AssertUnwindSafe, PanicHookInfo};
use std::path::Path;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Writes the target's seeds and dictionary and ends the process if `POLYHEAD_FUZZ_SEEDS` names a folder; otherwise
/// sets the hook.
pub fn ready(target: &str) {
    if let Some(folder) = std::env::var_os("POLYHEAD_FUZZ_SEEDS") {
        for (at, seed) in seeds::of(target).into_iter().enumerate() {
            std::fs::write(Path::new(&folder).join(format!("seed-{at:03}")), seed).expect("a folder for the seeds");
        }
        std::fs::write(Path::new(&folder).with_extension("dict"), dictionary::of(target))
            .expect("a folder for the words");
        std::process::exit(0);
    }
    set_hook();
}

/// Sets the hook that distinguishes the library's caught panics from all others.
pub fn set_hook() {
    std::panic::set_hook(Box::new(hook));
}

fn hook(info: &PanicHookInfo) {
    let text = info.to_string();
    let place = info.location().map(|l| format!("{}:{}", l.file(), l.line())).unwrap_or_default();
    let foreign = ["/registry/", "/git/checkouts/", "/rustc/", "/rustlib/", "library/"];
    if !foreign.iter().any(|part| place.contains(part)) {
        end(&text);
    }
    note("caught-panic", &place, &text);
    LAST.set(text);
}

fn end(text: &str) -> ! {
    eprintln!("{text}\n{}", std::backtrace::Backtrace::force_capture());
    // libFuzzer stores the input itself.
    if cfg!(not(fuzzing)) {
        let file = std::env::temp_dir().join(format!("polyhead-fuzz-input-{}", std::process::id()));
        let kept = INPUT.with_borrow(|input| std::fs::write(&file, input));
        eprintln!("the input: {}", kept.map_or_else(|error| error.to_string(), |()| file.display().to_string()));
    }
    std::process::abort();
}

/// Stores the input if it is the first of its kind.
pub fn note(kind: &str, place: &str, text: &str) {
    let Some(folder) = std::env::var_os("POLYHEAD_FUZZ_NOTES") else { return };
    let mut hasher = DefaultHasher::new();
    place.hash(&mut hasher);
    let file = Path::new(&folder).join(format!("{kind}-{:016x}", hasher.finish()));
    if file.exists() {
        return;
    }
    let trace = std::backtrace::Backtrace::force_capture();
    let _ = INPUT.with_borrow(|input| std::fs::write(&file, input));
    let _ = std::fs::write(file.with_extension("txt"), format!("{place}\n{text}\n{trace}"));
}

/// Runs a target on one input.
pub fn run(data: &[u8], body: impl FnOnce(&[u8])) {
    INPUT.with_borrow_mut(|input| {
        input.clear();
        input.extend_from_slice(data);
    });
    if catch_unwind(AssertUnwindSafe(|| body(data))).is_err() {
        end(&LAST.with_borrow(|text| format!("a panic left the library: {text}")));
    }
}

#[cfg(fuzzing)]
/// Mutates an input with `change`; if that returns `None` or the result is too long, with libFuzzer's own mutator.
pub fn change(
    data: &mut [u8],
    size: usize,
    max_size: usize,
    seed: u32,
    change: impl FnOnce(&[u8], &mut Random) -> Option<Vec<u8>>,
) -> usize {
    let mut random = Random::new(seed);
    if !random.once_in(12) {
        if let Some(changed) = change(&data[..size], &mut random).filter(|c| c.len() <= max_size.min(data.len())) {
            data[..changed.len()].copy_from_slice(&changed);
            return changed.len();
        }
    }
    libfuzzer_sys::fuzzer_mutate(data, size, max_size)
}
