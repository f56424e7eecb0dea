//! How many inputs operators cannot do without.

/// The first inputs that a node of a standard operator needs (ONNX operator sets 7 to 21); what newer sets want as an input
/// and older ones as an attribute is not counted.
pub(super) fn required(op: &str) -> usize {
    match op {
        "Constant" | "If" | "Loop" | "RandomNormal" | "RandomUniform" => 0,
        "Add" | "And" | "BitShift" | "CastLike" | "CenterCropPad" | "Conv" | "ConvInteger" | "ConvTranspose"
        | "CumSum" | "DequantizeLinear" | "Div" | "Equal" | "Expand" | "Gather" | "GatherElements" | "GatherND"
        | "Gemm" | "Greater" | "GreaterOrEqual" | "GridSample" | "LayerNormalization" | "Less" | "LessOrEqual"
        | "MatMul" | "MatMulInteger" | "MaxUnpool" | "Mod" | "Mul" | "Or" | "PRelu" | "Pow" | "QuantizeLinear"
        | "Sub" | "Tile" | "Xor" => 2,
        "GRU"
        | "GroupNormalization"
        | "InstanceNormalization"
        | "LSTM"
        | "OneHot"
        | "RNN"
        | "Range"
        | "ScatterElements"
        | "ScatterND"
        | "Where" => 3,
        "BatchNormalization" => 5,
        "QLinearConv" | "QLinearMatMul" => 8,
        _ => 1,
    }
}
