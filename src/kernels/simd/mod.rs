//! SIMD vectors of 32-bit floats.
//!
//! A kernel is written once, over [`Simd`], and compiled for every [`SimdLevel`]. In WebAssembly the level is fixed by
//! the build; on x86-64 it is detected at start.

/// Defines functions of [`Simd`], each one expression.
macro_rules! functions {
    ($($name:ident($($argument:ident: $type:ty),+) $(-> $result:ty)? = $body:expr;)+) => {
        $(
            #[inline(always)]
            unsafe fn $name($($argument: $type),+) $(-> $result)? {
                // SAFETY: upheld by the caller: the machine has the instructions, pointers are valid; nothing here needs
                // alignment.
                #[allow(unused_unsafe)]
                unsafe { $body }
            }
        )+
    };
}

mod portable;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
#[cfg(target_arch = "x86_64")]
mod x86;

/// Lanes of the widest vector of any level.
pub(crate) const WIDEST: usize = 16;

/// The vector operations that kernels use.
///
/// Every function is `unsafe`: the machine must have the instructions (see [`SimdLevel::run`]), and pointers must be
/// valid for [`LANES`](Self::LANES) floats, aligned as floats.
pub(crate) trait Simd: Copy {
    type V: Copy;
    /// Floats per vector.
    const LANES: usize;
    /// Vectors per row of a tile in a matrix product, chosen so that the sums stay in registers.
    const ACROSS: usize;
    /// Panels of four rows per tile, 1 or 2, chosen like `ACROSS`.
    fn panels() -> usize;

    unsafe fn splat(x: f32) -> Self::V;
    unsafe fn load(from: *const f32) -> Self::V;
    unsafe fn store(to: *mut f32, v: Self::V);
    unsafe fn add(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn sub(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn mul(a: Self::V, b: Self::V) -> Self::V;
    unsafe fn div(a: Self::V, b: Self::V) -> Self::V;
    /// a · b + c, rounded once or twice.
    unsafe fn mul_add(a: Self::V, b: Self::V, c: Self::V) -> Self::V;
    /// max(x, `low`); NaN stays NaN.
    unsafe fn at_least(x: Self::V, low: Self::V) -> Self::V;
    /// min(x, `high`); NaN stays NaN.
    unsafe fn at_most(x: Self::V, high: Self::V) -> Self::V;
    /// Deinterleaves the concatenation of `a` and `b`: elements at even positions, then those at odd ones.
    unsafe fn deal(a: Self::V, b: Self::V) -> (Self::V, Self::V);
    /// Transposes a square of [`LANES`](Self::LANES) rows at `from`, with this distance, to the rows at `to`.
    unsafe fn transpose(from: *const f32, from_step: usize, to: *mut f32, to_step: usize);
    /// The bits of each float, shifted left by 23: an integer in the lowest bits becomes the exponent.
    unsafe fn bits_to_exponent(x: Self::V) -> Self::V;
}

/// Work that runs with the vectors of any level.
pub(crate) trait Kernel {
    type Output;

    /// # Safety
    /// The machine has the instructions of `S`, as [`SimdLevel::run`] ensures. Implementations are `#[inline(always)]`,
    /// so that they are compiled with those instructions.
    unsafe fn run<S: Simd>(self) -> Self::Output;
}

/// The instructions that kernels use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SimdLevel {
    /// Arrays of four floats, vectorised by the compiler.
    Portable,
    #[cfg(target_arch = "wasm32")]
    Simd128,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl SimdLevel {
    /// The best level of this machine.
    pub fn best() -> SimdLevel {
        *SimdLevel::all().last().unwrap_or(&SimdLevel::Portable)
    }

    /// All levels of this machine, the best last.
    pub fn all() -> Vec<SimdLevel> {
        #[allow(unused_mut)]
        let mut all = vec![SimdLevel::Portable];
        #[cfg(target_arch = "wasm32")]
        all.push(SimdLevel::Simd128);
        #[cfg(target_arch = "x86_64")]
        {
            if std::arch::is_x86_feature_detected!("avx2") && std::arch::is_x86_feature_detected!("fma") {
                all.push(SimdLevel::Avx2);
            }
            if std::arch::is_x86_feature_detected!("avx512f") && all.contains(&SimdLevel::Avx2) {
                all.push(SimdLevel::Avx512);
            }
        }
        all
    }

    /// Runs a kernel with these instructions.
    #[inline(always)]
    pub(crate) fn run<K: Kernel>(self, kernel: K) -> K::Output {
        // SAFETY: a level comes from `all`, which detected the processor's features; in WebAssembly a module with
        // unsupported instructions does not compile.
        unsafe {
            match self {
                SimdLevel::Portable => kernel.run::<portable::Portable>(),
                #[cfg(target_arch = "wasm32")]
                SimdLevel::Simd128 => kernel.run::<wasm::Simd128>(),
                #[cfg(target_arch = "x86_64")]
                SimdLevel::Avx2 => x86::avx2(kernel),
                #[cfg(target_arch = "x86_64")]
                SimdLevel::Avx512 => x86::avx512(kernel),
            }
        }
    }
}
