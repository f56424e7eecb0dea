//! Edits of weights, inputs and outputs: their numbers, shapes and types.

use super::value;
use crate::random::Random;
use polyhead::onnx::pb::tensor_shape_proto::{dimension, Dimension};
use polyhead::onnx::pb::{type_proto, GraphProto, StringStringEntryProto, TensorProto, ValueInfoProto};

/// One edit of the graph's tensors, inputs or outputs.
pub fn edit(graph: &mut GraphProto, random: &mut Random) {
    match random.below(8) {
        0 => {
            let chosen = if random.once_in(3) { &mut graph.output } else { &mut graph.input };
            random.choose_mut(chosen).into_iter().for_each(|v| retype(v, random));
        }
        1 => {
            let name = value(graph, random);
            match random.below(3) {
                0 => graph.output.push(ValueInfoProto { name, ..ValueInfoProto::default() }),
                _ => random.choose_mut(&mut graph.output).into_iter().for_each(|v| v.name.clone_from(&name)),
            }
        }
        2 => {
            let made = small(random);
            graph.initializer.push(made);
        }
        3 if random.once_in(4) => graph.initializer.extend(graph.initializer.first().cloned()),
        _ => {
            let at = random.below(graph.initializer.len() + graph.node.len());
            match graph.initializer.get_mut(at) {
                Some(tensor) => change(tensor, random),
                None => {
                    let constants = graph.node.iter_mut().flat_map(|n| &mut n.attribute).filter_map(|a| a.t.as_mut());
                    random.choose_mut(&mut constants.collect::<Vec<_>>()).into_iter().for_each(|t| change(t, random));
                }
            }
        }
    }
}

/// A short constant, like shapes, axes and bounds.
fn small(random: &mut Random) -> TensorProto {
    let length = random.below(6);
    let mut made = TensorProto { dims: vec![length as i64], ..TensorProto::default() };
    made.name = format!("t{}", random.below(30));
    match random.below(3) {
        0 => {
            made.data_type = 1;
            made.float_data = (0..length).map(|_| random.float()).collect();
        }
        _ => {
            made.data_type = 7;
            made.int64_data = (0..length).map(|_| random.integer()).collect();
        }
    }
    made
}

fn change(tensor: &mut TensorProto, random: &mut Random) {
    match random.below(11) {
        0 => tensor.data_type = random.below(25) as i32,
        1 => tensor.dims.push(random.integer()),
        2 => drop(tensor.dims.pop()),
        3 => {
            let size = random.integer();
            random.choose_mut(&mut tensor.dims).into_iter().for_each(|d| *d = size);
        }
        4 => {
            let axes = tensor.dims.len();
            let (a, b) = (random.below(axes), random.below(axes));
            if axes > 0 {
                tensor.dims.swap(a, b);
            }
        }
        5 => tensor.raw_data.truncate(random.below(tensor.raw_data.len())),
        6 if random.once_in(3) => external(tensor, random),
        _ => number(tensor, random),
    }
}

/// Changes one number in each field that stores numbers.
fn number(tensor: &mut TensorProto, random: &mut Random) {
    let (whole, float) = (random.integer(), random.float());
    random.choose_mut(&mut tensor.int64_data).into_iter().for_each(|v| *v = whole);
    random.choose_mut(&mut tensor.float_data).into_iter().for_each(|v| *v = float);
    random.choose_mut(&mut tensor.int32_data).into_iter().for_each(|v| *v = whole as i32);
    let bytes = if tensor.data_type == 7 { whole.to_le_bytes().to_vec() } else { float.to_le_bytes().to_vec() };
    let places = tensor.raw_data.len() / bytes.len();
    // Sometimes all of them: weights that are all zero, infinite or the like.
    let chosen = random.below(places);
    let places = if random.once_in(8) { 0..places } else { chosen..(chosen + 1).min(places) };
    crate::tiny::change(&mut tensor.raw_data, |raw| {
        for place in raw.chunks_exact_mut(bytes.len()).take(places.end).skip(places.start) {
            place.copy_from_slice(&bytes);
        }
    });
}

/// Moves the numbers to another file.
fn external(tensor: &mut TensorProto, random: &mut Random) {
    tensor.data_location = Some(1);
    let location = if random.once_in(2) { "model.onnx.data".to_string() } else { random.text() };
    for (key, value) in [
        ("location", location),
        ("offset", random.integer().to_string()),
        ("length", (tensor.raw_data.len() as i64 + random.below(3) as i64 - 1).to_string()),
    ] {
        if !random.once_in(5) {
            tensor.external_data.push(StringStringEntryProto { key: key.into(), value });
        }
    }
    if !random.once_in(3) {
        tensor.raw_data.clear();
    }
}

fn retype(info: &mut ValueInfoProto, random: &mut Random) {
    let Some(type_proto::Value::TensorType(tensor)) = info.r#type.as_mut().and_then(|t| t.value.as_mut()) else {
        info.r#type = None;
        return;
    };
    if random.once_in(6) {
        tensor.elem_type = random.below(25) as i32;
        return;
    }
    let Some(shape) = &mut tensor.shape else { return };
    let side = match random.below(4) {
        0 => dimension::Value::DimParam(random.text()),
        _ => dimension::Value::DimValue(random.integer()),
    };
    let side = Dimension { value: Some(side), ..Dimension::default() };
    match random.below(5) {
        0 => shape.dim.push(side),
        1 => drop(shape.dim.pop()),
        2 if random.once_in(4) => tensor.shape = None,
        _ => random.choose_mut(&mut shape.dim).into_iter().for_each(|d| *d = side.clone()),
    }
}
