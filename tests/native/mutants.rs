//! Damaged copies of a file: every cut, two flips of every byte, and as many splices as it has bytes.

/// A damaged copy.
pub struct Mutant {
    /// The change, for messages.
    pub name: String,
    pub bytes: Vec<u8>,
    /// Whether the file is only truncated.
    pub is_cut: bool,
}

/// Every `step`th damaged copy of a file; splices insert parts of `other`. The same for the same bytes.
pub fn of<'a>(file: &'a [u8], other: &'a [u8], step: usize) -> impl Iterator<Item = Mutant> + 'a {
    let cuts = (0..file.len()).map(|length| Mutant {
        name: format!("cut at {length}"),
        bytes: file[..length].to_vec(),
        is_cut: true,
    });
    let flips = (0..2 * file.len()).map(|at| {
        let (at, mask) = (at / 2, if at % 2 == 0 { 0xff } else { 1 << (at / 2 % 8) });
        let mut bytes = file.to_vec();
        bytes[at] ^= mask;
        Mutant { name: format!("byte {at} ^ {mask:#x}"), bytes, is_cut: false }
    });
    let mut random = Random(file.len() as u64 | 1);
    let splices = (0..file.len()).map(move |number| splice(&mut random, number, file, other));
    cuts.chain(flips).chain(splices).step_by(step)
}

/// Repeats, removes or overwrites a part, or inserts one of the other file.
fn splice(random: &mut Random, number: usize, file: &[u8], other: &[u8]) -> Mutant {
    let mut part = |of: usize| {
        let start = random.below(of + 1);
        start..start + random.below((of - start).min(64) + 1)
    };
    let (at, from, foreign) = (part(file.len()), part(file.len()), part(other.len()));
    let (what, kept, put) = match number % 4 {
        0 => ("repeats", at.start..at.start, &file[from]),
        1 => ("leaves out", at, &file[..0]),
        2 => ("overwrites", at, &file[from]),
        _ => ("takes in", at.start..at.start, &other[foreign]),
    };
    let bytes = [&file[..kept.start], put, &file[kept.end..]].concat();
    Mutant { name: format!("splice {number} {what} {} bytes at {}", put.len(), kept.start), bytes, is_cut: false }
}

/// Pseudorandom numbers (Marsaglia's xorshift64).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}
