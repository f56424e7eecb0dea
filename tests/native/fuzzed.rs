//! Regression tests of inputs that fuzzing found.

use crate::tiny::Tiny;
use crate::PATIENCE;
use polyhead::canonical::canonical;
use polyhead::engine::{facts, Engine};
use polyhead::onnx::{self, Attribute, ModelProto};
use std::time::Instant;

fn tiny() -> ModelProto {
    onnx::to_proto(Tiny::new("m", &["a", "b"]).graph())
}

#[test]
fn names_in_errors_do_not_move_the_cursor() {
    let mut proto = tiny();
    let graph = proto.graph.as_mut().unwrap();
    graph.node[0].input[0] = "x\u{1b}[2J\r\ny".into();
    let error = onnx::to_graph("m\n", proto).unwrap_err();
    assert_eq!(
        error.to_string(),
        "model 'm\u{fffd}', node 'one' (Conv): expected value 'x\u{fffd}[2J\u{fffd}\u{fffd}y' to be defined, found it nowhere in the file; export the model again"
    );
}

/// The code with which the engine refuses a model, both in a run and in shape inference alone.
#[track_caller]
fn refused(proto: &ModelProto) -> String {
    let [found, looked] =
        [Engine::new("m", proto, &[1, 3, 16, 16]).map(drop).unwrap_err(), facts("m", proto).map(drop).unwrap_err()];
    assert_eq!(found.to_string(), looked.to_string());
    found.to_string()
}

#[test]
fn rewriting_ends_with_an_attribute_that_is_nan() {
    let mut graph = Tiny::new("m", &["a", "b"]).graph();
    let gemm = graph.nodes.iter_mut().find(|n| n.op == "Gemm").unwrap();
    gemm.attributes.insert("mode".into(), Attribute::Float(f32::NAN));
    gemm.attributes.insert("modes".into(), Attribute::Floats(vec![f32::NAN]));
    let start = Instant::now();
    assert!(canonical(graph).is_ok());
    assert!(start.elapsed() < PATIENCE, "{:?}", start.elapsed());
}

#[test]
fn nodes_without_required_inputs_are_malformed() {
    for (node, inputs, expected) in [
        ("flat", 0, "node 'flat' (Flatten): expected 1 inputs or more, found 0"),
        ("one", 1, "node 'one' (Conv): expected 2 inputs or more, found 1"),
        ("head", 1, "node 'head' (Gemm): expected 2 inputs or more, found 1"),
    ] {
        let mut proto = tiny();
        let nodes = &mut proto.graph.as_mut().unwrap().node;
        nodes.iter_mut().find(|n| n.name == node).unwrap().input.truncate(inputs);
        assert_eq!(refused(&proto), format!("model 'm', {expected}; export the model again"));
    }
    let mut proto = tiny();
    let nodes = &mut proto.graph.as_mut().unwrap().node;
    let pool = nodes.iter_mut().find(|n| n.name == "pool").unwrap();
    // The engine goes by the name alone.
    (pool.op_type, pool.domain) = ("MaxPool".into(), "com.example".into());
    pool.input = vec![String::new()];
    assert!(refused(&proto).contains("node 'pool' (MaxPool): expected 1 inputs or more, found 0"));
}

#[test]
fn values_defined_by_no_or_several_nodes_are_malformed() {
    let mut proto = tiny();
    proto.graph.as_mut().unwrap().output[0].name = "nowhere".into();
    let text = "model 'm', value 'nowhere': expected a definition, found none in the file; export the model again";
    assert_eq!(refused(&proto), text);
    let mut proto = tiny();
    let nodes = &mut proto.graph.as_mut().unwrap().node;
    let first = nodes[0].output[0].clone();
    nodes[1].output[0].clone_from(&first);
    let text = format!("model 'm', value '{first}': expected one definition, found several; export the model again");
    assert_eq!(refused(&proto), text);
}

#[test]
fn texts_as_raw_bytes_are_malformed() {
    let mut proto = tiny();
    let tensor = &mut proto.graph.as_mut().unwrap().initializer[0];
    tensor.data_type = onnx::DataType::String as i32;
    let text =
        "model 'm', tensor 'one.weight': expected numbers of a common type, found elements of type String; export the \
                model again";
    assert_eq!(refused(&proto), text);
}

#[test]
fn operators_along_missing_axes_are_malformed() {
    for (node, op, least) in [("flat", "Softmax", 1), ("pool", "MatMul", 1), ("head", "Gemm", 2), ("pool", "LRN", 2)] {
        let mut proto = tiny();
        let graph = proto.graph.as_mut().unwrap();
        let number = onnx::Tensor::from_f32(&[], &[1.0]).to_proto("number");
        graph.initializer.push(number);
        let node = graph.node.iter_mut().find(|n| n.name == node).unwrap();
        node.op_type = op.into();
        (node.input, node.attribute) = (vec!["number".into(), "number".into()], Vec::new());
        let text = refused(&proto);
        assert!(text.contains(&format!("({op}): expected input 0 with {least} axes or more, found 0")), "{text}");
    }
}

#[test]
fn a_window_with_empty_lists_is_malformed() {
    for (name, wanted) in [("kernel_shape", 2), ("strides", 2), ("dilations", 2), ("pads", 4)] {
        let mut proto = tiny();
        let conv = &mut proto.graph.as_mut().unwrap().node[0];
        conv.attribute.retain(|a| a.name != name);
        conv.attribute.push(Attribute::Ints(Vec::new()).to_proto(name));
        let text = refused(&proto);
        assert!(text.contains(&format!("node 'one' (Conv): expected {wanted} numbers in {name}, found 0")), "{text}");
    }
}

#[test]
fn model_without_an_image_input_is_malformed() {
    let mut proto = tiny();
    let graph = proto.graph.as_mut().unwrap();
    let image = onnx::Tensor::from_f32(&[1, 3, 16, 16], &[0.5; 768]).to_proto("image");
    graph.initializer.push(image);
    let error = Engine::new("m", &proto, &[1, 3, 16, 16]).map(drop).unwrap_err();
    assert_eq!(
        error.to_string(),
        "model 'm', the graph's inputs: expected one input without a value, found 0; export the model again"
    );
}

#[test]
fn empty_constants_are_not_read() {
    // The engine took a Dropout's flag from an empty tensor, outside of its memory.
    for (shape, passed) in [(vec![0], false), (vec![2, 0, 3], false), (vec![0], true)] {
        let mut proto = tiny();
        let graph = proto.graph.as_mut().unwrap();
        let kind = onnx::DataType::Bool;
        graph.initializer.push(onnx::Tensor { dims: shape, dtype: kind, bytes: onnx::Bytes::new() }.to_proto("none"));
        let at = graph.node.iter().position(|n| n.name == "flat").unwrap();
        if passed {
            let mut node = graph.node[at].clone();
            node.op_type = "Identity".into();
            (node.name, node.input, node.output) = ("same".into(), vec!["none".into()], vec!["passed".into()]);
            graph.node.insert(at, node);
        }
        let node = graph.node.iter_mut().find(|n| n.name == "flat").unwrap();
        (node.op_type, node.attribute) = ("Dropout".into(), Vec::new());
        node.input.extend([String::new(), if passed { "passed" } else { "none" }.to_string()]);
        assert!(refused(&proto).contains("node 'flat' (Dropout): expected numbers in input 2, found none"));
    }
}

#[test]
fn endless_batch_dimensions_are_refused() {
    for batch in [i64::MAX, -1, 9] {
        let mut proto = tiny();
        let node = proto.graph.as_mut().unwrap().node.iter_mut().find(|n| n.name == "flat").unwrap();
        (node.op_type, node.attribute) = ("GatherND".into(), vec![Attribute::Int(batch).to_proto("batch_dims")]);
        let indices = node.input[0].clone();
        node.input.push(indices);
        let text = refused(&proto);
        assert!(text.contains("node 'flat' (GatherND): expected batch_dims from 0 to 8, found"), "{text}");
    }
}
