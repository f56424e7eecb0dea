//! The protobuf messages of `onnx.proto`.
//!
//! As declared by tract; repeated here, so that the wasm module does not include tract's ONNX reader.

use prost::bytes::Bytes;
use prost::Message;

/// Declares messages: number, protobuf type, name and Rust type of each field.
macro_rules! messages {
    ($($message:ident { $($tag:literal ($($kind:tt)+) $field:ident: $type:ty,)+ })+) => {
        $(
            #[derive(Clone, PartialEq, Message)]
            pub struct $message {
                $(
                    #[prost($($kind)+, tag = $tag)]
                    pub $field: $type,
                )+
            }
        )+
    };
}

messages! {
    AttributeProto {
        "1" (string) name: String,
        "21" (string) ref_attr_name: String,
        "13" (string) doc_string: String,
        "20" (enumeration = "attribute_proto::AttributeType") r#type: i32,
        "2" (float) f: f32,
        "3" (int64) i: i64,
        "4" (bytes = "vec") s: Vec<u8>,
        "5" (message, optional) t: Option<TensorProto>,
        "6" (message, optional) g: Option<GraphProto>,
        "22" (message, optional) sparse_tensor: Option<SparseTensorProto>,
        "7" (float, repeated) floats: Vec<f32>,
        "8" (int64, repeated) ints: Vec<i64>,
        "9" (bytes = "vec", repeated) strings: Vec<Vec<u8>>,
        "10" (message, repeated) tensors: Vec<TensorProto>,
        "11" (message, repeated) graphs: Vec<GraphProto>,
        "23" (message, repeated) sparse_tensors: Vec<SparseTensorProto>,
        "15" (message, repeated) type_protos: Vec<TypeProto>,
    }

    ValueInfoProto {
        "1" (string) name: String,
        "2" (message, optional) r#type: Option<TypeProto>,
        "3" (string) doc_string: String,
    }

    NodeProto {
        "1" (string, repeated) input: Vec<String>,
        "2" (string, repeated) output: Vec<String>,
        "3" (string) name: String,
        "4" (string) op_type: String,
        "7" (string) domain: String,
        "5" (message, repeated) attribute: Vec<AttributeProto>,
        "6" (string) doc_string: String,
    }

    ModelProto {
        "1" (int64) ir_version: i64,
        "8" (message, repeated) opset_import: Vec<OperatorSetIdProto>,
        "2" (string) producer_name: String,
        "3" (string) producer_version: String,
        "4" (string) domain: String,
        "5" (int64) model_version: i64,
        "6" (string) doc_string: String,
        "7" (message, optional) graph: Option<GraphProto>,
        "14" (message, repeated) metadata_props: Vec<StringStringEntryProto>,
        "20" (message, repeated) training_info: Vec<TrainingInfoProto>,
        "25" (message, repeated) functions: Vec<FunctionProto>,
    }

    StringStringEntryProto {
        "1" (string) key: String,
        "2" (string) value: String,
    }

    TensorAnnotation {
        "1" (string, optional) tensor_name: Option<String>,
        "2" (message, repeated) quant_parameter_tensor_names: Vec<StringStringEntryProto>,
    }

    GraphProto {
        "1" (message, repeated) node: Vec<NodeProto>,
        "2" (string) name: String,
        "5" (message, repeated) initializer: Vec<TensorProto>,
        "15" (message, repeated) sparse_initializer: Vec<SparseTensorProto>,
        "10" (string) doc_string: String,
        "11" (message, repeated) input: Vec<ValueInfoProto>,
        "12" (message, repeated) output: Vec<ValueInfoProto>,
        "13" (message, repeated) value_info: Vec<ValueInfoProto>,
        "14" (message, repeated) quantization_annotation: Vec<TensorAnnotation>,
    }

    TrainingInfoProto {
        "1" (message, optional) initialization: Option<GraphProto>,
        "2" (message, optional) algorithm: Option<GraphProto>,
        "3" (message, repeated) initialization_binding: Vec<StringStringEntryProto>,
        "4" (message, repeated) update_binding: Vec<StringStringEntryProto>,
    }

    TensorProto {
        "1" (int64, repeated) dims: Vec<i64>,
        "2" (enumeration = "tensor_proto::DataType") data_type: i32,
        "3" (message, optional) segment: Option<tensor_proto::Segment>,
        "4" (float, repeated) float_data: Vec<f32>,
        "5" (int32, repeated) int32_data: Vec<i32>,
        "6" (bytes = "vec", repeated) string_data: Vec<Vec<u8>>,
        "7" (int64, repeated) int64_data: Vec<i64>,
        "8" (string) name: String,
        "12" (string) doc_string: String,
        "9" (bytes = "bytes") raw_data: Bytes,
        "10" (double, repeated) double_data: Vec<f64>,
        "11" (uint64, repeated) uint64_data: Vec<u64>,
        "14" (enumeration = "tensor_proto::DataLocation", optional) data_location: Option<i32>,
        "13" (message, repeated) external_data: Vec<StringStringEntryProto>,
    }

    SparseTensorProto {
        "1" (message, optional) values: Option<TensorProto>,
        "2" (message, optional) indices: Option<TensorProto>,
        "3" (int64, repeated) dims: Vec<i64>,
    }

    TensorShapeProto {
        "1" (message, repeated) dim: Vec<tensor_shape_proto::Dimension>,
    }

    OperatorSetIdProto {
        "1" (string) domain: String,
        "2" (int64) version: i64,
    }

    FunctionProto {
        "1" (string, optional) name: Option<String>,
        "4" (string, repeated) input: Vec<String>,
        "5" (string, repeated) output: Vec<String>,
        "6" (string, repeated) attribute: Vec<String>,
        "7" (message, repeated) node: Vec<NodeProto>,
        "8" (string, optional) doc_string: Option<String>,
        "9" (message, repeated) opset_import: Vec<OperatorSetIdProto>,
        "10" (string, optional) domain: Option<String>,
    }
}

impl ValueInfoProto {
    /// The attribute's tensor.
    pub fn tensor(&self) -> Option<&type_proto::Tensor> {
        let type_proto::Value::TensorType(tensor) = self.r#type.as_ref()?.value.as_ref()?;
        Some(tensor)
    }
}

impl NodeProto {
    /// The attribute with this name.
    pub fn named(&self, name: &str) -> Option<&AttributeProto> {
        self.attribute.iter().find(|a| a.name == name)
    }
}

pub mod attribute_proto {
    use prost::Enumeration;

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
    #[repr(i32)]
    pub enum AttributeType {
        Undefined = 0,
        Float = 1,
        Int = 2,
        String = 3,
        Tensor = 4,
        Graph = 5,
        SparseTensor = 11,
        TypeProto = 13,
        Floats = 6,
        Ints = 7,
        Strings = 8,
        Tensors = 9,
        Graphs = 10,
        SparseTensors = 12,
        TypeProtos = 14,
    }
}

pub mod tensor_proto {
    use prost::{Enumeration, Message};

    messages! {
        Segment {
            "1" (int64) begin: i64,
            "2" (int64) end: i64,
        }
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
    #[repr(i32)]
    pub enum DataType {
        Undefined = 0,
        Float = 1,
        Uint8 = 2,
        Int8 = 3,
        Uint16 = 4,
        Int16 = 5,
        Int32 = 6,
        Int64 = 7,
        String = 8,
        Bool = 9,
        Float16 = 10,
        Double = 11,
        Uint32 = 12,
        Uint64 = 13,
        Complex64 = 14,
        Complex128 = 15,
        Bfloat16 = 16,
        Float8e4m3fn = 17,
        Float8e4m3fnuz = 18,
        Float8e5m2 = 19,
        Float8e5m2fnuz = 20,
        Uint4 = 21,
        Int4 = 22,
        Float4e2m1 = 23,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Enumeration)]
    #[repr(i32)]
    pub enum DataLocation {
        Default = 0,
        External = 1,
    }
}

pub mod tensor_shape_proto {
    use prost::Message;

    #[derive(Clone, PartialEq, Message)]
    pub struct Dimension {
        #[prost(string, tag = "3")]
        pub denotation: String,
        #[prost(oneof = "dimension::Value", tags = "1, 2")]
        pub value: Option<dimension::Value>,
    }

    pub mod dimension {
        use prost::Oneof;

        #[derive(Clone, PartialEq, Oneof)]
        pub enum Value {
            #[prost(int64, tag = "1")]
            DimValue(i64),
            #[prost(string, tag = "2")]
            DimParam(String),
        }
    }
}

#[derive(Clone, PartialEq, Message)]
pub struct TypeProto {
    #[prost(string, tag = "6")]
    pub denotation: String,
    #[prost(oneof = "type_proto::Value", tags = "1")]
    pub value: Option<type_proto::Value>,
}

pub mod type_proto {
    use prost::{Message, Oneof};

    messages! {
        Tensor {
            "1" (enumeration = "super::tensor_proto::DataType") elem_type: i32,
            "2" (message, optional) shape: Option<super::TensorShapeProto>,
        }
    }

    #[derive(Clone, PartialEq, Oneof)]
    pub enum Value {
        #[prost(message, tag = "1")]
        TensorType(Tensor),
    }
}
