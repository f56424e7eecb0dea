//! ONNX files as graphs of values that can be read, edited and written.

mod attribute;
mod cost;
mod entries;
pub mod format;
mod functions;
mod graph;
pub mod pb;
mod read;
mod stored;
mod tensor;
mod write;

pub use attribute::{Attribute, Attributes};
pub use cost::{multiply_adds, parameters};
pub use graph::{Fact, Graph, Node, Source, Value, ValueId};
pub use pb::{tensor_proto::DataType, ModelProto};
pub use prost::bytes::Bytes;
pub(crate) use read::malformed;
pub use read::{decode, to_graph};
pub use stored::{dequantize, dequantized, Weights};
pub(crate) use tensor::check as check_tensor;
pub use tensor::{is_float, width, Tensor};
pub use write::{encode, to_proto};

/// The operator set in which graphs are held and written.
///
/// 17 is the newest one that every common runtime has carried for years; newer files are
/// brought to it (`canonical::opset`).
pub const OPSET: i64 = 17;
