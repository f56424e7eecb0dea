//! Merged models with unusual weights: NaN, infinities, the largest and the smallest floats.

use crate::tiny::{change, merged, Tiny};
use polyhead::merge::MergeOptions;
use polyhead::onnx::{self, ModelProto};

/// The unusual numbers, each with its name.
pub const NUMBERS: [(&str, f32); 7] = [
    ("NaN", f32::NAN),
    ("infinity", f32::INFINITY),
    ("minus infinity", f32::NEG_INFINITY),
    ("the largest number", f32::MAX),
    ("its negative", f32::MIN),
    ("the smallest denormal", 1e-45),
    ("minus zero", -0.0),
];

/// Files of a merged model with the labels a to e, in which the weights of one layer begin with an unusual number, or
/// contain nothing else.
pub fn models() -> Vec<(String, Vec<u8>)> {
    let proto =
        merged(&[&Tiny::new("one", &["a", "b"]), &Tiny::new("two", &["c", "d", "e"])], &MergeOptions::default());
    let proto = proto.unwrap().proto;
    let mut models = Vec::new();
    for (place, tensor) in floats(&proto) {
        for (name, number) in NUMBERS {
            for count in [1, tensor] {
                let mut odd = proto.clone();
                let bytes = &mut odd.graph.as_mut().unwrap().initializer[place].raw_data;
                change(bytes, |bytes| {
                    bytes.chunks_exact_mut(4).take(count).for_each(|b| b.copy_from_slice(&number.to_le_bytes()));
                });
                models.push((format!("{count} × {name} in tensor {place}"), onnx::encode(&odd)));
            }
        }
    }
    models
}

/// The positions of the weights, and the number of values in each.
fn floats(proto: &ModelProto) -> Vec<(usize, usize)> {
    let tensors = proto.graph.iter().flat_map(|g| &g.initializer).enumerate();
    tensors
        .filter(|(_, t)| t.data_type == 1 && t.raw_data.len() > 4)
        .map(|(at, t)| (at, t.raw_data.len() / 4))
        .collect()
}
