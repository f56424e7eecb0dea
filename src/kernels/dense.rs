//! Matrix-vector products.

use super::activation::Activation;
use super::simd::{Kernel, Simd, SimdLevel, WIDEST};
use super::threads::{chunk, for_each_chunk, parts, SendPtr};

/// A dense layer for one vector: `activation(weights · x + bias)`.
#[derive(Clone, Debug)]
pub struct Dense {
    /// [outputs, inputs], row-major.
    weights: Vec<f32>,
    bias: Vec<f32>,
    inputs: usize,
    activation: Activation,
}

/// Rows that are computed together, so that they load the vector once.
const ROWS: usize = 4;

impl Dense {
    /// `weights` [outputs, inputs], row-major; one bias per output. `None` if the sizes do not match.
    pub fn new(weights: Vec<f32>, bias: Vec<f32>, activation: Activation) -> Option<Dense> {
        let inputs = weights.len().checked_div(bias.len())?;
        (inputs > 0 && inputs * bias.len() == weights.len()).then_some(Dense { weights, bias, inputs, activation })
    }

    /// # Panics
    /// If a length is not that of the layer.
    pub fn run(&self, level: SimdLevel, x: &[f32], out: &mut [f32]) {
        assert!(x.len() == self.inputs && out.len() == self.bias.len());
        let pieces = parts(self.weights.len());
        let to = SendPtr(out.as_mut_ptr());
        for_each_chunk(pieces, &|index| {
            let rows = chunk(self.bias.len(), ROWS, pieces, index);
            // SAFETY: the rows of one chunk, which only this chunk writes.
            let out = unsafe { std::slice::from_raw_parts_mut(to.pointer().add(rows.start), rows.len()) };
            let weights = &self.weights[rows.start * self.inputs..rows.end * self.inputs];
            level.run(Rows { weights, bias: &self.bias[rows], x, activation: self.activation, out });
        });
    }
}

struct Rows<'a> {
    weights: &'a [f32],
    bias: &'a [f32],
    x: &'a [f32],
    activation: Activation,
    out: &'a mut [f32],
}

impl Kernel for Rows<'_> {
    type Output = ();

    #[inline(always)]
    unsafe fn run<S: Simd>(self) {
        let mut row = 0;
        // SAFETY: rows below `out.len()` exist.
        unsafe {
            while row + ROWS <= self.out.len() {
                self.rows::<S, ROWS>(row);
                row += ROWS;
            }
            while row < self.out.len() {
                self.rows::<S, 1>(row);
                row += 1;
            }
            let (out, ready) = (self.out, self.activation.ready::<S>());
            for block in out.chunks_mut(S::LANES) {
                let mut buffer = [0.0f32; WIDEST];
                buffer[..block.len()].copy_from_slice(block);
                S::store(buffer.as_mut_ptr(), ready.apply(S::load(buffer.as_ptr())));
                block.copy_from_slice(&buffer[..block.len()]);
            }
        }
    }
}

impl Rows<'_> {
    /// Computes the sums with their bias, before the activation.
    ///
    /// # Safety
    /// As for `Simd`; the rows exist.
    #[inline(always)]
    unsafe fn rows<S: Simd, const R: usize>(&self, row: usize) {
        let depth = self.x.len();
        // SAFETY: whole vectors inside the rows and `x`; a buffer as wide as the widest vector.
        unsafe {
            let (weights, x) = (self.weights.as_ptr().add(row * depth), self.x.as_ptr());
            let mut sums = [S::splat(0.0); R];
            let mut k = 0;
            while k + S::LANES <= depth {
                let numbers = S::load(x.add(k));
                for (r, sum) in sums.iter_mut().enumerate() {
                    *sum = S::mul_add(S::load(weights.add(r * depth + k)), numbers, *sum);
                }
                k += S::LANES;
            }
            for (r, sum) in sums.into_iter().enumerate() {
                let mut buffer = [0.0f32; WIDEST];
                S::store(buffer.as_mut_ptr(), sum);
                let rest: f32 = (k..depth).map(|k| *weights.add(r * depth + k) * *x.add(k)).sum();
                *self.out.as_ptr().cast_mut().add(row + r) = buffer.iter().sum::<f32>() + rest + self.bias[row + r];
            }
        }
    }
}
