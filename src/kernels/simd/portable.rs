//! Portable vectors of four floats, the reference for the other implementations.

use super::Simd;

#[derive(Clone, Copy)]
pub(crate) struct Portable;

type V = [f32; 4];

#[inline(always)]
fn each(a: V, b: V, f: impl Fn(f32, f32) -> f32) -> V {
    [f(a[0], b[0]), f(a[1], b[1]), f(a[2], b[2]), f(a[3], b[3])]
}

impl Simd for Portable {
    type V = V;
    const LANES: usize = 4;
    const ACROSS: usize = 2;

    #[inline(always)]
    fn panels() -> usize {
        1
    }

    functions! {
        splat(x: f32) -> V = [x; 4];
        load(from: *const f32) -> V = from.cast::<V>().read_unaligned();
        store(to: *mut f32, v: V) = to.cast::<V>().write_unaligned(v);
        add(a: V, b: V) -> V = each(a, b, |a, b| a + b);
        sub(a: V, b: V) -> V = each(a, b, |a, b| a - b);
        mul(a: V, b: V) -> V = each(a, b, |a, b| a * b);
        div(a: V, b: V) -> V = each(a, b, |a, b| a / b);
        mul_add(a: V, b: V, c: V) -> V = each(each(a, b, |a, b| a * b), c, |p, c| p + c);
        at_least(x: V, low: V) -> V = each(x, low, |x, low| if x < low { low } else { x });
        at_most(x: V, high: V) -> V = each(x, high, |x, high| if high < x { high } else { x });
        deal(a: V, b: V) -> (V, V) = ([a[0], a[2], b[0], b[2]], [a[1], a[3], b[1], b[3]]);
        bits_to_exponent(x: V) -> V = x.map(|x| f32::from_bits(x.to_bits() << 23));
    }

    #[inline(always)]
    unsafe fn transpose(from: *const f32, from_step: usize, to: *mut f32, to_step: usize) {
        for row in 0..4 {
            for column in 0..4 {
                // SAFETY: upheld by the caller, pointers are valid for four rows of four floats.
                unsafe { *to.add(column * to_step + row) = *from.add(row * from_step + column) };
            }
        }
    }
}
