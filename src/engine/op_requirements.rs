//! The requirements of operators on their inputs: number, rank and element type.

/// The number of required inputs of a standard operator (ONNX operator sets 7 to 21), without those that older sets
/// have as an attribute.
pub(super) fn required(op: &str) -> usize {
    match op {
        "Constant" | "If" | "Loop" | "RandomNormal" | "RandomUniform" => 0,
        "Add" | "And" | "BitShift" | "CastLike" | "CenterCropPad" | "Conv" | "ConvInteger" | "ConvTranspose"
        | "CumSum" | "DequantizeLinear" | "Div" | "Equal" | "Expand" | "Gather" | "GatherElements" | "GatherND"
        | "Gemm" | "Greater" | "GreaterOrEqual" | "GridSample" | "LayerNormalization" | "Less" | "LessOrEqual"
        | "MatMul" | "MatMulInteger" | "MaxUnpool" | "Mod" | "Mul" | "Or" | "PRelu" | "Pow" | "QuantizeLinear"
        | "Sub" | "Tile" | "Xor" => 2,
        "GRU" | "GroupNormalization" | "LSTM" | "OneHot" | "RNN" | "Range" | "ScatterElements" | "ScatterND"
        | "Where" => 3,
        "InstanceNormalization" => 3,
        "BatchNormalization" => 5,
        "QLinearConv" | "QLinearMatMul" => 8,
        _ => 1,
    }
}

/// The minimum rank of an operator's first input, and of its second one if that is of the same kind.
pub(super) fn least_rank(op: &str, input: usize) -> usize {
    match (op, input) {
        ("MatMul" | "MatMulInteger", 0 | 1) => 1,
        ("Gemm", 0 | 1) => 2,
        (_, 1..) => 0,
        ("BatchNormalization" | "GroupNormalization" | "InstanceNormalization" | "LRN", _) => 2,
        ("GlobalAveragePool" | "GlobalMaxPool" | "GlobalLpPool", _) => 2,
        ("DepthToSpace" | "GridSample" | "SpaceToDepth", _) => 4,
        (
            "ArgMax" | "ArgMin" | "Concat" | "CumSum" | "Gather" | "GatherElements" | "GatherND" | "Hardmax"
            | "LayerNormalization" | "LogSoftmax" | "LpNormalization" | "Resize" | "ScatterElements" | "ScatterND"
            | "Slice" | "Softmax" | "Split" | "TopK" | "Upsample",
            _,
        ) => 1,
        _ => 0,
    }
}

/// Whether an input may be an empty constant. For any other input the engine would read its first number out of
/// bounds.
pub(super) fn may_be_empty(op: &str, input: usize) -> bool {
    match (op, input) {
        ("Cast" | "Concat" | "ConstantOfShape" | "Identity" | "Shape" | "Size", _) => true,
        // An empty region or empty scales count as omitted if sizes are given.
        ("Resize" | "Upsample", 1..) => true,
        ("Reshape" | "Squeeze" | "Unsqueeze", _) | ("Expand" | "Tile", 1) => true,
        (op, 1) => op.starts_with("Reduce"),
        _ => false,
    }
}
