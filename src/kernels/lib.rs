//! What the layers of a classifier compute, as fast as one processor can: convolutions, dense layers, passes over maps.
//!
//! Maps are [C, H, W], row-major, one image at a time. Every kernel is written once over [`simd`]'s vectors and applies what
//! follows it (bias, a sum with another map, the activation function) before its numbers leave the registers. Results differ from
//! those of other orders of summation by rounding only.

mod activation;
mod convolution;
mod crew;
mod dense;
mod depthwise;
mod layer;
mod map;
mod panels;
mod parallel;
mod product;
mod simd;
mod warm;
mod window;

pub use activation::Activation;
pub use convolution::{Beside, Convolution};
pub use crew::{Crew, Member};
pub use dense::Dense;
pub use layer::Layer;
pub use map::{add, affine, channels_first, deviations, means};
pub use parallel::{part, results, set_team, threads, Team};
#[cfg(target_arch = "wasm32")]
pub use simd::wasm::set_panels;
pub use simd::Level;
pub use warm::warm;
pub use window::Window;
