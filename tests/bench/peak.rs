//! How many multiply-adds a second this machine reaches in WebAssembly at best: nothing but fused multiply-adds on
//! registers. It is the limit that an inference is measured against, and what shows that other work took the core.
//!
//! rustc --target wasm32-unknown-unknown -O --crate-type cdylib -C panic=abort -C target-feature=+simd128,+relaxed-simd

#![no_std]

use core::arch::wasm32::{f32x4_add, f32x4_extract_lane, f32x4_relaxed_madd, f32x4_splat};

/// Sums that do not wait for each other: enough for two units with a latency of five cycles, and still in registers.
const SUMS: usize = 12;

/// Multiply-adds of one round: four lanes, each sum twice.
const ROUND: u32 = 4 * 2 * SUMS as u32;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

/// How many multiply-adds [`multiply_adds`] does a round.
#[no_mangle]
pub extern "C" fn a_round() -> u32 {
    ROUND
}

/// The sum is returned so that nothing of it is left out.
#[no_mangle]
pub extern "C" fn multiply_adds(rounds: u32, x: f32) -> f32 {
    let (a, b) = (f32x4_splat(x), f32x4_splat(0.5 * x));
    let mut sums = [a; SUMS];
    for _ in 0..rounds {
        for sum in &mut sums {
            *sum = f32x4_relaxed_madd(a, b, *sum);
        }
        for sum in &mut sums {
            *sum = f32x4_relaxed_madd(b, a, *sum);
        }
    }
    f32x4_extract_lane::<0>(sums.iter().fold(a, |total, sum| f32x4_add(total, *sum)))
}
