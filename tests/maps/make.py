"""Makes the small classifiers of this folder and their class activation maps, in numpy from what onnxruntime says.

    pip install onnx==1.23.2 onnxruntime==1.32.0 numpy
    python tests/maps/make.py

All stand on one backbone of two convolutions and take the image x[i] = ((37 i) mod 101) / 50 - 1 (i counts the
elements of [1, 3, 12, 20] in row-major order). A map is the sum over channels k of w[k] times the last map f[k], as
Zhou et al. (CVPR 2016) define it.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent
SHAPE = [1, 3, 12, 20]
CHANNELS = 8


def weights(seed, *shape):
    return (np.random.default_rng(seed).standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def build(name, classes, tail):
    """A classifier: the backbone, then what `tail` adds to (nodes, constants)."""
    nodes, constants = [], []

    def add(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def constant(name, value):
        constants.append(numpy_helper.from_array(value, name))
        return name

    last = "x"
    for layer, (outputs, inputs) in enumerate([(6, 3), (CHANNELS, 6)]):
        kernel = constant(f"kernel{layer}", weights(layer, outputs, inputs, 3, 3) * 2)
        last = add("Conv", [last, kernel], f"conv{layer}", pads=[1] * 4, strides=[2, 2], kernel_shape=[3, 3])
        last = add("Relu", [last], f"relu{layer}")
    output = tail(add, constant, last)
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, SHAPE)],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, classes])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name}.onnx")
    return model


def pooled(add, last):
    return add("Flatten", [add("GlobalAveragePool", [last], "pooled")], "flat", axis=1)


def linear(seed, classes):
    def tail(add, constant, last):
        matrix = constant("head", weights(seed, classes, CHANNELS))
        bias = constant("bias", weights(seed + 1, classes, 1)[:, 0])
        return add("Gemm", [pooled(add, last), matrix, bias], "logits", transB=1)

    return tail


def hidden(add, constant, last):
    first = add("Gemm", [pooled(add, last), constant("hidden", weights(30, 5, CHANNELS))], "inner", transB=1)
    return add("Gemm", [add("Relu", [first], "bent"), constant("head", weights(31, 3, 5))], "logits", transB=1)


def convolution(add, constant, last):
    """As SqueezeNet: the labels are channels, which are averaged."""
    scores = add("Conv", [last, constant("head", weights(40, 3, CHANNELS, 1, 1))], "scores", kernel_shape=[1, 1])
    return pooled(add, add("Relu", [scores], "positive"))


def inner(model, image, value):
    """What onnxruntime computes for a value inside a graph."""
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    copy.graph.output.append(helper.make_tensor_value_info(value, TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(copy.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run([value], {"x": image})[0]


image = (((37 * np.arange(np.prod(SHAPE))) % 101) / 50 - 1).astype(np.float32).reshape(SHAPE)
answers = {}
for name, classes, tail in [("plain", 4, linear(10, 4)), ("other", 3, linear(20, 3)), ("hidden", 3, hidden), ("convolution", 3, convolution)]:
    model = build(name, classes, tail)
    known = {tensor.name: numpy_helper.to_array(tensor) for tensor in model.graph.initializer}
    logits = inner(model, image, model.graph.output[0].name)[0]
    if name == "hidden":
        answers[name] = {"logits": logits.tolist(), "maps": None, "bias": None}
        continue
    if name == "convolution":
        maps, bias = inner(model, image, "positive")[0], np.zeros(classes)
    else:
        last = inner(model, image, "relu1")[0].astype(np.float64)
        maps, bias = np.einsum("lk,kyx->lyx", known["head"].astype(np.float64), last), known["bias"]
    assert np.allclose(maps.mean(axis=(1, 2)) + bias, logits, atol=1e-5)
    answers[name] = {"logits": logits.tolist(), "maps": maps.round(7).tolist(), "bias": bias.tolist()}
(FOLDER / "answers.json").write_text(json.dumps(answers) + "\n")
