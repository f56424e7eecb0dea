//! Converts a file's graph.

use super::input_range;
use super::operators;
use super::tensors::Tensors;
use crate::error::Result;
use crate::import::partial_preprocessing::Partial;
use crate::import::tensorflow::{Builder, Operand};
use crate::limits;
use crate::onnx::{malformed, Graph};
use tract_tflite::tflite::{Model, Operator};

/// The graph with an input [N, H, W, C] of floats, and the range of the input that its integers imply.
pub(super) fn convert(model: &str, file: &Model) -> Result<(Graph, Option<Partial>)> {
    let stored = super::file::main_graph(model, file)?;
    let tensors = Tensors::new(model, *file, &stored)?;
    let mut builder = Builder::new(model);
    let mut values: Vec<Option<Operand>> = vec![None; tensors.len()];
    let inputs: Vec<usize> = stored.inputs().map(|list| list.iter().map(|i| i as usize).collect()).unwrap_or_default();
    for &index in &inputs {
        let tensor = tensors.get(index).ok_or_else(|| malformed(model, "the inputs", "a tensor", index))?;
        let shape = tensors.shape(index);
        let signature = tensor.shape_signature().filter(|open| open.len() == shape.len());
        let open = |axis: usize| signature.is_some_and(|signature| signature.get(axis) < 0);
        let dims = shape.iter().enumerate().map(|(axis, &d)| usize::try_from(d).ok().filter(|_| !open(axis)));
        let value = builder.input(&tensors.name(index), dims.collect());
        values[index] = Some(Operand::as_stored(value, shape.len()));
    }
    let range = match inputs.as_slice() {
        &[image] => input_range::implied(&tensors, image)?,
        _ => None,
    };
    let list: Vec<Operator> = stored.operators().map(|list| list.iter().collect()).unwrap_or_default();
    builder.within("operators", limits::NODES, list.len())?;
    for operator in &list {
        add(&mut builder, file, &tensors, &mut values, operator)?;
    }
    let outputs: Vec<i32> = stored.outputs().map(|list| list.iter().collect()).unwrap_or_default();
    let mut found = Vec::new();
    for index in outputs {
        let value = operand(&tensors, &values, index)?;
        found.push(builder.as_stored(&value)?);
    }
    if found.is_empty() {
        return Err(malformed(model, "the graph", "an output", "none"));
    }
    let mut graph = std::mem::take(&mut builder.graph);
    graph.outputs = found;
    Ok((graph, range))
}

fn add(
    builder: &mut Builder,
    file: &Model,
    tensors: &Tensors,
    values: &mut [Option<Operand>],
    operator: &Operator,
) -> Result<()> {
    let outputs: Vec<usize> = operator.outputs().map(|o| o.iter().map(|i| i as usize).collect()).unwrap_or_default();
    builder.name = outputs.first().map(|&output| tensors.name(output)).unwrap_or_default();
    builder.kind = operators::kind(builder, file, operator)?;
    let mut indices: Vec<i32> = operator.inputs().map(|list| list.iter().collect()).unwrap_or_default();
    // −1 is an input that is left out: only the last ones can be, such as a bias.
    while indices.last() == Some(&-1) {
        indices.pop();
    }
    let inputs = indices.iter().map(|&index| operand(tensors, values, index)).collect::<Result<Vec<_>>>()?;
    let shapes = operators::Shapes {
        inputs: indices.iter().map(|&index| tensors.shape(index as usize)).collect(),
        outputs: outputs.iter().map(|&output| tensors.shape(output)).collect(),
        output_type: outputs.first().and_then(|&output| tensors.get(output)).map(|tensor| tensor.type_()),
    };
    let call = operators::convert(builder, file, operator, inputs, &shapes)?;
    let mut results = builder.apply(&call.operator, &call.inputs)?;
    if let Some(function) = call.fused {
        for result in &mut results {
            let fused = crate::import::tensorflow::Operator::Function(function);
            *result = builder.apply(&fused, std::slice::from_ref(result))?.remove(0);
        }
    }
    if results.len() != outputs.len() {
        return Err(builder.malformed(format!("{} outputs", results.len()), outputs.len()));
    }
    for (output, result) in outputs.into_iter().zip(results) {
        let place = values.get_mut(output);
        *place.ok_or_else(|| builder.malformed("an output among the tensors", output))? = Some(result);
    }
    Ok(())
}

/// A tensor that is computed by an earlier operator, or a constant.
fn operand(tensors: &Tensors, values: &[Option<Operand>], index: i32) -> Result<Operand> {
    let place = usize::try_from(index).unwrap_or(usize::MAX);
    if let Some(Some(known)) = values.get(place) {
        return Ok(known.clone());
    }
    match tensors.constant(place)? {
        Some(constant) => Ok(Operand::Constant(constant)),
        None => Err(tensors.malformed(place, "a value computed before it is read", "none")),
    }
}
