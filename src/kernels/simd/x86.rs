//! AVX2 and AVX-512 vectors with fused multiply-add.

use super::{Kernel, Simd};
use std::arch::x86_64::*;

#[derive(Clone, Copy)]
pub(crate) struct Avx2;

#[derive(Clone, Copy)]
pub(crate) struct Avx512;

/// # Safety
/// The processor has AVX2 and FMA.
#[target_feature(enable = "avx2,fma")]
pub(super) unsafe fn avx2<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: as this function.
    unsafe { kernel.run::<Avx2>() }
}

/// # Safety
/// The processor has AVX-512F, AVX2 and FMA.
#[target_feature(enable = "avx512f,avx2,fma")]
pub(super) unsafe fn avx512<K: Kernel>(kernel: K) -> K::Output {
    // SAFETY: as this function.
    unsafe { kernel.run::<Avx512>() }
}

// 16 registers: 8 sums, 2 vectors of columns, a weight or two; with 12 sums one was spilled in every step.
impl Simd for Avx2 {
    type V = __m256;
    const LANES: usize = 8;
    const ACROSS: usize = 2;

    #[inline(always)]
    fn panels() -> usize {
        1
    }

    functions! {
        splat(x: f32) -> __m256 = _mm256_set1_ps(x);
        load(from: *const f32) -> __m256 = _mm256_loadu_ps(from);
        store(to: *mut f32, v: __m256) = _mm256_storeu_ps(to, v);
        add(a: __m256, b: __m256) -> __m256 = _mm256_add_ps(a, b);
        sub(a: __m256, b: __m256) -> __m256 = _mm256_sub_ps(a, b);
        mul(a: __m256, b: __m256) -> __m256 = _mm256_mul_ps(a, b);
        div(a: __m256, b: __m256) -> __m256 = _mm256_div_ps(a, b);
        mul_add(a: __m256, b: __m256, c: __m256) -> __m256 = _mm256_fmadd_ps(a, b, c);
        // These instructions return their second operand if either is NaN.
        at_least(x: __m256, low: __m256) -> __m256 = _mm256_max_ps(low, x);
        at_most(x: __m256, high: __m256) -> __m256 = _mm256_min_ps(high, x);
        deal(a: __m256, b: __m256) -> (__m256, __m256) = deal256(a, b);
        transpose(from: *const f32, step: usize, to: *mut f32, to_step: usize) = transpose8(from, step, to, to_step);
        bits_to_exponent(x: __m256) -> __m256 = {
            let bits = _mm256_sll_epi32(_mm256_castps_si256(x), _mm_cvtsi32_si128(23));
            _mm256_castsi256_ps(bits)
        };
    }
}

// 32 registers: 16 sums.
impl Simd for Avx512 {
    type V = __m512;
    const LANES: usize = 16;
    const ACROSS: usize = 2;

    #[inline(always)]
    fn panels() -> usize {
        2
    }

    functions! {
        splat(x: f32) -> __m512 = _mm512_set1_ps(x);
        load(from: *const f32) -> __m512 = _mm512_loadu_ps(from);
        store(to: *mut f32, v: __m512) = _mm512_storeu_ps(to, v);
        add(a: __m512, b: __m512) -> __m512 = _mm512_add_ps(a, b);
        sub(a: __m512, b: __m512) -> __m512 = _mm512_sub_ps(a, b);
        mul(a: __m512, b: __m512) -> __m512 = _mm512_mul_ps(a, b);
        div(a: __m512, b: __m512) -> __m512 = _mm512_div_ps(a, b);
        mul_add(a: __m512, b: __m512, c: __m512) -> __m512 = _mm512_fmadd_ps(a, b, c);
        // These instructions return their second operand if either is NaN.
        at_least(x: __m512, low: __m512) -> __m512 = _mm512_max_ps(low, x);
        at_most(x: __m512, high: __m512) -> __m512 = _mm512_min_ps(high, x);
        deal(a: __m512, b: __m512) -> (__m512, __m512) = deal512(a, b);
        transpose(from: *const f32, step: usize, to: *mut f32, to_step: usize) = transpose16(from, step, to, to_step);
        bits_to_exponent(x: __m512) -> __m512 = {
            let bits = _mm512_sll_epi32(_mm512_castps_si512(x), _mm_cvtsi32_si128(23));
            _mm512_castsi512_ps(bits)
        };
    }
}

#[inline(always)]
unsafe fn deal256(a: __m256, b: __m256) -> (__m256, __m256) {
    // SAFETY: called inside of `avx2`.
    unsafe {
        // Within halves first, then the quarters are put in order.
        let order = |x| _mm256_castpd_ps(_mm256_permute4x64_pd::<0b11_01_10_00>(_mm256_castps_pd(x)));
        (order(_mm256_shuffle_ps::<0b10_00_10_00>(a, b)), order(_mm256_shuffle_ps::<0b11_01_11_01>(a, b)))
    }
}

#[inline(always)]
unsafe fn deal512(a: __m512, b: __m512) -> (__m512, __m512) {
    // SAFETY: called inside of `avx512`.
    unsafe {
        let even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
        let odd = _mm512_setr_epi32(1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
        (_mm512_permutex2var_ps(a, even, b), _mm512_permutex2var_ps(a, odd, b))
    }
}

/// Transposes eight rows of eight floats.
#[inline(always)]
unsafe fn transpose8(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
    // SAFETY: called inside of `avx2` or `avx512`; the caller's pointers are valid for the rows.
    unsafe {
        // Interleave pairs of rows, then pairs of pairs, then swap halves: row i and row i + 4 are at 4i + j.
        let mut quarters = [_mm256_setzero_ps(); 8];
        for half in 0..2 {
            let row = |i: usize| _mm256_loadu_ps(from.add((4 * half + i) * from_step));
            let (a, b, c, d) = (row(0), row(1), row(2), row(3));
            let (ab, cd) = (_mm256_unpacklo_ps(a, b), _mm256_unpacklo_ps(c, d));
            quarters[4 * half] = _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd);
            quarters[4 * half + 1] = _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd);
            let (ab, cd) = (_mm256_unpackhi_ps(a, b), _mm256_unpackhi_ps(c, d));
            quarters[4 * half + 2] = _mm256_shuffle_ps::<0b01_00_01_00>(ab, cd);
            quarters[4 * half + 3] = _mm256_shuffle_ps::<0b11_10_11_10>(ab, cd);
        }
        for i in 0..4 {
            let (upper, lower) = (quarters[i], quarters[4 + i]);
            _mm256_storeu_ps(to.add(i * to_step), _mm256_permute2f128_ps::<0x20>(upper, lower));
            _mm256_storeu_ps(to.add((4 + i) * to_step), _mm256_permute2f128_ps::<0x31>(upper, lower));
        }
    }
}

#[inline(always)]
unsafe fn transpose16(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
    for y in [0, 8] {
        for x in [0, 8] {
            // SAFETY: as `transpose8`, of a quarter of the square.
            unsafe { transpose8(from.add(y * from_step + x), from_step, to.add(x * to_step + y), to_step) };
        }
    }
}
