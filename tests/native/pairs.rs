//! Pairs of models that differ in one property of their export: merged with a warning, or refused with the reason.

use super::canonical::bytes;
use super::tiny::{change, texts};
use polyhead::image::preprocess::{Preprocessing, TensorLayout};
use polyhead::import::{ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::merge::{merge, MergeOptions, Merged};
use polyhead::onnx::{decode, encode};

/// Levels 0 to 255 as −1 to 1, the range of the small models with scaled inputs.
fn scaled() -> Preprocessing {
    Preprocessing { range: [-1.0, 1.0], ..Preprocessing::new(8, 8) }
}

fn raw(layout: TensorLayout) -> Preprocessing {
    Preprocessing { range: [0.0, 255.0], layout, ..Preprocessing::new(8, 8) }
}

/// A small model as a source called `name`, with labels of its own.
fn source(model: &str, name: &str, preprocessing: Option<Preprocessing>) -> polyhead::Result<ImportedModel> {
    let labels = (0..4).map(|i| format!("{name} {i}")).collect();
    let stated = Overrides {
        name: Some(name.to_string()),
        labels: Some(WithProvenance { value: labels, from: Provenance::Stated("the test".into()) }),
        preprocessing: preprocessing
            .map(|value| WithProvenance { value, from: Provenance::Stated(format!("{name}.json")) }),
        ..Overrides::default()
    };
    let mut proto = decode(model, bytes(model)).unwrap();
    // The second model gets another last layer: its bias, the last constant, moves.
    if name == "b" {
        let bias = proto.graph.as_mut().unwrap().initializer.last_mut().unwrap();
        let half = bias.raw_data.len() == 8;
        assert!(bias.dims == [4] && (half || bias.raw_data.len() == 16));
        change(&mut bias.raw_data, |bytes| match half {
            true => bytes[0..2].copy_from_slice(&0x3c00u16.to_le_bytes()),
            false => bytes[0..4].copy_from_slice(&1f32.to_le_bytes()),
        });
    }
    ImportedModel::read(&format!("{model}.onnx"), &encode(&proto), &stated, &Nothing)
}

fn merged(
    a: (&str, Option<Preprocessing>),
    b: (&str, Option<Preprocessing>),
    tolerance: f64,
) -> polyhead::Result<Merged> {
    let sources = vec![source(a.0, "a", a.1)?, source(b.0, "b", b.1)?];
    merge(sources, &MergeOptions { tolerance, ..MergeOptions::default() })
}

/// All multiply-adds but those of the two heads.
fn share_all(merged: &Merged) {
    let backbone = &merged.backbone;
    for model in &backbone.models {
        assert_eq!(model.head.operators, ["Gemm"], "{}", model.name);
    }
    for head in &merged.proof.as_ref().unwrap().heads {
        assert!(head.logit <= head.bound, "{head:?}");
    }
}

#[test]
fn scaling_inside_and_outside_the_graph() {
    let plain = ("input_plain", scaled());
    let inside = [
        ("input_scaled", raw(TensorLayout::Nchw)),
        ("input_batch_normalized", raw(TensorLayout::Nchw)),
        ("input_keras", raw(TensorLayout::Nhwc)),
    ];
    let pairs = inside.iter().flat_map(|other| [(&plain, other), (other, &plain)]);
    for (a, b) in pairs.chain([(&inside[0], &inside[1]), (&inside[1], &inside[2]), (&inside[2], &inside[0])]) {
        let merged = merged((a.0, Some(a.1.clone())), (b.0, Some(b.1.clone())), 1e-5).unwrap();
        share_all(&merged);
        // The first model's input and preprocessing stay.
        assert_eq!(merged.metadata.preprocessing, a.1);
        let warnings = texts(&merged);
        let note = warnings.iter().find(|w| w.starts_with("model 'b': it takes the input of 'a'")).unwrap();
        assert!(note.ends_with("in both the levels 0 to 255 reach the first layer as -1 to 1"), "{note}");
    }
}

#[test]
fn scaling_of_another_spelling_outside_the_graph() {
    let other = Preprocessing { mean: [0.5; 3], std: [0.5; 3], ..Preprocessing::new(8, 8) };
    let merged = merged(("input_plain", Some(scaled())), ("input_plain", Some(other)), 1e-5).unwrap();
    share_all(&merged);
    assert!(merged.warnings.is_empty());
}

#[test]
fn guessed_scaling_yields_to_the_other_graph() {
    for (a, b) in [("input_plain", "input_scaled"), ("input_scaled", "input_plain")] {
        let merged = merged((a, None), (b, None), 1e-5).unwrap();
        share_all(&merged);
        assert!(texts(&merged)[0].contains("its guessed preprocessing gives way to that of"), "{:?}", merged.warnings);
        let range = if a == "input_plain" { [-1.0, 1.0] } else { [0.0, 255.0] };
        assert_eq!(merged.metadata.preprocessing.range, range);
    }
}

#[test]
fn guessed_scaling_yields_to_a_stated_one() {
    let merged = merged(("input_plain", None), ("input_plain", Some(scaled())), 1e-5).unwrap();
    share_all(&merged);
    assert_eq!(merged.metadata.preprocessing, scaled());
}

#[test]
fn another_scaling_is_refused() {
    let other = Preprocessing::new(8, 8);
    let error =
        merged(("input_scaled", Some(raw(TensorLayout::Nchw))), ("input_plain", Some(other)), 1e-5).unwrap_err();
    assert_eq!(error.code(), "different-input-maps");
    assert!(error.is_refusal());
    assert_eq!(
        error.to_string(),
        "model 'b': expected the levels 0 to 255 to reach the first layer as -1 to 1, as in 'a' (a.json; 'Sub_n0', \
         'Div_n1' inside the graph), found 0 to 1 (b.json; nothing inside the graph); state for each model what \
         it was trained with"
    );
}

#[test]
fn other_differences_are_still_named() {
    let error = merged(
        ("input_scaled", Some(raw(TensorLayout::Nchw))),
        ("input_plain", Some(Preprocessing { antialias: false, ..scaled() })),
        1e-5,
    );
    let text = error.unwrap_err().to_string();
    assert!(
        text.starts_with(
            "model 'b': expected images prepared as for 'a' (a.json), found antialias false instead of true (b.json);"
        ),
        "{text}"
    );
}

#[test]
fn half_floats_with_half_floats() {
    let half = merged(("half_inside", Some(scaled())), ("half_throughout", Some(scaled())), 1e-5).unwrap();
    share_all(&half);
}

#[test]
fn half_floats_with_their_originals() {
    let pair = |tolerance| merged(("half_inside", Some(scaled())), ("half_source", Some(scaled())), tolerance);
    let error = pair(1e-5).unwrap_err().to_string();
    assert!(error.contains("tensor"), "{error}");
    assert!(error.ends_with("weights this close were stored in 16 bits: set the tolerance to 0.001"), "{error}");
    let merged = pair(1e-3).unwrap();
    let largest = merged.backbone.models[1].largest_difference.as_ref().unwrap().relative;
    assert!((1e-5..1e-3).contains(&largest), "{largest}");
    assert!(merged.proof.as_ref().unwrap().heads.iter().all(|h| h.probability < 0.01));
}

#[test]
fn integer_weights_merge_and_integer_values_do_not() {
    let weights = source("integer_weights", "a", Some(scaled())).unwrap();
    assert_eq!(weights.graph.nodes.len(), 4);
    let error = merged(("integer_values", Some(scaled())), ("input_plain", Some(scaled())), 1e-5).unwrap_err();
    assert_eq!(
        error.to_string(),
        "model 'a', node 'QuantizeLinear_n1' (QuantizeLinear): expected a model that computes in floating point, \
         found one quantised to integers; give the float model it was quantised from"
    );
    let error = source("integer_convolution", "a", Some(scaled())).unwrap_err();
    assert_eq!(error.code(), "unsupported-model");
}

#[test]
fn one_base_merges_across_exporters() {
    let pairs = [
        ("clip6_attributes", "fused_clip"),
        ("hardswish_div", "hardswish"),
        ("silu_swish", "silu"),
        ("mean_nhwc", "flatten_squeeze_opset11"),
        ("nhwc_relu_between", "relu_clip"),
        ("mish_opset18", "mish_spelled"),
        ("functions", "functions"),
    ];
    for (a, b) in pairs {
        share_all(&merged((a, Some(scaled())), (b, Some(scaled())), 1e-5).unwrap());
    }
}
