//! The last operators of classifiers, and their float types.

use super::{bytes, operators};
use crate::tiny::change;
use polyhead::canonical::{canonical, fold_constants};
use polyhead::head::{find, move_flatten_before_activation};
use polyhead::image::preprocess::Preprocessing;
use polyhead::import::{ImportedModel, Nothing, Overrides, Provenance, WithProvenance};
use polyhead::labels::Activation;
use polyhead::merge::{merge, MergeOptions};
use polyhead::onnx::{decode, encode, Attribute, Attributes, DataType, Graph, TypeAndShape, ValueKind as From, OPSET};

/// A mean over 4 channels, the activation, then a flattening to vectors.
fn ending(activation: &str, axis: Option<i64>, opset: i64) -> Graph {
    let mut graph = Graph { name: "ending".into(), ..Graph::default() };
    graph.opsets.insert(String::new(), opset);
    let fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(vec![Some(1), Some(4), Some(5), Some(5)]) };
    let input = graph.add_value("x", From::Input, fact);
    graph.inputs.push(input);
    let pooled = graph.add_node("pooled", "GlobalAveragePool", Attributes::new(), &[input], TypeAndShape::default());
    let axis = axis.map(|axis| ("axis".to_string(), Attribute::Int(axis)));
    let scores = graph.add_node("scores", activation, axis.into_iter().collect(), &[pooled], TypeAndShape::default());
    let flat = graph.add_node("flat", "Flatten", Attributes::new(), &[scores], TypeAndShape::default());
    let same = graph.add_node("same", "Identity", Attributes::new(), &[flat], TypeAndShape::default());
    graph.outputs.push(same);
    fold_constants(&mut graph).unwrap();
    graph
}

#[test]
fn activation_over_one_pixel_is_removed() {
    let cases = [
        ("Softmax", Some(1), OPSET, Activation::Softmax, true),
        ("Softmax", Some(-3), OPSET, Activation::Softmax, true),
        ("Softmax", None, 11, Activation::Softmax, true),
        ("LogSoftmax", Some(1), OPSET, Activation::Softmax, true),
        ("Sigmoid", None, OPSET, Activation::Sigmoid, true),
        // Along the width of one pixel, all scores are 1.
        ("Softmax", None, OPSET, Activation::Softmax, false),
        ("Softmax", Some(2), OPSET, Activation::Softmax, false),
        ("Tanh", None, OPSET, Activation::Softmax, false),
    ];
    for (op, axis, opset, activation, stripped) in cases {
        let mut graph = ending(op, axis, opset);
        move_flatten_before_activation(&mut graph);
        let head = find(&graph, None).unwrap();
        let found = (head.width, head.activation, head.stripped);
        assert_eq!(found, (4, activation, stripped), "{op} {axis:?} {opset}");
        let [.., node, last] = graph.nodes.as_slice() else { unreachable!() };
        assert_eq!((node.is(op), last.is("Identity")), (stripped, true), "{op} {axis:?} {opset}");
    }
}

fn source(model: &str, name: &str) -> ImportedModel {
    let labels = (0..4).map(|i| format!("{name} {i}")).collect();
    let stated = Overrides {
        name: Some(name.to_string()),
        labels: Some(WithProvenance { value: labels, from: Provenance::Stated("the test".into()) }),
        preprocessing: Some(WithProvenance {
            value: Preprocessing::new(8, 8),
            from: Provenance::Stated("the test".into()),
        }),
        ..Overrides::default()
    };
    let mut proto = decode(model, bytes(model)).unwrap();
    // The second model gets another last layer: its bias, the last constant of doubles, moves.
    if name == "b" {
        let bias = proto.graph.as_mut().unwrap().initializer.last_mut().unwrap();
        assert_eq!((bias.dims.as_slice(), bias.raw_data.len()), ([4].as_slice(), 32));
        change(&mut bias.raw_data, |bytes| bytes[0..8].copy_from_slice(&1f64.to_le_bytes()));
    }
    ImportedModel::read(&format!("{model}.onnx"), &encode(&proto), &stated, &Nothing).unwrap()
}

#[test]
fn file_that_ends_with_scores_of_one_pixel_returns_logits() {
    let source = source("softmax_first_axis_opset11", "a");
    assert!(source.facts.ends_with_activation);
    assert_eq!(operators(&canonical(source.graph).unwrap()), "Conv …");
}

#[test]
fn doubles_are_computed_in_32_bits_and_merge() {
    for model in ["double_inside", "double_throughout"] {
        let sources = vec![source(model, "a"), source(model, "b")];
        for source in &sources {
            let widths: Vec<_> = source.graph.values.iter().map(|v| v.fact.dtype).collect();
            assert!(!widths.contains(&Some(DataType::Double)), "{model}");
        }
        // Nothing but the last layer multiplies in the second.
        let merged = merge(sources, &MergeOptions { min_shared: 0.0, ..MergeOptions::default() }).unwrap();
        assert!(merged.proof.as_ref().unwrap().heads.iter().all(|h| h.logit <= h.bound), "{model}");
    }
}
