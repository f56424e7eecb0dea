//! Infers shapes and constants of a graph's values with tract.

use crate::error::Result;
use crate::onnx::{DataType, ModelProto, Tensor, TypeAndShape};
use std::collections::HashMap;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid;
use tract_onnx::tract_hir::internal::DimLike;

/// The types, shapes and constants of a graph's values that are known before it runs, by value name.
#[derive(Debug, Default)]
pub struct Facts {
    pub facts: HashMap<String, TypeAndShape>,
    /// Values that nodes compute from constants alone.
    pub constants: HashMap<String, Tensor>,
}

/// Infers element types, shapes and constant values. Those that tract cannot infer stay unknown.
///
/// # Errors
/// `engine` if the graph contradicts itself; `malformed-model` and `limit` for graphs that are unsafe to analyse.
pub fn facts(name: &str, proto: &ModelProto) -> Result<Facts> {
    super::validate::check(name, proto)?;
    super::guarded(name, "inferring shapes", || infer(name, proto))
}

fn infer(name: &str, proto: &ModelProto) -> Result<Facts> {
    let framework = tract_onnx::onnx().with_ignore_value_info(true).with_ignore_output_shapes(true);
    let parsed = super::tract_plan::theirs(proto).and_then(|proto| framework.parse(&proto, None));
    let parsed = parsed.map_err(|e| super::error(name, "parsing", e))?;
    let mut model = parsed.model;
    model.analyse(true).map_err(|e| super::error(name, "inferring shapes", e))?;
    super::tract_plan::small(name, &model)?;
    let given: std::collections::HashSet<&str> =
        proto.graph.iter().flat_map(|g| &g.initializer).map(|t| t.name.as_str()).collect();
    let mut result = Facts::default();
    for (value, outlet) in parsed.outlets_by_name {
        let Ok(fact) = model.outlet_fact(outlet) else { continue };
        let shape = fact
            .shape
            .rank()
            .concretize()
            .map(|_| fact.shape.dims().map(|d| d.concretize().and_then(|d| d.to_usize().ok())).collect::<Vec<_>>());
        let dtype = fact.datum_type.concretize().and_then(data_type);
        if !given.contains(value.as_str()) {
            if let Some(tensor) = fact.value.concretize().and_then(|t| constant(&t)) {
                result.constants.insert(value.clone(), tensor);
            }
        }
        result.facts.insert(value, TypeAndShape { dtype, shape });
    }
    Ok(result)
}

fn data_type(datum: DatumType) -> Option<DataType> {
    Some(match datum {
        DatumType::F32 => DataType::Float,
        DatumType::F16 => DataType::Float16,
        DatumType::F64 => DataType::Double,
        DatumType::I64 | DatumType::TDim => DataType::Int64,
        DatumType::I32 => DataType::Int32,
        DatumType::I8 => DataType::Int8,
        DatumType::U8 => DataType::Uint8,
        DatumType::Bool => DataType::Bool,
        _ => return None,
    })
}

/// Converts a constant of tract; `None` for symbolic dimensions and rare types.
fn constant(tensor: &tract_onnx::prelude::Tensor) -> Option<Tensor> {
    let dtype = data_type(tensor.datum_type())?;
    let tensor = match tensor.datum_type() {
        DatumType::TDim => tensor.cast_to::<i64>().ok()?,
        _ => std::borrow::Cow::Borrowed(tensor),
    };
    let plain = tensor.try_as_plain_ram().ok()?;
    Some(Tensor { dims: tensor.shape().to_vec(), dtype, bytes: plain.as_bytes().to_vec().into() })
}
