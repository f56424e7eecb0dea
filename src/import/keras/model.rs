//! Converts the layers of a model in topological order.

use super::builder::{Builder, LayerOutput, NHWC};
use super::topology::{Argument, Call, Layer, NestedModel, OutputRef};
use super::weights::Weights;
use super::Place;
use super::{layer, normalization};
use crate::error::Result;
use crate::limits;
use crate::onnx::Graph;
use serde_json::Value;
use std::collections::HashMap;

/// The activation that the versions of Keras call hard_sigmoid: clip(slope · x + 0.5, 0, 1).
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum HardSigmoid {
    /// Keras 1 and 2, and TensorFlow.js: 0.2.
    Keras2,
    /// Keras 3: 1/6.
    Keras3,
}

impl HardSigmoid {
    /// That of a version such as `3.15.1`; tf_keras goes on with the numbers of TensorFlow, and with Keras 2.
    pub(super) fn of_version(version: &str) -> HardSigmoid {
        match version.split('.').next() {
            Some("3") => HardSigmoid::Keras3,
            _ => HardSigmoid::Keras2,
        }
    }

    pub(super) fn slope(self) -> f32 {
        match self {
            HardSigmoid::Keras2 => 0.2,
            HardSigmoid::Keras3 => 1.0 / 6.0,
        }
    }
}

/// Converts a model to a graph of operator set [`OPSET`](crate::onnx::OPSET).
pub(super) fn convert(model: &str, root: &Layer, weights: &Weights, hard_sigmoid: HardSigmoid) -> Result<Graph> {
    let at = Place { model, layer: "" };
    let Some(inner) = &root.inner else { return Err(at.malformed("a Sequential or functional model", &root.class)) };
    let mut builder = Builder::new(model, weights, hard_sigmoid);
    let image = builder.image(at, first_shape(inner).ok_or_else(|| at.malformed("the shape of the input", "none"))?)?;
    let end = run(&mut builder, root, inner, image)?;
    let output = match end.map {
        true => builder.transpose("output", end.value, &NHWC)?,
        false => end.value,
    };
    let mut graph = std::mem::take(&mut builder.graph);
    graph.outputs = vec![output];
    Ok(graph)
}

/// The input shape of the first layer, batch first.
fn first_shape(inner: &NestedModel) -> Option<&Value> {
    let first = match &inner.ends {
        Some((input, _)) => inner.layers.iter().find(|l| l.name == input.layer),
        None => inner.layers.first(),
    }?;
    let own = first.config.get("batch_input_shape").or_else(|| first.config.get("batch_shape"));
    own.or_else(|| first.inner.as_ref().and_then(first_shape))
}

/// Adds the layers of a model, from its input to its output.
fn run(builder: &mut Builder, model: &Layer, inner: &NestedModel, input: LayerOutput) -> Result<LayerOutput> {
    let at = Place { model: builder.model, layer: &model.name };
    // Calls may come in any order, so that each layer is visited several times.
    builder.within("layers", limits::LAYERS, inner.layers.len())?;
    let Some((start, end)) = &inner.ends else {
        let alone = Value::Null;
        return inner.layers.iter().try_fold(input, |flow, layer| apply(builder, layer, &alone, &[flow]));
    };
    let mut known = HashMap::from([(start.clone(), input)]);
    loop {
        let before = known.len();
        for layer in &inner.layers {
            for (number, call) in layer.calls.iter().enumerate() {
                let own = OutputRef { layer: layer.name.clone(), call: number };
                if known.contains_key(&own) {
                    continue;
                }
                if let Some(inputs) = inputs(builder, layer, call, &known) {
                    let flow = apply(builder, layer, &call.settings, &inputs)?;
                    known.insert(own, flow);
                }
            }
        }
        if let Some(&flow) = known.get(end) {
            return Ok(flow);
        }
        if known.len() == before {
            let found = "it nowhere, or in a circle";
            return Err(at.malformed(format!("the layer '{}' behind the input", end.layer), found));
        }
    }
}

/// The inputs of a call; `None` if one is not computed yet. Constants are of the kind of the first computed one.
fn inputs(
    builder: &mut Builder,
    layer: &Layer,
    call: &Call,
    known: &HashMap<OutputRef, LayerOutput>,
) -> Option<Vec<LayerOutput>> {
    let computed = call.inputs.iter().map(|argument| match argument {
        Argument::Output(output) => known.get(output).map(|&flow| Some(flow)),
        Argument::Constant(_) => Some(None),
    });
    let computed = computed.collect::<Option<Vec<_>>>()?;
    let map = computed.iter().flatten().next().is_some_and(|flow| flow.map);
    let at = Place { model: builder.model, layer: &layer.name };
    let inputs = call.inputs.iter().zip(computed).map(|(argument, flow)| match (argument, flow) {
        (Argument::Constant(numbers), _) => Some(normalization::constant(builder, at, "constant", numbers, map)),
        (Argument::Output(_), flow) => flow,
    });
    inputs.collect()
}

fn apply(builder: &mut Builder, layer: &Layer, settings: &Value, inputs: &[LayerOutput]) -> Result<LayerOutput> {
    let at = Place { model: builder.model, layer: &layer.name };
    builder.count_application()?;
    match (&layer.inner, inputs) {
        (Some(inner), [input]) => run(builder, layer, inner, *input),
        (Some(_), _) => Err(at.not_covered("a model with one input", inputs.len())),
        (None, _) => layer::apply(builder, layer, settings, inputs),
    }
}
