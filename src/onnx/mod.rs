//! Reads, edits and writes ONNX files.

mod attribute;
mod cost;
mod from_proto;
mod graph;
mod inline_functions;
mod linear_layer;
pub mod pb;
mod size_scan;
pub mod sniff;
mod tensor;
mod to_proto;
mod weight_format;

pub use attribute::{attributes, Attribute, Attributes};
pub use cost::{multiply_adds, parameters};
pub use from_proto::{decode, to_graph};
pub(crate) use from_proto::{malformed, standard, unsupported};
pub use graph::{Graph, Node, TypeAndShape, Value, ValueId, ValueKind};
pub use linear_layer::LinearLayer;
pub use pb::{tensor_proto::DataType, ModelProto};
pub use prost::bytes::Bytes;
pub(crate) use tensor::check as check_tensor;
pub use tensor::{is_float, width, Tensor};
pub use to_proto::{encode, to_proto};
pub use weight_format::{dequantize, dequantized, rescaled, Weights};

/// The operator set of graphs in memory and in written files.
///
/// 17 is the newest one that every common runtime has supported for years; files with other versions are converted
/// (`canonical::opset`).
pub const OPSET: i64 = 17;
