//! The attributes of a node, as plain values.

use super::Tensor;
use crate::onnx::pb::{attribute_proto::AttributeType, AttributeProto};
use std::collections::BTreeMap;
use std::sync::Arc;

/// One attribute of a node. NaN equals NaN, so that passes that run until no attribute changes terminate.
#[derive(Clone, Debug)]
pub enum Attribute {
    Int(i64),
    Float(f32),
    String(Vec<u8>),
    Ints(Vec<i64>),
    Floats(Vec<f32>),
    Strings(Vec<Vec<u8>>),
    Tensor(Arc<super::Tensor>),
}

/// The attributes of a node by name, sorted, so that their order in the file has no effect.
pub type Attributes = BTreeMap<String, Attribute>;

/// Attributes with these names.
pub fn attributes<const N: usize>(named: [(&str, Attribute); N]) -> Attributes {
    named.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

impl PartialEq for Attribute {
    fn eq(&self, other: &Attribute) -> bool {
        use Attribute::*;
        let same = |a: &f32, b: &f32| a == b || a.is_nan() && b.is_nan();
        match (self, other) {
            (Int(a), Int(b)) => a == b,
            (Float(a), Float(b)) => same(a, b),
            (String(a), String(b)) => a == b,
            (Ints(a), Ints(b)) => a == b,
            (Floats(a), Floats(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
            (Strings(a), Strings(b)) => a == b,
            (Tensor(a), Tensor(b)) => a == b,
            _ => false,
        }
    }
}

impl Attribute {
    /// Reads an attribute; errors are (expected, found).
    pub fn from_proto(proto: AttributeProto) -> Result<Attribute, (String, String)> {
        // Files older than IR version 3 omit the type: it is that of the field with a value.
        let kind = match AttributeType::try_from(proto.r#type) {
            Ok(AttributeType::Undefined) | Err(_) => untyped(&proto),
            Ok(kind) => kind,
        };
        Ok(match kind {
            AttributeType::Int => Attribute::Int(proto.i),
            AttributeType::Float => Attribute::Float(proto.f),
            AttributeType::String => Attribute::String(proto.s),
            AttributeType::Ints => Attribute::Ints(proto.ints),
            AttributeType::Floats => Attribute::Floats(proto.floats),
            AttributeType::Strings => Attribute::Strings(proto.strings),
            AttributeType::Tensor => Attribute::Tensor(Arc::new(Tensor::from_proto(proto.t.unwrap_or_default())?)),
            other => {
                let found = format!("attribute '{}' of type {other:?}", proto.name);
                return Err(("numbers, texts or a tensor in its attributes".to_string(), found));
            }
        })
    }

    /// The attribute as stored in a file.
    pub fn to_proto(&self, name: &str) -> AttributeProto {
        let blank = AttributeProto { name: name.to_string(), ..AttributeProto::default() };
        let (kind, proto) = match self {
            Attribute::Int(v) => (AttributeType::Int, AttributeProto { i: *v, ..blank }),
            Attribute::Float(v) => (AttributeType::Float, AttributeProto { f: *v, ..blank }),
            Attribute::String(v) => (AttributeType::String, AttributeProto { s: v.clone(), ..blank }),
            Attribute::Ints(v) => (AttributeType::Ints, AttributeProto { ints: v.clone(), ..blank }),
            Attribute::Floats(v) => (AttributeType::Floats, AttributeProto { floats: v.clone(), ..blank }),
            Attribute::Strings(v) => (AttributeType::Strings, AttributeProto { strings: v.clone(), ..blank }),
            Attribute::Tensor(v) => (AttributeType::Tensor, AttributeProto { t: Some(v.to_proto("")), ..blank }),
        };
        AttributeProto { r#type: kind as i32, ..proto }
    }
}

fn untyped(proto: &AttributeProto) -> AttributeType {
    match proto {
        _ if proto.t.is_some() => AttributeType::Tensor,
        _ if proto.g.is_some() => AttributeType::Graph,
        _ if !proto.s.is_empty() => AttributeType::String,
        _ if !proto.ints.is_empty() => AttributeType::Ints,
        _ if !proto.floats.is_empty() => AttributeType::Floats,
        _ if !proto.strings.is_empty() => AttributeType::Strings,
        _ if proto.f != 0.0 => AttributeType::Float,
        _ => AttributeType::Int,
    }
}
