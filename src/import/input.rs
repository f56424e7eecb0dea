//! Finds and checks the image input of a classifier.

use super::WithProvenance;
use crate::error::{ErrorKind, Result};
use crate::image::preprocess::{Preprocessing, TensorLayout};
use crate::onnx::{unsupported, DataType, Graph};

/// Sets an open width and height to this size; returns the shape as stored in the file.
pub(super) fn fix(graph: &mut Graph, [width, height]: [u32; 2]) -> Result<Vec<Option<usize>>> {
    let [input] = graph.inputs[..] else { return Err(several(graph)) };
    let value = &mut graph.values[input];
    let shape = value.fact.shape.clone().unwrap_or_default();
    let place = format!("input '{}'", value.name);
    if value.fact.dtype != Some(DataType::Float) {
        let (expected, found) = ("an image as 32-bit floats", type_name(value.fact.dtype));
        return Err(unsupported(&graph.name, place, expected, found, "export the model with a float input"));
    }
    let Some(layout) = layout(&shape) else {
        let sides: Vec<_> = shape.iter().map(|d| d.map_or("?".to_string(), |d| d.to_string())).collect();
        let found = format!("[{}]", sides.join(", "));
        let expected = "an image [N, 3, height, width] or [N, height, width, 3]";
        return Err(unsupported(&graph.name, place, expected, found, "give a classifier of colour images"));
    };
    let open = match layout {
        TensorLayout::Nchw => [2, 3],
        TensorLayout::Nhwc => [1, 2],
    };
    let wanted = [height as usize, width as usize];
    if let Some(dims) = &mut value.fact.shape {
        for (axis, wanted) in open.into_iter().zip(wanted) {
            dims[axis] = Some(dims[axis].unwrap_or(wanted));
        }
    }
    Ok(shape)
}

/// An element type in plain words.
fn type_name(dtype: Option<DataType>) -> &'static str {
    match dtype {
        None | Some(DataType::Undefined) => "no stated type",
        Some(DataType::Uint8 | DataType::Int8) => "8-bit integers",
        Some(DataType::Uint16 | DataType::Int16) => "16-bit integers",
        Some(DataType::Uint32 | DataType::Int32) => "32-bit integers",
        Some(DataType::Uint64 | DataType::Int64) => "64-bit integers",
        Some(DataType::Float16 | DataType::Bfloat16) => "16-bit floats",
        Some(DataType::Double) => "64-bit floats",
        Some(DataType::Bool) => "booleans",
        Some(DataType::String) => "texts",
        Some(_) => "numbers of another type",
    }
}

/// The axis of the three channels; NCHW if several fit.
pub(super) fn layout(shape: &[Option<usize>]) -> Option<TensorLayout> {
    match shape {
        [_, Some(3), _, _] => Some(TensorLayout::Nchw),
        [_, _, _, Some(3)] => Some(TensorLayout::Nhwc),
        _ => None,
    }
}

/// Checks that the preprocessing matches the graph's input.
///
/// # Errors
/// `preprocessing` with the field that differs.
pub(super) fn check(graph: &Graph, preprocessing: &WithProvenance<Preprocessing>) -> Result<()> {
    let shape = graph.inputs.first().and_then(|&v| graph.shape(v)).unwrap_or_default();
    let given = preprocessing.value.shape();
    if shape.iter().zip(given).skip(1).all(|(&a, b)| a == Some(b)) && shape.len() == 4 {
        return Ok(());
    }
    let sizes = |dims: &[usize]| dims.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ");
    let wanted: Vec<usize> = shape.iter().skip(1).map(|d| d.unwrap_or(0)).collect();
    let expected = format!("{} for model '{}'", sizes(&wanted), graph.name);
    let found = format!("{} from {}", sizes(&given[1..]), preprocessing.from);
    Err(ErrorKind::Preprocessing { field: "width, height and layout", expected, found }.into())
}

/// Keras 3 writes normalisation constants as inputs without values. A model with two image inputs is unsupported, too.
fn several(graph: &Graph) -> crate::Error {
    let names: Vec<_> = graph.inputs.iter().map(|&v| format!("'{}'", graph.values[v].name)).collect();
    let found = match names.as_slice() {
        [] => "none".to_string(),
        [image, others @ ..] => format!("{image} and {} without values", others.join(", ")),
    };
    let remedy = "the export is broken or takes more than an image; with Keras, convert the saved model with python -m tf2onnx.convert";
    unsupported(&graph.name, "the graph's inputs", "one input, the image", found, remedy)
}
