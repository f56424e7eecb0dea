//! Runs a target on its seeds and on the same changed inputs each time, without libFuzzer.

use crate::random::Random;
use crate::{byte_edits, ready, seeds};

/// What [`crate::target!`] makes of a file in `targets`.
pub struct Target {
    pub name: &'static str,
    /// The changed input, or nothing where the edit does not fit.
    pub change: fn(&[u8], &mut Random) -> Option<Vec<u8>>,
    pub body: fn(&[u8]),
}

/// As `run.sh` bounds the fuzzer's inputs.
const MOST_BYTES: usize = 1 << 17;

impl Target {
    /// Runs every seed, then `count` inputs that are changed from them or from each other.
    pub fn run(&self, count: u32) {
        ready::set_hook();
        let mut inputs = seeds::of(self.name);
        assert!(!inputs.is_empty(), "{} without seeds", self.name);
        for input in &inputs {
            ready::run(input, self.body);
        }
        let first = inputs.len();
        for number in 0..count {
            let mut random = Random::new(number);
            // Half of the inputs are changes of changes.
            let from = if random.once_in(2) { random.below(inputs.len()) } else { random.below(first) };
            let changed = if random.once_in(12) { None } else { (self.change)(&inputs[from], &mut random) };
            let input = changed.unwrap_or_else(|| {
                let mut bytes = inputs[from].clone();
                byte_edits::change(&mut bytes, &mut random);
                bytes
            });
            if input.len() <= MOST_BYTES {
                ready::run(&input, self.body);
                inputs.push(input);
            }
        }
    }
}
