//! The operators of image classifiers.

use super::function::Function;
use crate::import::resize::Sampling;

/// An operator with its attributes; its inputs follow TensorFlow Lite's order.
#[derive(Clone, Debug)]
pub(in crate::import) enum Operator {
    /// The input.
    Identity,
    /// Inputs: map, filters, and optionally a bias.
    Convolution {
        window: Window,
        filters: Filters,
        dilations: [i64; 2],
        groups: usize,
    },
    MaxPool {
        window: Window,
        size: [i64; 2],
    },
    /// Padding is excluded from the mean.
    AveragePool {
        window: Window,
        size: [i64; 2],
    },
    /// Inputs: vectors, weights [out, in], and optionally a bias; `keep_axes` keeps all axes but the last.
    FullyConnected {
        keep_axes: bool,
    },
    /// `transposed` swaps the last two axes of an input.
    MatrixProduct {
        transposed: [bool; 2],
    },
    Function(Function),
    /// An ONNX operator of broadcast inputs.
    Broadcast(&'static str),
    SquaredDifference,
    /// The second input is the slope per channel.
    PRelu,
    /// Along the last axis, of the input times `scale`.
    Softmax {
        scale: f32,
    },
    LogSoftmax,
    /// Divides by the Euclidean norm of the last axis.
    L2Normalization,
    /// The second input is the axes.
    Reduce {
        op: Reduction,
        keep_axes: bool,
    },
    /// The second input is the shape, unless it is given.
    Reshape {
        shape: Option<Vec<i64>>,
    },
    /// All axes of length 1 must be given.
    Squeeze {
        axes: Vec<i64>,
    },
    /// The second input is the axis.
    ExpandDims,
    /// The second input is the order of the axes.
    Transpose,
    Concatenate {
        axis: i64,
    },
    /// The second input is the padding [[before, after], …] per axis, the optional third the value.
    Pad {
        reflect: bool,
    },
    /// Further inputs: begin and size per axis.
    Slice,
    /// Further inputs: begin, end and step per axis.
    StridedSlice(StridedSlice),
    Split {
        axis: i64,
        sizes: Vec<i64>,
    },
    Pack {
        axis: i64,
    },
    Unpack {
        axis: i64,
        count: usize,
    },
    /// The second input is the indices.
    Gather {
        axis: i64,
    },
    Shape,
    /// The second input is the number of copies per axis.
    Tile,
    /// The second input is the axes.
    Reverse,
    /// Blocks of pixels become channels.
    SpaceToDepth {
        block: i64,
    },
    DepthToSpace {
        block: i64,
    },
    CastToFloat,
    CastToInteger,
    /// The second input is height and width.
    Resize(Sampling),
}

/// The stride of a window, height first, and whether the input is padded so that the stride alone sets the output's size.
#[derive(Clone, Copy, Debug)]
pub(in crate::import) struct Window {
    pub strides: [i64; 2],
    pub same: bool,
}

/// The order of the axes of filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Filters {
    /// [out, height, width, in / group], as TensorFlow Lite stores them.
    OutFirst,
    /// [1, height, width, out], each filter for one input channel, as TensorFlow Lite stores them.
    DepthwiseLast,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::import) enum Reduction {
    Mean,
    Sum,
    Max,
    Min,
    Product,
}

/// The bit of an axis says that begin or end is ignored, or that the axis is removed after its first index is taken.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::import) struct StridedSlice {
    pub ignored_begins: u32,
    pub ignored_ends: u32,
    pub removed: u32,
}
