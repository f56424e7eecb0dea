"""Makes two classifiers of a few kilobytes in place of the sample project's: its labels, on a backbone of two convolutions.

    pip install onnx==1.23.2 numpy
    python tests/browser/sample/make.py

Nobody trained them: the tests that use them are about the page, not about what the models say.
"""

import json
import pathlib

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent
SIDE = 24
CHANNELS = 12
LABELS = {
    "trash": ["cardboard", "glass", "metal", "paper", "plastic"],
    "clothes": ["shirt", "shoes", "shorts", "skirt", "t-shirt"],
}
PREPROCESSING = {
    "width": SIDE,
    "height": SIDE,
    "fit": "squash",
    "filter": "bilinear",
    "antialias": True,
    "range": [0, 1],
    "mean": [0.5, 0.5, 0.5],
    "std": [0.5, 0.5, 0.5],
    "channels": "rgb",
    "layout": "nchw",
}


def weights(seed, *shape):
    return (2 * np.random.default_rng(seed).standard_normal(shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)


def build(name, seed):
    nodes, constants = [], []

    def add(op, inputs, output, **attributes):
        nodes.append(helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def constant(name, value):
        constants.append(numpy_helper.from_array(value, name))
        return name

    last = "image"
    for layer, (outputs, inputs) in enumerate([(8, 3), (CHANNELS, 8)]):
        kernel = constant(f"kernel{layer}", weights(layer, outputs, inputs, 3, 3))
        last = add("Conv", [last, kernel], f"conv{layer}", pads=[1] * 4, strides=[2, 2], kernel_shape=[3, 3])
        last = add("Relu", [last], f"relu{layer}")
    pooled = add("Flatten", [add("GlobalAveragePool", [last], "pooled")], "flat", axis=1)
    labels = len(LABELS[name])
    logits = add("Gemm", [pooled, constant("head", weights(seed, labels, CHANNELS)), constant("bias", weights(seed + 1, labels))], "logits", transB=1)
    output = add("Softmax", [logits], "probabilities", axis=-1)
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, SIDE, SIDE])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, [1, labels])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, FOLDER / f"{name}.onnx")
    (FOLDER / f"{name}.labels.txt").write_text("\n".join(LABELS[name]) + "\n")
    (FOLDER / f"{name}.preprocess.json").write_text(json.dumps(PREPROCESSING, indent=2) + "\n")


build("trash", 10)
build("clothes", 20)
