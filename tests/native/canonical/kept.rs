//! Graphs that the canonical form must leave unchanged.

use super::operators;
use polyhead::canonical::canonical;
use polyhead::onnx::{Attribute, Attributes, DataType, Graph, Tensor, TypeAndShape, ValueId, ValueKind, OPSET};

fn graph(shape: &[Option<usize>]) -> Graph {
    let mut graph = Graph { name: "kept".into(), ..Graph::default() };
    graph.opsets.insert(String::new(), OPSET);
    let fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(shape.to_vec()) };
    let input = graph.add_value("x", ValueKind::Input, fact);
    graph.inputs.push(input);
    graph
}

fn floats(graph: &mut Graph, dims: &[usize]) -> ValueId {
    let len: usize = dims.iter().product();
    let values: Vec<f32> = (0..len).map(|i| 0.5 + i as f32 / len as f32).collect();
    graph.add_initializer(format!("c{}", graph.values.len()), Tensor::from_f32(dims, &values))
}

fn add(graph: &mut Graph, op: &str, inputs: &[ValueId], attributes: &[(&str, i64)]) -> ValueId {
    let attributes: Attributes = attributes.iter().map(|(n, a)| (n.to_string(), Attribute::Int(*a))).collect();
    graph.add_node(format!("n{}", graph.nodes.len()), op, attributes, inputs, TypeAndShape::default())
}

fn batch_normalization(graph: &mut Graph, x: ValueId, channels: usize) -> ValueId {
    let mut inputs = vec![x];
    inputs.extend((0..4).map(|_| floats(graph, &[channels])));
    add(graph, "BatchNormalization", &inputs, &[])
}

const IMAGE: [Option<usize>; 4] = [Some(1), Some(3), Some(5), Some(5)];

#[test]
fn a_convolution_that_is_read_elsewhere_keeps_its_output() {
    for returned in [false, true] {
        let mut graph = graph(&IMAGE);
        let weights = floats(&mut graph, &[4, 3, 3, 3]);
        let convolution = add(&mut graph, "Conv", &[0, weights], &[]);
        let normal = batch_normalization(&mut graph, convolution, 4);
        graph.outputs.push(normal);
        if returned {
            graph.outputs.push(convolution);
        }
        let form = canonical(graph).unwrap();
        assert_eq!(operators(&form), if returned { "Conv Mul Add" } else { "Conv" });
        assert_eq!(form.outputs.len(), 1 + usize::from(returned));
        let tensor = form.input_tensor(form.nodes.iter().find(|n| n.op == "Conv").unwrap(), 1).unwrap();
        assert_eq!(tensor.f32s().unwrap()[0] == 0.5, returned, "the weights are the file's");
    }
}

#[test]
fn a_linear_layer_that_is_read_elsewhere_keeps_its_output() {
    let mut graph = graph(&[Some(1), Some(3)]);
    let (weights, bias) = (floats(&mut graph, &[4, 3]), floats(&mut graph, &[4]));
    let linear = add(&mut graph, "Gemm", &[0, weights, bias], &[("transB", 1)]);
    let shift = floats(&mut graph, &[4]);
    let shifted = add(&mut graph, "Add", &[linear, shift], &[]);
    graph.outputs = vec![shifted, linear];
    assert_eq!(operators(&canonical(graph).unwrap()), "Gemm Add");
}

#[test]
fn two_outputs_of_one_value_keep_their_names() {
    let mut graph = graph(&IMAGE);
    let first = add(&mut graph, "Relu", &[0], &[]);
    let second = add(&mut graph, "Identity", &[first], &[]);
    graph.outputs = vec![first, second];
    let form = canonical(graph).unwrap();
    let names: Vec<&str> = form.outputs.iter().map(|&v| form.values[v].name.as_str()).collect();
    assert_eq!((names, operators(&form).as_str()), (vec!["n0", "n1"], "Relu Identity"));
}

/// [N, 3] may be [1, 3], which Expand broadcasts.
#[test]
fn an_expand_of_unknown_size_stays() {
    for (first, form) in [(None, "Expand Relu"), (Some(2), "Relu")] {
        let mut graph = graph(&[first, Some(3)]);
        let sizes = graph.add_initializer("sizes", Tensor::from_i64(&[2, 3]));
        let fact = TypeAndShape { dtype: Some(DataType::Float), shape: Some(vec![first, Some(3)]) };
        let wide = graph.add_node("wide", "Expand", Attributes::new(), &[0, sizes], fact);
        let output = add(&mut graph, "Relu", &[wide], &[]);
        graph.outputs.push(output);
        assert_eq!(operators(&canonical(graph).unwrap()), form);
    }
}

/// The axis of OneHot refers to its output, which has one dimension more than its input.
#[test]
fn axis_of_one_hot_refers_to_its_output() {
    let mut graph = graph(&[Some(2), Some(3)]);
    let (depth, values) = (graph.add_initializer("depth", Tensor::from_i64(&[4])), floats(&mut graph, &[2]));
    let classes = add(&mut graph, "ArgMax", &[0], &[("axis", -1), ("keepdims", 0)]);
    let table = add(&mut graph, "OneHot", &[classes, depth, values], &[("axis", -1)]);
    graph.outputs.push(table);
    let form = canonical(graph).unwrap();
    let axes: Vec<i64> = form.nodes.iter().map(|n| n.int("axis", 9)).collect();
    assert_eq!((operators(&form).as_str(), axes), ("ArgMax OneHot", vec![1, -1]));
}
