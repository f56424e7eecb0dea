//! Activation functions fused into the kernels.

use super::simd::Simd;

/// An elementwise activation function.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activation {
    #[default]
    Identity,
    /// Clamps to [low, high]; infinite bounds have no effect.
    Clamp { low: f32, high: f32 },
    /// 1 / (1 + exp(−x))
    Sigmoid,
    /// x · sigmoid(x)
    Silu,
    /// max(0, min(1, αx + β))
    HardSigmoid { alpha: f32, beta: f32 },
    /// x · max(0, min(1, x/6 + 1/2))
    HardSwish,
}

/// An activation with its constants as vectors: some engines rebuild a constant, lane by lane, at every use.
#[derive(Clone, Copy)]
pub(super) struct ActivationKernel<S: Simd> {
    activation: Activation,
    /// The parameters of `activation`, in the order of its formula; unused ones are zero.
    constants: [S::V; 3],
    exp: [S::V; 12],
}

impl Activation {
    /// # Safety
    /// As for `Simd`.
    #[inline(always)]
    pub(super) unsafe fn ready<S: Simd>(self) -> ActivationKernel<S> {
        let constants = match self {
            Activation::Clamp { low, high } => [low, high, 0.0],
            Activation::HardSigmoid { alpha, beta } => [alpha, beta, 1.0],
            Activation::HardSwish => [1.0 / 6.0, 0.5, 1.0],
            _ => [0.0; 3],
        };
        // SAFETY: upheld by the caller.
        unsafe {
            ActivationKernel { activation: self, constants: hidden::<S, 3>(constants), exp: hidden::<S, 12>(EXP) }
        }
    }
}

/// Vectors of constants that the compiler cannot see as constants.
#[inline(always)]
unsafe fn hidden<S: Simd, const N: usize>(numbers: [f32; N]) -> [S::V; N] {
    let numbers = std::hint::black_box(numbers);
    // SAFETY: upheld by the caller.
    unsafe {
        let mut vectors = [S::splat(0.0); N];
        for (vector, number) in vectors.iter_mut().zip(numbers) {
            *vector = S::splat(number);
        }
        vectors
    }
}

impl<S: Simd> ActivationKernel<S> {
    /// # Safety
    /// As for `Simd`.
    #[inline(always)]
    pub(super) unsafe fn apply(&self, x: S::V) -> S::V {
        let mut one = [x];
        // SAFETY: upheld by the caller.
        unsafe { self.apply_all(&mut one) };
        one[0]
    }

    /// # Safety
    /// As for `Simd`.
    #[inline(always)]
    pub(super) unsafe fn apply_all(&self, xs: &mut [S::V]) {
        let [a, b, c] = self.constants;
        let [.., one, zero] = self.exp;
        // One loop per activation: a branch inside a single loop would run once per vector. Without closures, which
        // would be compiled separately, without the instructions of `S`.
        // SAFETY: upheld by the caller.
        unsafe {
            match self.activation {
                Activation::Identity => {}
                Activation::Clamp { .. } => {
                    for x in xs {
                        *x = S::at_most(S::at_least(*x, a), b);
                    }
                }
                Activation::Sigmoid => {
                    for x in xs {
                        *x = S::div(one, self.one_and_exp_of_minus(*x));
                    }
                }
                Activation::Silu => {
                    for x in xs {
                        *x = S::div(*x, self.one_and_exp_of_minus(*x));
                    }
                }
                Activation::HardSigmoid { .. } => {
                    for x in xs {
                        *x = S::at_most(S::at_least(S::mul_add(*x, a, b), zero), c);
                    }
                }
                Activation::HardSwish => {
                    for x in xs {
                        *x = S::mul(*x, S::at_most(S::at_least(S::mul_add(*x, a, b), zero), c));
                    }
                }
            }
        }
    }

    /// 1 + exp(−x), where exp(−x) = 2ⁿ · 2⁻ʳ with an integer n and |r| ≤ 1/2. x is clamped to ±87, the range of exp in
    /// floats.
    ///
    /// # Safety
    /// As for `Simd`.
    #[inline(always)]
    unsafe fn one_and_exp_of_minus(&self, x: S::V) -> S::V {
        let [p4, p3, p2, p1, p0, low, high, log2_e, minus_log2_e, round, one, _] = self.exp;
        // SAFETY: upheld by the caller.
        unsafe {
            let x = S::at_most(S::at_least(x, low), high);
            let rounded = S::mul_add(x, minus_log2_e, round);
            let r = S::mul_add(x, log2_e, S::sub(rounded, round));
            let mut p = p4;
            for c in [p3, p2, p1, p0] {
                p = S::mul_add(p, r, c);
            }
            S::mul_add(p, S::bits_to_exponent(rounded), one)
        }
    }
}

/// 2⁻ʳ for |r| ≤ 1/2 by the polynomial of degree 4 with the least relative error (2.6e-6, Remez exchange), highest
/// power first; the bounds of x; log₂ e and its negative; the addend that rounds a number to the nearest integer in its
/// lowest bits, with the exponent bias of 127; one; zero.
const EXP: [f32; 12] = [
    0.009_570_102,
    -0.055_917_86,
    0.240_247_44,
    -0.693_121_8,
    0.999_999_3,
    -87.0,
    87.0,
    std::f32::consts::LOG2_E,
    -std::f32::consts::LOG2_E,
    12_582_912.0 + 127.0,
    1.0,
    0.0,
];
