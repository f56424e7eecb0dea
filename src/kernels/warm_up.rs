//! Warms up the kernels so that the browser optimises them before the first image.

use super::{Activation, ConvParams, Convolution, FusedOps, SimdLevel};

/// Runs the kernels that dominate a model's time on small inputs, some milliseconds in all.
///
/// A browser first compiles WebAssembly with a fast baseline compiler, and recompiles hot functions in the background.
/// Called before a model is read, this lets it do so in time; otherwise the first image takes ten times as long as the
/// next ones.
pub fn warm_up() {
    // Input and output channels, groups, window, stride, side of the map.
    const WORK: [(usize, usize, usize, usize, usize, usize); 6] = [
        (64, 64, 1, 1, 1, 16),
        (64, 64, 1, 1, 1, 7),
        (32, 32, 32, 3, 1, 28),
        (32, 32, 32, 3, 2, 28),
        (32, 32, 32, 5, 1, 28),
        (32, 32, 32, 5, 2, 28),
    ];
    let level = SimdLevel::best();
    for (inputs, outputs, groups, kernel, stride, side) in WORK {
        let padding = [[kernel / 2; 2]; 2];
        let window = ConvParams { kernel: [kernel; 2], stride: [stride; 2], dilation: [1, 1], padding };
        let weights = vec![0.0; outputs * inputs / groups * kernel * kernel];
        let size = [side; 2];
        let made = Convolution::new(&weights, &[], inputs, outputs, groups, &window, size);
        let Some(convolution) = made.map(|made| made.with_activation(Activation::Silu)) else { continue };
        let map = vec![0.0; inputs * side * side];
        let mut out = vec![0.0; convolution.output().iter().product()];
        for _ in 0..TIMES {
            convolution.run(level, &map, FusedOps::default(), &mut out, &mut []);
        }
    }
}

/// Runs per kernel: V8 optimises a function after some tens of thousands of iterations of its loops.
const TIMES: usize = 4;
