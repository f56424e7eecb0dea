//! Malicious files: each one is an error within a short time, none a panic.

use crate::tiny::{again, merged, read, Tiny};
use crate::PATIENCE;
use polyhead::canonical::{canonical, fold_constants};
use polyhead::engine::Engine;
use polyhead::import::{ImportedModel, Nothing, Overrides};
use polyhead::merge::{merge, MergeOptions};
use polyhead::onnx::{
    self, Attribute, Attributes, DataType, Graph, ModelProto, Tensor, TypeAndShape, ValueKind as ValueSource,
};
use std::time::Instant;

/// A node of one output over the image `x` [1, 3, 8, 8], with further constants as inputs.
fn graph(op: &str, attributes: &[(&str, Attribute)], constants: &[Tensor]) -> Graph {
    let mut g = empty();
    let mut inputs = g.inputs.clone();
    for tensor in constants {
        inputs.push(g.add_initializer("constant", tensor.clone()));
    }
    let attributes = attributes.iter().map(|(name, value)| (name.to_string(), value.clone())).collect();
    let value = g.add_node("n", op, attributes, &inputs, TypeAndShape::default());
    g.outputs = vec![value];
    g
}

fn empty() -> Graph {
    let mut g = Graph { name: "m".into(), ..Graph::default() };
    g.opsets.insert(String::new(), onnx::OPSET);
    let shape = Some([1, 3, 8, 8].map(Some).to_vec());
    g.inputs = vec![g.add_value("x", ValueSource::Input, TypeAndShape { dtype: Some(DataType::Float), shape })];
    g
}

fn ints(values: &[i64]) -> Attribute {
    Attribute::Ints(values.to_vec())
}

/// The codes of the errors that the canonical form and the engine give.
#[track_caller]
fn refused(graph: Graph) -> [String; 2] {
    let proto = onnx::to_proto(graph.clone());
    let engine = Engine::new("m", &proto, &[1, 3, 8, 8]).map(drop).unwrap_err();
    [canonical(graph).map(drop).unwrap_err().code().to_string(), engine.code().to_string()]
}

#[test]
fn windows_with_invalid_strides_are_malformed() {
    let filter = Tensor::from_f32(&[3, 3, 3, 3], &[0.1; 81]);
    let cases = [
        ("strides", ints(&[0, 1])),
        ("strides", ints(&[-1, 1])),
        ("strides", ints(&[1])),
        ("dilations", ints(&[0, 0])),
        ("dilations", ints(&[i64::MAX, 1])),
        ("pads", ints(&[0, 0, 0])),
        ("pads", ints(&[i64::MAX; 4])),
        ("pads", ints(&[-20; 4])),
        ("kernel_shape", ints(&[0, 3])),
        ("kernel_shape", ints(&[3])),
        ("group", Attribute::Int(0)),
        ("group", Attribute::Int(-1)),
    ];
    for (name, value) in cases {
        let found = refused(graph("Conv", &[(name, value.clone())], std::slice::from_ref(&filter)));
        assert_eq!(found, ["malformed-model"; 2], "Conv {name} {value:?}");
        for op in ["MaxPool", "AveragePool"].into_iter().filter(|_| name != "group") {
            let mut attributes = vec![("kernel_shape", ints(&[3, 3]))];
            attributes.retain(|(other, _)| *other != name);
            attributes.push((name, value.clone()));
            assert_eq!(refused(graph(op, &attributes, &[])), ["malformed-model"; 2], "{op} {name} {value:?}");
        }
    }
    assert_eq!(refused(graph("MaxPool", &[], &[])), ["malformed-model"; 2]);
    assert_eq!(refused(graph("MaxPool", &[("kernel_shape", ints(&[65536, 65536]))], &[])), ["limit"; 2]);
}

#[test]
fn axes_beyond_the_rank_are_malformed() {
    for axis in [9, -9, i64::MAX, i64::MIN] {
        for op in ["Flatten", "Softmax", "Concat"] {
            let found = refused(graph(op, &[("axis", Attribute::Int(axis))], &[]));
            assert_eq!(found, ["malformed-model"; 2], "{op} {axis}");
        }
        let scale = Tensor::from_f32(&[8], &[1.0; 8]);
        let found = refused(graph("LayerNormalization", &[("axis", Attribute::Int(axis))], &[scale]));
        assert_eq!(found, ["malformed-model"; 2], "LayerNormalization {axis}");
        let one = Tensor::from_i64(&[0]);
        let found = refused(graph("Gather", &[("axis", Attribute::Int(axis))], &[one]));
        assert_eq!(found, ["malformed-model"; 2], "Gather {axis}");
        for op in ["Squeeze", "Unsqueeze"] {
            let found = refused(graph(op, &[], &[Tensor::from_i64(&[axis])]));
            assert_eq!(found, ["malformed-model"; 2], "{op} {axis}");
        }
        assert_eq!(refused(graph("ReduceMean", &[("axes", ints(&[axis]))], &[])), ["malformed-model"; 2]);
        assert_eq!(refused(graph("Transpose", &[("perm", ints(&[axis, 0, 1, 2]))], &[])), ["malformed-model"; 2]);
    }
    assert_eq!(refused(graph("Transpose", &[("perm", ints(&[0, 1, 1, 2]))], &[])), ["malformed-model"; 2]);
    assert_eq!(refused(graph("Tile", &[], &[Tensor::from_i64(&[1, 1, -9, 1])])), ["malformed-model"; 2]);
    assert_eq!(refused(graph("Pad", &[], &[Tensor::from_i64(&[1, 1, 1])])), ["malformed-model"; 2]);
}

/// An image plus the output of one node over constants alone.
fn beside(op: &str, constants: &[Tensor]) -> Graph {
    let mut g = empty();
    let inputs: Vec<_> = constants.iter().map(|t| g.add_initializer("bound", t.clone())).collect();
    let made = g.add_node("n", op, Attributes::new(), &inputs, TypeAndShape::default());
    let to = Attributes::from([("to".to_string(), Attribute::Int(1))]);
    let cast = g.add_node("cast", "Cast", to, &[made], TypeAndShape::default());
    let input = g.inputs[0];
    let sum = g.add_node("sum", "Add", Attributes::new(), &[input, cast], TypeAndShape::default());
    g.outputs = vec![sum];
    g
}

#[test]
fn constants_that_fill_the_memory_are_refused() {
    let scalar = |v: i64| Tensor { dims: vec![], ..Tensor::from_i64(&[v]) };
    assert_eq!(refused(beside("ConstantOfShape", &[Tensor::from_i64(&[1 << 20, 1 << 20])])), ["limit"; 2]);
    assert_eq!(refused(beside("ConstantOfShape", &[Tensor::from_i64(&[i64::MAX, 1])])), ["limit"; 2]);
    assert_eq!(refused(beside("Range", &[scalar(0), scalar(i64::MAX), scalar(1)])), ["limit"; 2]);
    assert_eq!(refused(beside("Range", &[scalar(0), scalar(9), scalar(0)])), ["malformed-model"; 2]);
    assert_eq!(refused(graph("Tile", &[], &[Tensor::from_i64(&[1, 1, 1 << 20, 1 << 20])])), ["limit"; 2]);
    assert_eq!(refused(graph("Expand", &[], &[Tensor::from_i64(&[1 << 22, 3, 8, 8])])), ["limit"; 2]);
}

#[test]
fn shapes_that_overflow_are_errors() {
    let wide = |size: usize| {
        let mut g = empty();
        g.values[0].fact.shape = Some(vec![Some(1), Some(3), Some(size), Some(size)]);
        let w = g.add_initializer("w", Tensor::from_f32(&[3, 3, 3, 3], &[0.1; 81]));
        let value = g.add_node("c", "Conv", Attributes::new(), &[0, w], TypeAndShape::default());
        g.outputs = vec![value];
        g
    };
    for size in [1 << 40, i64::MAX as usize, 1 << 31] {
        assert!(canonical(wide(size)).is_err(), "{size}");
    }
    // 64-bit integers are not merged as weights: their differences overflow.
    let tensor = Tensor { dims: vec![1], ..Tensor::from_i64(&[i64::MIN]) };
    let zero = Tensor { dims: vec![1], ..Tensor::from_i64(&[1]) };
    let mut g = beside("DequantizeLinear", &[tensor, Tensor::from_f32(&[1], &[1.0]), zero]);
    let _ = polyhead::canonical::prepare(&mut g);
}

#[test]
fn thirty_thousand_identities_are_removed_in_seconds() {
    for op in ["Identity", "Clip"] {
        let mut g = empty();
        let mut value = g.inputs[0];
        let mut constants = Vec::new();
        if op == "Clip" {
            constants = vec![g.add_initializer("low", Tensor::from_f32(&[], &[0.0]))];
        }
        for i in 0..30_000 {
            let inputs = [&[value][..], &constants].concat();
            value = g.add_node(format!("{op}{i}"), op, Attributes::new(), &inputs, TypeAndShape::default());
        }
        let relu = g.add_node("end", "Neg", Attributes::new(), &[value], TypeAndShape::default());
        g.outputs = vec![relu];
        let start = Instant::now();
        let form = canonical(g).unwrap();
        let took = start.elapsed();
        println!("{op}: {took:?}");
        assert!(took < PATIENCE, "{op}: {took:?}");
        if op == "Identity" {
            assert_eq!(form.nodes.len(), 1);
        }
    }
}

/// A merged file of two heads with its `logits` computed by another graph.
fn forged(heads: [usize; 2], parts: [usize; 2], axis: i64) -> ModelProto {
    let label = |head: usize, i: usize| -> &'static str { ["abcdefghij", "klmnopqrst"][head].get(i..=i).unwrap() };
    let labels = |head: usize| (0..heads[head]).map(|i| label(head, i)).collect::<Vec<_>>();
    let (one, two) = (Tiny::new("one", &labels(0)), Tiny::new("two", &labels(1)));
    let merged = merged(&[&one, &two], &MergeOptions::default()).unwrap();
    let mut g = Graph { name: "forged".into(), ..Graph::default() };
    g.opsets.insert(String::new(), onnx::OPSET);
    let shape = Some(vec![None, Some(3), Some(16), Some(16)]);
    g.inputs = vec![g.add_value("image", ValueSource::Input, TypeAndShape { dtype: Some(DataType::Float), shape })];
    let pooled = g.add_node("pool", "GlobalAveragePool", Attributes::new(), &[0], TypeAndShape::default());
    let flat = g.add_node("flat", "Flatten", Attributes::new(), &[pooled], TypeAndShape::default());
    let mut layers = Vec::new();
    for (number, width) in parts.into_iter().enumerate() {
        let values: Vec<f32> = (0..width * 3).map(|i| i as f32 * 0.1 + number as f32).collect();
        let w = g.add_initializer("w", Tensor::from_f32(&[width, 3], &values));
        let transposed = Attributes::from([("transB".to_string(), Attribute::Int(1))]);
        layers.push(g.add_node(format!("layer{number}"), "Gemm", transposed, &[flat, w], TypeAndShape::default()));
    }
    let attributes = Attributes::from([("axis".to_string(), Attribute::Int(axis))]);
    let logits = g.add_node("logits", "Concat", attributes, &layers, TypeAndShape::default());
    g.outputs = vec![logits];
    let mut proto = onnx::to_proto(g);
    proto.metadata_props = merged.proto.metadata_props;
    proto
}

#[test]
fn logits_not_aligned_with_the_heads_are_sliced() {
    for parts in [[3, 7], [5, 5], [7, 3], [9, 1]] {
        for axis in [1, -1] {
            let source = read("forged", &onnx::encode(&forged([5, 5], parts, axis)), None).unwrap();
            assert_eq!(source.graph.outputs.len(), 2, "{parts:?}");
            let merged = merge(vec![source], &MergeOptions::default()).unwrap();
            assert_eq!(again("again", &merged).heads.len(), 2);
        }
    }
    // Along the batch axis, the slices are not parts of one image's logits.
    if let Ok(source) = read("forged", &onnx::encode(&forged([5, 5], [10, 10], 0)), None) {
        assert_eq!(source.graph.nodes.iter().filter(|n| n.op == "Slice").count(), 2);
        let _ = merge(vec![source], &MergeOptions::default());
    }
    let error = read("forged", &onnx::encode(&forged([5, 5], [5, 4], 1)), None).unwrap_err();
    assert_eq!(error.code(), "metadata");
}

#[test]
fn long_chains_of_concats_do_not_overflow_the_stack() {
    let mut proto = forged([5, 5], [5, 5], 1);
    let g = proto.graph.as_mut().unwrap();
    let last = g.node.last_mut().unwrap();
    last.output[0] = "c0".into();
    let template = last.clone();
    for i in 0..3_000 {
        let mut node = template.clone();
        node.name = format!("concat{i}");
        node.input = vec![format!("c{i}")];
        node.output = vec![if i == 2_999 { "logits".into() } else { format!("c{}", i + 1) }];
        g.node.push(node);
    }
    let source = read("chain", &onnx::encode(&proto), None).unwrap();
    assert_eq!(source.graph.outputs.len(), 2);
}

#[test]
fn heads_without_labels_or_names_of_their_own_are_refused() {
    for (from, to) in [("\"labels\":[\"a\",\"b\",\"c\",\"d\",\"e\"]", "\"labels\":[]"), ("\"two\"", "\"one\"")] {
        let mut proto = forged([5, 5], [5, 5], 1);
        for entry in proto.metadata_props.iter_mut().filter(|p| p.key == "polyhead.heads") {
            assert!(entry.value.contains(from), "{}", entry.value);
            entry.value = entry.value.replace(from, to);
        }
        assert_eq!(read("m", &onnx::encode(&proto), None).unwrap_err().code(), "metadata");
    }
}

/// Nested models, each applying the next one twice.
fn nested(depth: usize) -> serde_json::Value {
    use serde_json::json;
    if depth == 0 {
        return json!({"class_name": "Dropout", "name": "L0", "config": {"name": "L0"}});
    }
    let mut inner = nested(depth - 1);
    let (name, own) = (inner["name"].clone(), format!("L{depth}"));
    inner["inbound_nodes"] = json!([[["in", 0, 0, {}]], [["in", 0, 0, {}]]]);
    let input = json!({"class_name": "InputLayer", "name": "in", "inbound_nodes": [],
        "config": {"name": "in", "batch_input_shape": [null, 32, 32, 3]}});
    let config = json!({"name": own, "layers": [input, inner], "input_layers": [["in", 0, 0]],
        "output_layers": [[name, 1, 0]]});
    json!({"class_name": "Model", "name": own, "config": config})
}

#[test]
fn nested_models_that_double_are_refused() {
    let file = serde_json::json!({"modelTopology": {"model_config": nested(30)}, "weightsManifest": []});
    let bytes = serde_json::to_vec(&file).unwrap();
    let error = ImportedModel::read("model.json", &bytes, &Overrides::default(), &Nothing).map(drop).unwrap_err();
    assert_eq!(error.code(), "limit", "{error}");
}

#[test]
fn functions_that_grow_when_called_are_refused() {
    use polyhead::onnx::pb::{
        attribute_proto, AttributeProto, FunctionProto, NodeProto, OperatorSetIdProto, TensorProto,
    };
    let opset = |domain: &str, version| OperatorSetIdProto { domain: domain.into(), version };
    let value =
        TensorProto { dims: vec![1 << 20], data_type: 1, raw_data: vec![0; 4 << 20].into(), ..Default::default() };
    let node = |op: &str, input: &[&str], output: &str| NodeProto {
        op_type: op.into(),
        input: input.iter().map(|s| s.to_string()).collect(),
        output: vec![output.into()],
        ..Default::default()
    };
    let chain = |calls: usize, body: Vec<NodeProto>| {
        let mut proto = onnx::to_proto(graph("Relu", &[], &[]));
        let function = FunctionProto {
            name: Some("F".into()),
            domain: Some("f".into()),
            input: vec!["a".into()],
            output: vec!["r".into()],
            node: body,
            opset_import: vec![opset("", onnx::OPSET)],
            ..Default::default()
        };
        proto.functions.push(function);
        proto.opset_import.push(opset("f", 1));
        let g = proto.graph.as_mut().unwrap();
        g.node[0].output[0] = "c0".into();
        for i in 0..calls {
            let mut call = node("F", &[&format!("c{i}")], &format!("c{}", i + 1));
            (call.domain, call.name) = ("f".into(), "same".into());
            g.node.push(call);
        }
        g.output[0].name = format!("c{calls}");
        proto
    };
    let mut constant = node("Constant", &[], "k");
    let kind = attribute_proto::AttributeType::Tensor as i32;
    constant.attribute =
        vec![AttributeProto { name: "value".into(), r#type: kind, t: Some(value), ..Default::default() }];
    let large = chain(300, vec![constant, node("Identity", &["a"], "r")]);
    assert_eq!(onnx::to_graph("m", large).map(drop).unwrap_err().code(), "limit");
    // Twenty thousand calls of one function get unique names without a quadratic search.
    let start = Instant::now();
    let many =
        onnx::to_graph("m", chain(20_000, vec![node("Relu", &["a"], "t"), node("Identity", &["t"], "r")])).unwrap();
    assert_eq!(many.nodes.len(), 40_001);
    assert!(start.elapsed() < PATIENCE);
}

#[test]
fn panics_in_the_engine_become_errors() {
    for op in ["Gemm", "Conv", "BatchNormalization", "Clip", "DepthToSpace", "Resize"] {
        let mut g = graph(op, &[], &[]);
        assert!(Engine::new("m", &onnx::to_proto(g.clone()), &[1, 3, 8, 8]).is_err() || op == "Clip", "{op}");
        let _ = fold_constants(&mut g);
    }
}
