//! Every kernel at every SIMD level compared with plain loops, over odd shapes; the wasm tests run these too.

use polyhead::kernels::*;

/// Numbers between −1 and 1, the same ones for the same seed.
fn numbers(len: usize, seed: u32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / 8_388_608.0 - 1.0
        })
        .collect()
}

const ACTIVATIONS: [Activation; 7] = [
    Activation::Identity,
    Activation::Clamp { low: 0.0, high: 0.6 },
    Activation::Clamp { low: f32::NEG_INFINITY, high: 0.1 },
    Activation::Sigmoid,
    Activation::Silu,
    Activation::HardSigmoid { alpha: 0.3, beta: 0.4 },
    Activation::HardSwish,
];

fn activated(activation: Activation, x: f32) -> f32 {
    match activation {
        Activation::Identity => x,
        Activation::Clamp { low, high } => x.max(low).min(high),
        Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
        Activation::Silu => x / (1.0 + (-x).exp()),
        Activation::HardSigmoid { alpha, beta } => (alpha * x + beta).clamp(0.0, 1.0),
        Activation::HardSwish => x * (x / 6.0 + 0.5).clamp(0.0, 1.0),
    }
}

fn assert_close(found: &[f32], expected: &[f32], what: &str) {
    assert_eq!(found.len(), expected.len(), "{what}");
    for (place, (found, expected)) in found.iter().zip(expected).enumerate() {
        let bound = 2e-5 * expected.abs().max(1.0);
        assert!((found - expected).abs() <= bound, "{what}, number {place}: {found} for {expected}");
    }
}

struct Case {
    inputs: usize,
    outputs: usize,
    groups: usize,
    window: ConvParams,
    size: [usize; 2],
}

fn case(
    inputs: usize,
    outputs: usize,
    groups: usize,
    kernel: [usize; 2],
    stride: [usize; 2],
    size: [usize; 2],
) -> Case {
    let padding = [[kernel[0] / 2, kernel[0] - 1 - kernel[0] / 2], [(kernel[1] - 1) / 2, kernel[1] / 2]];
    Case { inputs, outputs, groups, window: ConvParams { kernel, stride, dilation: [1, 1], padding }, size }
}

/// One number at a time, with bounds checked at every tap.
fn convolved(case: &Case, map: &[f32], weights: &[f32], bias: &[f32]) -> Vec<f32> {
    let ConvParams { kernel, stride, dilation, padding } = &case.window;
    let [height, width] = case.window.output(case.size).unwrap();
    let (inputs, outputs) = (case.inputs / case.groups, case.outputs / case.groups);
    let mut out = Vec::new();
    for o in 0..case.outputs {
        for y in 0..height {
            for x in 0..width {
                let mut sum = bias[o] as f64;
                for i in 0..inputs {
                    for ky in 0..kernel[0] {
                        for kx in 0..kernel[1] {
                            let row = (y * stride[0] + ky * dilation[0]).wrapping_sub(padding[0][0]);
                            let column = (x * stride[1] + kx * dilation[1]).wrapping_sub(padding[1][0]);
                            if row < case.size[0] && column < case.size[1] {
                                let channel = o / outputs * inputs + i;
                                let number = map[(channel * case.size[0] + row) * case.size[1] + column];
                                let weight = weights[((o * inputs + i) * kernel[0] + ky) * kernel[1] + kx];
                                sum += f64::from(number) * f64::from(weight);
                            }
                        }
                    }
                }
                out.push(sum as f32);
            }
        }
    }
    out
}

fn check(case: &Case, activation: Activation, seed: u32) {
    let Case { inputs, outputs, groups, window, size } = case;
    let taps = window.kernel[0] * window.kernel[1];
    let weights = numbers(outputs * inputs / groups * taps, seed);
    let (bias, map) = (numbers(*outputs, seed + 1), numbers(inputs * size[0] * size[1], seed + 2));
    let made = Convolution::new(&weights, &bias, *inputs, *outputs, *groups, window, *size).unwrap();
    let made = made.with_activation(activation);
    let scale = made.is_pointwise().then(|| numbers(*inputs, seed + 3));
    let scaled: Vec<f32> = match &scale {
        Some(scale) => map.iter().enumerate().map(|(i, x)| x * scale[i / (size[0] * size[1])]).collect(),
        None => map.clone(),
    };
    let plain = convolved(case, &map, &weights, &bias);
    let with_scale = convolved(case, &scaled, &weights, &bias);
    let residual = (!made.is_depthwise()).then(|| numbers(plain.len(), seed + 4));
    for level in SimdLevel::all() {
        let what = format!("{level:?} {inputs}->{outputs}/{groups} {window:?} {size:?} {activation:?}");
        let mut out = vec![f32::NAN; plain.len()];
        let mut means = vec![f32::NAN; if made.is_depthwise() { *outputs } else { 0 }];
        made.run(level, &map, FusedOps::default(), &mut out, &mut means);
        let expected: Vec<f32> = plain.iter().map(|&x| activated(activation, x)).collect();
        assert_close(&out, &expected, &what);
        let pixels = out.len() / outputs;
        let averages: Vec<f32> = out.chunks(pixels).map(|c| c.iter().sum::<f32>() / pixels as f32).collect();
        assert_close(&means, &averages[..means.len()], &what);

        if made.is_in_place() {
            let mut place = map.clone();
            made.run_in_place(level, &mut place, &mut means);
            assert_eq!(place, out, "{what}");
        }

        let beside = FusedOps { scale: scale.as_deref(), residual: residual.as_deref() };
        made.run(level, &map, beside, &mut out, &mut []);
        let added = |(i, x): (usize, &f32)| activated(activation, x + residual.as_ref().map_or(0.0, |r| r[i]));
        let expected: Vec<f32> = with_scale.iter().enumerate().map(added).collect();
        assert_close(&out, &expected, &what);
    }
}

pub fn convolutions_agree_with_plain_loops() {
    let mut seed = 0;
    for activation in ACTIVATIONS {
        // Rows of few and of many pixels, fewer than a vector and than a tile, and panels that are not full.
        for (inputs, outputs, size) in
            [(1, 1, [1, 1]), (3, 5, [1, 3]), (7, 9, [7, 7]), (5, 4, [3, 11]), (8, 13, [12, 17])]
        {
            check(&case(inputs, outputs, 1, [1, 1], [1, 1], size), activation, seed);
            seed += 10;
        }
        for kernel in [[3, 3], [5, 5], [7, 7], [1, 3], [2, 2]] {
            for (stride, size) in
                [([1, 1], [7, 7]), ([2, 2], [9, 14]), ([1, 2], [8, 21]), ([3, 3], [10, 35]), ([2, 2], [5, 40])]
            {
                if kernel[0].max(kernel[1]) <= size[0] {
                    check(&case(3, 3, 3, kernel, stride, size), activation, seed);
                    check(&case(4, 6, 2, kernel, stride, size), activation, seed + 5);
                    seed += 10;
                }
            }
        }
    }
    // The stem, a wide window over a narrow map, dilation, a window without padding, a channel multiplier.
    check(&case(3, 32, 1, [3, 3], [2, 2], [224, 224]), Activation::Silu, 1);
    // Enough work for several threads, by rows and by channels.
    for (kernel, stride, size) in
        [([3, 3], [1, 1], 56), ([5, 5], [2, 2], 57), ([3, 3], [2, 2], 55), ([7, 7], [1, 1], 30)]
    {
        check(&case(8, 8, 8, kernel, stride, [size; 2]), Activation::Silu, 7);
    }
    check(&case(300, 300, 300, [5, 5], [1, 1], [14, 14]), Activation::Silu, 8);
    // Windows that skip rows, and rows longer than one block.
    check(&case(9, 9, 9, [2, 2], [3, 3], [130, 130]), Activation::Silu, 11);
    check(&case(17, 17, 17, [3, 3], [1, 1], [5, 600]), Activation::Silu, 12);
    check(&case(16, 24, 1, [1, 1], [1, 1], [56, 56]), Activation::Silu, 9);
    check(&case(67, 301, 1, [1, 1], [1, 1], [7, 7]), Activation::Silu, 10);
    check(&case(2, 3, 1, [3, 3], [1, 1], [3, 2]), Activation::Identity, 2);
    let dilation = [2, 3];
    let padding = [[2, 1], [0, 3]];
    let window = ConvParams { kernel: [3, 3], stride: [1, 2], dilation, padding };
    check(&Case { inputs: 4, outputs: 4, groups: 4, window: window.clone(), size: [9, 13] }, Activation::Identity, 3);
    check(&Case { inputs: 4, outputs: 6, groups: 1, window, size: [9, 13] }, Activation::Identity, 4);
    let window = ConvParams { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [[0; 2]; 2] };
    check(&Case { inputs: 6, outputs: 6, groups: 6, window, size: [6, 6] }, Activation::HardSwish, 5);
    check(&case(3, 6, 3, [3, 3], [1, 1], [7, 9]), Activation::Identity, 6);
}

pub fn maps_and_vectors_agree_with_plain_loops() {
    for level in SimdLevel::all() {
        for (seed, (channels, pixels)) in [(1, 1), (1, 37), (3, 16), (5, 49), (2, 131)].into_iter().enumerate() {
            let seed = seed as u32 * 10;
            let (map, other) = (numbers(channels * pixels, seed), numbers(channels * pixels, seed + 1));
            let (scale, shift) = (numbers(channels, seed + 2), numbers(channels, seed + 3));
            let mut out = vec![f32::NAN; map.len()];
            for activation in ACTIVATIONS {
                affine(level, &map, &scale, &shift, activation, &mut out);
                let at = |i: usize| activated(activation, map[i] * scale[i / pixels] + shift[i / pixels]);
                assert_close(&out, &(0..map.len()).map(at).collect::<Vec<_>>(), "affine");
                add(level, &map, &other, activation, &mut out);
                let at = |i: usize| activated(activation, map[i] + other[i]);
                assert_close(&out, &(0..map.len()).map(at).collect::<Vec<_>>(), "add");
            }
            channels_first(&map, channels, &mut out);
            let at = |i: usize| map[i % pixels * channels + i / pixels];
            assert_close(&out, &(0..map.len()).map(at).collect::<Vec<_>>(), "channels first");
            let (mut averages, mut apart) = (vec![f32::NAN; channels], vec![f32::NAN; channels]);
            means(level, &map, &mut averages);
            let mean: Vec<f32> = map.chunks(pixels).map(|c| c.iter().sum::<f32>() / pixels as f32).collect();
            assert_close(&averages, &mean, "means");
            deviations(level, &map, &mean, &mut apart);
            let squares = map.chunks(pixels).zip(&mean).map(|(c, m)| c.iter().map(|x| (x - m) * (x - m)).sum::<f32>());
            assert_close(&apart, &squares.map(|s| (s / pixels as f32).sqrt()).collect::<Vec<_>>(), "deviations");
        }
        for (inputs, outputs) in [(1, 1), (3, 7), (16, 4), (67, 9), (130, 33)] {
            let (weights, bias, x) = (numbers(inputs * outputs, 1), numbers(outputs, 2), numbers(inputs, 3));
            let dense = Dense::new(weights.clone(), bias.clone(), Activation::Silu).unwrap();
            let mut out = vec![f32::NAN; outputs];
            dense.run(level, &x, &mut out);
            let row = |o: usize| (0..inputs).map(|i| weights[o * inputs + i] * x[i]).sum::<f32>() + bias[o];
            let expected: Vec<f32> = (0..outputs).map(|o| activated(Activation::Silu, row(o))).collect();
            assert_close(&out, &expected, "dense");
        }
    }
}

/// Large numbers neither overflow nor wrap round; NaN stays visible.
pub fn activations_hold_at_the_ends() {
    let map = [-1e30, -200.0, -88.0, -20.0, 0.0, 20.0, 88.0, 200.0, 1e30, f32::NAN];
    for level in SimdLevel::all() {
        for activation in ACTIVATIONS {
            let mut out = [0.0; 10];
            affine(level, &map, &[1.0], &[0.0], activation, &mut out);
            assert!(out[9].is_nan(), "{level:?} {activation:?}");
            for (x, y) in map.iter().zip(out).take(9) {
                let expected = activated(activation, *x);
                assert!((y - expected).abs() <= 1e-5 * expected.abs().max(1.0), "{level:?} {activation:?}: {y} at {x}");
            }
        }
    }
}

/// Shapes that do not fit are refused; nothing is read out of bounds.
pub fn shapes_that_do_not_fit_are_refused() {
    let window = ConvParams { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [[0; 2]; 2] };
    let made = |weights: usize, bias: usize, inputs, outputs, groups, size| {
        let (weights, bias) = (vec![0.0; weights], vec![0.0; bias]);
        Convolution::new(&weights, &bias, inputs, outputs, groups, &window, size).is_some()
    };
    assert!(made(9, 1, 1, 1, 1, [3, 3]));
    for (weights, bias, inputs, outputs, groups, size) in [
        (8, 1, 1, 1, 1, [3, 3]),
        (9, 2, 1, 1, 1, [3, 3]),
        (9, 1, 1, 1, 1, [2, 9]),
        (9, 1, 1, 1, 0, [3, 3]),
        (9, 1, 3, 1, 2, [3, 3]),
        (0, 0, 0, 0, 1, [3, 3]),
    ] {
        assert!(!made(weights, bias, inputs, outputs, groups, size));
    }
    assert!(Dense::new(vec![0.0; 5], vec![0.0; 2], Activation::Identity).is_none());
    assert!(Dense::new(Vec::new(), Vec::new(), Activation::Identity).is_none());
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use polyhead::kernels::{set_executor, ThreadPool};
    use std::process::Command;

    /// In its own process: a thread pool serves all kernels and is never removed.
    #[test]
    fn a_thread_pool_computes_the_same() {
        const ASKED: &str = "POLYHEAD_TEST_THREADS";
        if std::env::var_os(ASKED).is_some() {
            assert!(set_executor(Box::new(ThreadPool::start(3).unwrap())));
            super::convolutions_agree_with_plain_loops();
            super::maps_and_vectors_agree_with_plain_loops();
            return;
        }
        let mut again = Command::new(std::env::current_exe().unwrap());
        again.args(["--exact", "kernels::native::a_thread_pool_computes_the_same", "--nocapture"]).env(ASKED, "1");
        assert!(again.status().unwrap().success());
    }

    #[test]
    fn convolutions_agree_with_plain_loops() {
        super::convolutions_agree_with_plain_loops();
    }

    #[test]
    fn maps_and_vectors_agree_with_plain_loops() {
        super::maps_and_vectors_agree_with_plain_loops();
    }

    #[test]
    fn activations_hold_at_the_ends() {
        super::activations_hold_at_the_ends();
    }

    #[test]
    fn shapes_that_do_not_fit_are_refused() {
        super::shapes_that_do_not_fit_are_refused();
    }
}
