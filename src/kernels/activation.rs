//! Activation functions fused into the kernels.

use super::simd::Simd;

/// What becomes of each number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Activation {
    #[default]
    Identity,
    /// Into [low, high]; infinite where there is no bound.
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

/// An activation with its constants as vectors: some engines build a constant anew, number by number, wherever it is used.
#[derive(Clone, Copy)]
pub(super) struct ActivationKernel<S: Simd> {
    activation: Activation,
    /// What `activation` says, in the order of its formula; unused ones are zero.
    constants: [S::V; 3],
    exp: [S::V; 12],
}

impl Activation {
    /// # Safety
    /// Those of `S`.
    #[inline(always)]
    pub(super) unsafe fn ready<S: Simd>(self) -> ActivationKernel<S> {
        let constants = match self {
            Activation::Clamp { low, high } => [low, high, 0.0],
            Activation::HardSigmoid { alpha, beta } => [alpha, beta, 1.0],
            Activation::HardSwish => [1.0 / 6.0, 0.5, 1.0],
            _ => [0.0; 3],
        };
        // SAFETY: the caller's.
        unsafe {
            ActivationKernel { activation: self, constants: hidden::<S, 3>(constants), exp: hidden::<S, 12>(EXP) }
        }
    }
}

/// Vectors of numbers of which the compiler does not know that they are constants.
#[inline(always)]
unsafe fn hidden<S: Simd, const N: usize>(numbers: [f32; N]) -> [S::V; N] {
    let numbers = std::hint::black_box(numbers);
    // SAFETY: the caller's.
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
    /// Those of `S`.
    #[inline(always)]
    pub(super) unsafe fn apply(&self, x: S::V) -> S::V {
        let mut one = [x];
        // SAFETY: the caller's.
        unsafe { self.apply_all(&mut one) };
        one[0]
    }

    /// # Safety
    /// Those of `S`.
    #[inline(always)]
    pub(super) unsafe fn apply_all(&self, xs: &mut [S::V]) {
        let [a, b, c] = self.constants;
        let [.., one, zero] = self.exp;
        // One loop an activation: asking inside of one loop would be once a vector. No closures here, which would be compiled on
        // their own, without the instructions of `S`.
        // SAFETY: the caller's.
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

    /// 1 + exp(−x), where exp(−x) = 2ⁿ · 2⁻ʳ with a whole n and |r| ≤ 1/2. Beyond ±87, where floats end, exp stands still.
    ///
    /// # Safety
    /// Those of `S`.
    #[inline(always)]
    unsafe fn one_and_exp_of_minus(&self, x: S::V) -> S::V {
        let [p4, p3, p2, p1, p0, low, high, log2_e, minus_log2_e, round, one, _] = self.exp;
        // SAFETY: the caller's.
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

/// 2⁻ʳ for |r| ≤ 1/2 by the polynomial of degree 4 of the least relative error (2.6e-6, Remez' exchange), from the highest power on; the
/// bounds of x; the factor from e to 2, and its negative; what added to a number leaves the nearest whole one in the lowest bits, with
/// the exponent's bias of 127; one; zero.
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
