//! WebAssembly SIMD vectors of 128 bits; fused multiply-add with relaxed SIMD.

use super::Simd;
use std::arch::wasm32::*;
use std::hint::black_box;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

/// Panels per tile; 0 until it is detected.
static PANELS: AtomicU8 = AtomicU8::new(0);

/// Sets the panels per tile, 1 or 2, of all products from now on, instead of the number that suits the processor.
pub fn set_panels(panels: u8) {
    PANELS.store(panels.clamp(1, 2), Relaxed);
}

/// Two panels on processors with 32 vector registers, one on x86-64, which has 16. WebAssembly reveals the processor
/// only where results are unspecified: the sign of 0/0 is negative on x86 alone.
fn suiting() -> u8 {
    let undefined = black_box(0.0f32) / black_box(0.0f32);
    if undefined.is_sign_negative() {
        1
    } else {
        2
    }
}

#[inline(always)]
fn multiply_add(a: v128, b: v128, c: v128) -> v128 {
    #[cfg(target_feature = "relaxed-simd")]
    let sum = f32x4_relaxed_madd(a, b, c);
    #[cfg(not(target_feature = "relaxed-simd"))]
    let sum = f32x4_add(f32x4_mul(a, b), c);
    sum
}

#[derive(Clone, Copy)]
pub(crate) struct Simd128;

impl Simd for Simd128 {
    type V = v128;
    const LANES: usize = 4;
    // 8 sums of a panel, 2 vectors of columns, 1 weight: x86-64 has 16 registers. Taller and wider tiles were slower
    // there.
    const ACROSS: usize = 2;

    #[inline(always)]
    fn panels() -> usize {
        if PANELS.load(Relaxed) == 0 {
            PANELS.store(suiting(), Relaxed);
        }
        PANELS.load(Relaxed).into()
    }

    functions! {
        splat(x: f32) -> v128 = f32x4_splat(x);
        load(from: *const f32) -> v128 = v128_load(from.cast());
        store(to: *mut f32, v: v128) = v128_store(to.cast(), v);
        add(a: v128, b: v128) -> v128 = f32x4_add(a, b);
        sub(a: v128, b: v128) -> v128 = f32x4_sub(a, b);
        mul(a: v128, b: v128) -> v128 = f32x4_mul(a, b);
        div(a: v128, b: v128) -> v128 = f32x4_div(a, b);
        mul_add(a: v128, b: v128, c: v128) -> v128 = multiply_add(a, b, c);
        // The pseudo-minimum and -maximum are one instruction on x86-64, and keep the first operand if either is NaN.
        at_least(x: v128, low: v128) -> v128 = f32x4_pmax(x, low);
        at_most(x: v128, high: v128) -> v128 = f32x4_pmin(x, high);
        deal(a: v128, b: v128) -> (v128, v128) =
            (i32x4_shuffle::<0, 2, 4, 6>(a, b), i32x4_shuffle::<1, 3, 5, 7>(a, b));
        bits_to_exponent(x: v128) -> v128 = i32x4_shl(x, 23);
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
        // SAFETY: upheld by the caller, pointers are valid for four rows of four floats.
        unsafe {
            let [a, b, c, d] = [0, 1, 2, 3].map(|row| Self::load(from.add(row * from_step)));
            let (ab, cd) = (i32x4_shuffle::<0, 4, 1, 5>(a, b), i32x4_shuffle::<0, 4, 1, 5>(c, d));
            Self::store(to, i64x2_shuffle::<0, 2>(ab, cd));
            Self::store(to.add(to_step), i64x2_shuffle::<1, 3>(ab, cd));
            let (ab, cd) = (i32x4_shuffle::<2, 6, 3, 7>(a, b), i32x4_shuffle::<2, 6, 3, 7>(c, d));
            Self::store(to.add(2 * to_step), i64x2_shuffle::<0, 2>(ab, cd));
            Self::store(to.add(3 * to_step), i64x2_shuffle::<1, 3>(ab, cd));
        }
    }
}
