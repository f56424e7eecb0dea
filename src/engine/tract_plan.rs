//! Runs graphs with tract's own operators.

use crate::error::Result;
use crate::onnx::{malformed, ModelProto};
use prost::Message;
use std::sync::Arc;
use tract_onnx::prelude::*;
use tract_onnx::tract_hir::infer::Factoid;

/// Prepares a plan of a parsed model.
///
/// # Errors
/// `engine` if tract cannot analyse or optimise the model; `malformed-model`, `limit` for models that are unsafe to
/// analyse.
pub(super) fn prepare(name: &str, mut model: InferenceModel, input: &[usize]) -> Result<Arc<TypedRunnableModel>> {
    super::guarded(name, "optimising", || {
        let fail = |stage| move |source: TractError| super::error(name, stage, source);
        if model.inputs.len() != 1 {
            let (expected, found) = ("one input without a value", model.inputs.len().to_string());
            return Err(malformed(name, "the graph's inputs", expected, &found));
        }
        model
            .set_input_fact(0, InferenceFact::dt_shape(f32::datum_type(), input))
            .map_err(fail("setting the input size"))?;
        model.analyse(true).map_err(fail("inferring shapes"))?;
        small(name, &model)?;
        let model = model.into_optimized().map_err(fail("optimising"))?;
        model.into_runnable().map_err(fail("planning"))
    })
}

/// Parses without using the shapes that exporters store in the file: torch's dynamo exporter stores symbols there
/// that contradict a concrete batch. The values become outputs after the model's own.
pub(super) fn parse(name: &str, proto: &ModelProto, values: &[String]) -> Result<InferenceModel> {
    let framework = tract_onnx::onnx().with_ignore_value_info(true).with_ignore_output_shapes(true);
    let read = || -> TractResult<InferenceModel> {
        if values.is_empty() {
            return framework.model_for_proto_model(&theirs(proto)?);
        }
        let mut parsed = framework.parse(&theirs(proto)?, None)?;
        for value in values {
            let outlet = parsed.outlets_by_name.get(value).copied();
            parsed.model.outputs.push(outlet.ok_or_else(|| TractError::msg(format!("no value {value}")))?);
        }
        if !parsed.unresolved_inputs.is_empty() {
            let found = format!("Could not resolve inputs at top-level: {:?}", parsed.unresolved_inputs);
            return Err(TractError::msg(found));
        }
        Ok(parsed.model)
    };
    super::guarded(name, "parsing", || read().map_err(|e| super::error(name, "parsing", e)))
}

/// Refuses a model with a value of too many numbers, as far as shapes are known.
pub(super) fn small(name: &str, model: &InferenceModel) -> Result<()> {
    for node in &model.nodes {
        for output in &node.outputs {
            let dims = output.fact.shape.dims().filter_map(|d| d.concretize()).filter_map(|d| d.to_i64().ok());
            let numbers = dims.map(|d| d.max(1) as f64).product();
            super::node_check::few(|| format!("model '{name}', node '{}'", node.name), numbers)?;
        }
    }
    Ok(())
}

/// Converts a file to tract's own protobuf types.
pub(super) fn theirs(proto: &ModelProto) -> TractResult<tract_onnx::pb::ModelProto> {
    tract_onnx::pb::ModelProto::decode(proto.encode_to_vec().as_slice()).map_err(TractError::from)
}
