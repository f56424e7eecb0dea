//! Random choices from a seed, so that libFuzzer can repeat them.

/// SplitMix64 (Steele, Lea & Flood 2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u32) -> Random {
        Random(u64::from(seed))
    }

    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % end.max(1) as u64) as usize
    }

    /// True once in `times` on average.
    pub fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub fn choose<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.below(from.len()))
    }

    pub fn choose_mut<'a, T>(&mut self, from: &'a mut [T]) -> Option<&'a mut T> {
        let at = self.below(from.len());
        from.get_mut(at)
    }

    /// An integer at an edge case, or a small one.
    pub fn integer(&mut self) -> i64 {
        const ODD: [i64; 24] = [
            0,
            1,
            -1,
            2,
            3,
            4,
            8,
            16,
            -2,
            7,
            255,
            256,
            65_535,
            65_536,
            1 << 20,
            1 << 28,
            i32::MAX as i64,
            i32::MIN as i64,
            1 << 31,
            1 << 32,
            1 << 53,
            i64::MAX,
            i64::MIN,
            i64::MAX - 1,
        ];
        match self.below(3) {
            0 => self.below(9) as i64 - 3,
            _ => ODD[self.below(ODD.len())],
        }
    }

    /// A float at an edge case, or a usual one.
    pub fn float(&mut self) -> f32 {
        const ODD: [f32; 14] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::MAX,
            f32::MIN,
            f32::MIN_POSITIVE,
            1e-45,
            1e20,
            1e-20,
            0.5,
        ];
        match self.below(3) {
            0 => self.below(2001) as f32 / 100.0 - 10.0,
            _ => ODD[self.below(ODD.len())],
        }
    }

    /// A text that is hard to display, to compare or to use as a name.
    pub fn text(&mut self) -> String {
        const ODD: [&str; 18] = [
            "",
            " ",
            "x",
            "../x",
            "/etc/passwd",
            "C:\\x",
            "a/../../b",
            "<script>alert(1)</script>",
            "a\u{0}b",
            "a\nb",
            "\u{1b}[31mred",
            "\u{202e}txt.exe",
            "👩‍👩‍👧",
            "é",
            "e\u{301}",
            "true",
            "1",
            "NaN",
        ];
        match self.below(12) {
            0 => "long ".repeat(1 + self.below(400)),
            1 => format!("v{}", self.below(20)),
            _ => ODD[self.below(ODD.len())].to_string(),
        }
    }
}
