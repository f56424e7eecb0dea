//! Edits of single bytes and runs of bytes, for inputs of unknown format.

use crate::random::Random;

/// Changes `bytes`, which grow by at most 64.
#[cfg(fuzzing)]
pub fn change(bytes: &mut Vec<u8>, _random: &mut Random) {
    let (size, room) = (bytes.len(), bytes.len() + 64);
    bytes.resize(room, 0);
    let size = libfuzzer_sys::fuzzer_mutate(bytes, size, room);
    bytes.truncate(size);
}

/// Changes `bytes`, which grow by at most 64.
#[cfg(not(fuzzing))]
pub fn change(bytes: &mut Vec<u8>, random: &mut Random) {
    const ODD: [u8; 6] = [0, 1, 0x7f, 0x80, 0xff, b'"'];
    for _ in 0..1 + random.below(4) {
        let at = random.below(bytes.len());
        let length = (1 + random.below(16)).min(bytes.len() - at);
        match random.below(6) {
            0 if length > 0 => bytes[at] ^= 1 << random.below(8),
            1 if length > 0 => bytes[at] = ODD[random.below(ODD.len())],
            2 => drop(bytes.drain(at..at + length)),
            3 => bytes.truncate(at),
            4 => {
                let run = bytes[at..at + length].to_vec();
                let to = random.below(bytes.len());
                bytes.splice(to..to, run);
            }
            _ => bytes.insert(at, random.number() as u8),
        }
    }
}
