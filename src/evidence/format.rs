//! The file format of evidence.
//!
//! 1. the 18 bytes `polyhead evidence\n`;
//! 2. the header's length in bytes, a u32;
//! 3. the header, JSON: `version` (1), `model` (the fingerprint), `layout` (`[{value, pool, width}]`), `heads`
//!    (`[{name, labels, activation}]`), `storage` (`f64` or `f32`), `counts` (per part, per logit);
//! 4. per part (one, or one per fold): Σψ of each logit's label, [C, W], f64; then an upper triangle, row by row from
//!    the diagonal on, W·(W+1)/2 numbers: with `f64` that of Σψψᵀ, with `f32` that of the within-class scatter, because
//!    cancellation in a 32-bit Σψψᵀ would lose the digits of the scatter;
//! 5. the SHA-256 of all bytes before it.
//!
//! Numbers are little-endian; W = D + C.

use super::sums::{triangle, Sums};
use super::Evidence;
use crate::error::{ErrorKind, Result};
use crate::features::{FeatureLayout, FileFormat, FileReader};
use crate::labels::HeadLabels;
use crate::limits;
use serde::{Deserialize, Serialize};

static FORMAT: FileFormat = FileFormat {
    magic: "polyhead evidence\n",
    version: 1,
    malformed: |file, part, expected, found| ErrorKind::MalformedEvidence { file, part, expected, found },
};
/// The maximum width at which the triangle is stored as f64 by default.
const MAX_F64_WIDTH: usize = 2048;

/// The number type of the triangle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
#[serde(rename_all = "kebab-case")]
pub enum Storage {
    F32,
    F64,
}

impl Storage {
    /// f64 up to a width of 2,048, f32 beyond.
    pub fn of_width(width: usize) -> Storage {
        if width <= MAX_F64_WIDTH {
            Storage::F64
        } else {
            Storage::F32
        }
    }

    fn encoded_size(self) -> usize {
        match self {
            Storage::F32 => 4,
            Storage::F64 => 8,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    model: String,
    layout: FeatureLayout,
    heads: Vec<HeadLabels>,
    storage: Storage,
    counts: Vec<Vec<u64>>,
}

/// The size in bytes of the numbers in evidence of this width, without the header of a few kB; [`u64::MAX`] on
/// overflow.
pub fn bytes(width: usize, columns: usize, parts: usize, storage: Storage) -> u64 {
    let numbers = |count: Option<usize>, size: usize| count.and_then(|c| c.checked_mul(size));
    let sums = numbers(width.checked_mul(columns), 8);
    let whole = numbers(triangle(width), storage.encoded_size()).and_then(|t| t.checked_add(sums?));
    whole.and_then(|w| w.checked_mul(parts)).map_or(u64::MAX, |bytes| bytes as u64)
}

impl Evidence {
    /// The bytes of the file; by default the width decides the number type of products.
    pub fn to_bytes(&self, storage: impl Into<Option<Storage>>) -> Vec<u8> {
        let storage = storage.into().unwrap_or_else(|| Storage::of_width(self.width()));
        let whole = [&self.sums];
        let folds: Vec<&Sums> = self.folds().iter().map(|f| &f.sums).collect();
        let parts = if folds.is_empty() { whole.as_slice() } else { folds.as_slice() };
        let header = Header {
            version: FORMAT.version,
            model: self.fingerprint.clone(),
            layout: self.layout.clone(),
            heads: self.heads.clone(),
            storage,
            counts: parts.iter().map(|p| p.counts.clone()).collect(),
        };
        let size = bytes(self.width(), self.counts().len(), parts.len(), storage);
        FORMAT.write(&header, size as usize, |bytes| {
            for part in parts {
                bytes.extend(part.sums.iter().flat_map(|v| v.to_le_bytes()));
                match storage {
                    Storage::F64 => bytes.extend(part.moment.iter().flat_map(|v| v.to_le_bytes())),
                    Storage::F32 => bytes.extend(part.scatter().iter().flat_map(|v| (*v as f32).to_le_bytes())),
                }
            }
        })
    }

    /// Reads the bytes of a file; `file` is its name, for messages. Allocates at most twice the size of the bytes.
    ///
    /// # Errors
    /// `malformed-evidence` for bytes that are not evidence, are truncated or changed, contradict themselves, or
    /// contain numbers that no images can have; `limit` beyond [`limits::EVIDENCE_BYTES`].
    pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<Evidence> {
        let (subject, remedy) = (|| format!("evidence '{file}'"), "make it of fewer features");
        limits::ensure_at_most(subject, "bytes", limits::EVIDENCE_BYTES, bytes.len() as u64, remedy)?;
        let reader = Reader(FileReader { format: &FORMAT, file });
        let (header, rest) = reader.0.header::<Header>(bytes)?;
        let numbers = reader.0.numbers(bytes, rest, reader.check(&header)?)?;
        let width = header.layout.width() + header.counts[0].len();
        let mut parts = Vec::with_capacity(header.counts.len());
        for (counts, numbers) in header.counts.iter().zip(numbers.chunks_exact(numbers.len() / header.counts.len())) {
            let sums = reader.part(counts, width, header.storage, numbers)?;
            let (model, layout, heads) = (header.model.clone(), header.layout.clone(), header.heads.clone());
            parts.push(Evidence::with_sums(model, layout, heads, sums));
        }
        let evidence = if parts.len() == 1 { parts.pop() } else { Evidence::of_folds(parts)? };
        evidence.ok_or_else(|| reader.0.bad("header", "parts", "none"))
    }
}

struct Reader<'a>(FileReader<'a>);

impl Reader<'_> {
    /// Checks that the header is consistent, and computes the size in bytes of the numbers after it.
    fn check(&self, header: &Header) -> Result<u64> {
        let columns = self.0.check_model(&header.model, &header.heads)?;
        if header.counts.is_empty() || header.counts.iter().any(|c| c.len() != columns) {
            return Err(self.0.bad("counts", format!("one for each of the {columns} logits"), "another number"));
        }
        // Larger counts are not exact as f64.
        let total = header.counts.iter().flatten().try_fold(0u64, |sum, &n| sum.checked_add(n));
        if total.is_none_or(|total| total > 1 << 53) {
            return Err(self.0.bad("counts", "at most 2^53 images", "more"));
        }
        let features = header.layout.0.iter().try_fold(0usize, |sum, s| sum.checked_add(s.width));
        let width = features.and_then(|features| features.checked_add(columns));
        Ok(width.map_or(u64::MAX, |w| bytes(w, columns, header.counts.len(), header.storage)))
    }

    fn part(&self, counts: &[u64], width: usize, storage: Storage, numbers: &[u8]) -> Result<Sums> {
        let (sums, triangle) = numbers.split_at(8 * counts.len() * width);
        let triangle = match storage {
            Storage::F64 => f64s(triangle),
            Storage::F32 => triangle.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b).into()).collect(),
        };
        let mut part = Sums { width, counts: counts.to_vec(), sums: f64s(sums), moment: Vec::new() };
        for (column, &count) in counts.iter().enumerate() {
            if count == 0 && part.sum(column).iter().any(|&v| v != 0.0) {
                return Err(self.0.bad(&format!("logit {column}"), "sums of 0 for no image", "another number"));
            }
        }
        let scatter = match storage {
            Storage::F64 => {
                part.moment = triangle;
                part.scatter()
            }
            Storage::F32 => {
                part.moment = part.moment_of(triangle.clone());
                triangle
            }
        };
        self.check_numbers(&part, &scatter)?;
        Ok(part)
    }

    /// Checks that the numbers can be sums over vectors, up to rounding: finite, squares not negative, products
    /// within the bound of the squares (Cauchy & Schwarz).
    fn check_numbers(&self, part: &Sums, scatter: &[f64]) -> Result<()> {
        if part.sums.iter().chain(&part.moment).chain(scatter).any(|v| !v.is_finite()) {
            return Err(self.0.bad("numbers", "finite numbers", "one that is not, or that leads to one"));
        }
        let roots: Vec<f64> = part.diagonal(&part.moment).iter().map(|v| v.sqrt()).collect();
        let squares = part.diagonal(scatter);
        // The root of a negative number is NaN, and fails every comparison.
        let fits = |square: f64, root: f64| square >= -1e-9 * root * root;
        if let Some(at) = squares.iter().zip(&roots).position(|(&square, &root)| !fits(square, root)) {
            let expected = format!("a sum of squares of 0 or more for number {at}");
            return Err(self.0.bad("numbers", expected, "a negative one"));
        }
        let spreads: Vec<f64> = squares.iter().map(|v| v.max(0.0).sqrt()).collect();
        let mut rest = scatter;
        for at in 0..part.width {
            let (line, below) = rest.split_at(part.width - at);
            let bounds = spreads[at..].iter().zip(&roots[at..]);
            let bounds = bounds.map(|(spread, root)| spread * spreads[at] * (1.0 + 1e-6) + 1e-6 * root * roots[at]);
            if line.iter().zip(bounds).any(|(v, bound)| v.abs() > bound) {
                let expected = format!("products of number {at} within its squares");
                return Err(self.0.bad("numbers", expected, "a larger one"));
            }
            rest = below;
        }
        Ok(())
    }
}

fn f64s(bytes: &[u8]) -> Vec<f64> {
    bytes.as_chunks().0.iter().map(|b| f64::from_le_bytes(*b)).collect()
}
