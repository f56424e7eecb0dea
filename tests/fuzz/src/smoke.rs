//! Runs a target on its seeds and on the same mutated inputs each time, without libFuzzer.

use crate::random::Random;
use crate::{byte_edits, ready, seeds};

/// A fuzz target, as declared by [`crate::target!`] in `targets`.
pub struct Target {
    pub name: &'static str,
    /// The mutated input, or `None` if the edit does not fit.
    pub change: fn(&[u8], &mut Random) -> Option<Vec<u8>>,
    pub body: fn(&[u8]),
}

/// The largest input, in bytes; `run.sh` has the same limit.
const MOST_BYTES: usize = 1 << 17;

impl Target {
    /// Runs every seed, then `count` inputs that are mutated from them or from each other.
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
            // Half of the inputs are mutations of mutations.
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
