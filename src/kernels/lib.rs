//! SIMD kernels for the layers of a classifier: convolutions, dense layers, channel operations.
//!
//! Maps are [C, H, W], row-major, one image at a time. Every kernel is written once over `simd`'s vectors and applies
//! the operations after it (bias, residual sum, activation function) while its results are in registers. Results differ
//! from other orders of summation by rounding only.

mod activation;
mod channel_ops;
mod conv_geometry;
mod convolution;
mod dense;
mod depthwise;
mod gemm;
mod packing;
mod simd;
mod threads;
mod tract_op;
mod warm_up;

pub use activation::Activation;
pub use channel_ops::{add, affine, channels_first, deviations, means};
pub use conv_geometry::ConvParams;
pub use convolution::{Convolution, FusedOps};
pub use dense::Dense;
#[cfg(target_arch = "wasm32")]
pub use simd::wasm::set_panels;
pub use simd::SimdLevel;
pub use threads::{chunk, map_chunks, set_executor, threads, Executor, ThreadPool, Worker};
pub use tract_op::Layer;
pub use warm_up::warm_up;
