//! The module's kernels compared with plain loops, and its operators with tract's own.

use crate::kernels_of_native as shared;
use polyhead::engine::Engine;
use polyhead::onnx::{decode, to_graph};
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
fn convolutions_agree_with_plain_loops() {
    for panels in [2, 1] {
        polyhead::kernels::set_panels(panels);
        shared::convolutions_agree_with_plain_loops();
    }
}

#[wasm_bindgen_test]
fn maps_and_vectors_agree_with_plain_loops() {
    shared::maps_and_vectors_agree_with_plain_loops();
}

#[wasm_bindgen_test]
fn activations_hold_at_the_ends() {
    shared::activations_hold_at_the_ends();
}

#[wasm_bindgen_test]
fn shapes_that_do_not_fit_are_refused() {
    shared::shapes_that_do_not_fit_are_refused();
}

#[wasm_bindgen_test]
fn a_merged_model_agrees_with_plain_tract() {
    let shape = [1, 3, 224, 224];
    let proto = decode("demo", crate::demo::merged()).unwrap();
    let numbers: Vec<f32> = (0..3 * 224 * 224).map(|i| (i * 7919 % 2003) as f32 / 1001.5 - 1.0).collect();
    let own = Engine::new("demo", &proto, &shape).unwrap();
    assert!(own.is_lowered());
    let plain = Engine::plain("demo", to_graph("demo", proto).unwrap(), &shape).unwrap();
    for (own, plain) in own.run(&numbers).unwrap().iter().zip(plain.run(&numbers).unwrap()) {
        for (a, b) in own.values.iter().zip(plain.values) {
            assert!((a - b).abs() < 1e-4, "{}: {a} for {b}", own.name);
        }
    }
}
