//! Converts the operators of TensorFlow, whose images and maps are [N, H, W, C], to those of ONNX, [N, C, H, W].
//!
//! The formats that store these operators convert them to [`Operator`]s.

mod apply;
mod builder;
mod constant;
mod convolution;
mod elementwise;
mod function;
mod matrix;
mod operator;
mod reduce;
mod resize;
mod shape;
mod slice;

pub(super) use builder::{Builder, Operand};
pub(super) use constant::{Constant, Quantization};
pub(super) use function::Function;
pub(super) use operator::{Filters, Operator, Reduction, StridedSlice, Window};
