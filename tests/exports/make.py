"""Writes the small exports of this folder, and what they answer by NumPy. Needs numpy; the ONNX ones also onnx."""
import json
import os

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(7)


# TensorFlow.js: every layer that is known, computed channels last in double precision as Keras documents it.

weights = []  # (name, stored bytes, manifest entry)
values = {}  # (layer, part) -> float64, as dequantised


def weight(layer, part, shape, low=-0.6, high=0.6, quantise=None):
    value = rng.uniform(low, high, shape).astype(np.float32)
    entry = {"name": f"{layer}/{part}", "shape": list(shape), "dtype": "float32"}
    stored = value
    if quantise == "float16":
        stored = value.astype(np.float16)
        entry["quantization"] = {"dtype": "float16", "original_dtype": "float32"}
        value = stored.astype(np.float32)
    elif quantise:
        top = {"uint8": 255, "uint16": 65535}[quantise]
        least, scale = float(value.min()), float(value.max() - value.min()) / top
        stored = np.round((value.astype(np.float64) - least) / scale).astype(quantise)
        entry["quantization"] = {"dtype": quantise, "min": least, "scale": scale, "original_dtype": "float32"}
        value = (stored.astype(np.float64) * scale + least).astype(np.float32)
    weights.append((stored.tobytes(), entry))
    values[layer, part] = value.astype(np.float64)
    return values[layer, part]


def padded(x, kernel, strides, padding, fill=0.0):
    if padding == "valid":
        return x
    pads = []
    for size, k, s in zip(x.shape[:2], kernel, strides):
        total = max((-(-size // s) - 1) * s + k - size, 0)
        pads.append((total // 2, total - total // 2))
    return np.pad(x, pads + [(0, 0)], constant_values=fill)


def windows(x, kernel, strides):
    height, width = [(size - k) // s + 1 for size, k, s in zip(x.shape[:2], kernel, strides)]
    for i in range(height):
        for j in range(width):
            top, left = i * strides[0], j * strides[1]
            yield i, j, x[top : top + kernel[0], left : left + kernel[1]]


def conv(x, kernel, strides=(1, 1), padding="valid"):
    x = padded(x, kernel.shape[:2], strides, padding)
    found = {(i, j): np.tensordot(w, kernel, 3) for i, j, w in windows(x, kernel.shape[:2], strides)}
    return table(found)


def depthwise(x, kernel, padding="same"):
    x = padded(x, kernel.shape[:2], (1, 1), padding)
    found = {(i, j): np.einsum("hwc,hwcm->cm", w, kernel).ravel() for i, j, w in windows(x, kernel.shape[:2], (1, 1))}
    return table(found)


def pool(x, size, strides, kind):
    fill = -np.inf if kind == "max" else np.nan  # padding counts for neither
    x = padded(x, size, strides, "same", fill)
    take = np.max if kind == "max" else np.nanmean
    return table({(i, j): take(w, axis=(0, 1)) for i, j, w in windows(x, size, strides)})


def table(found):
    height, width = [1 + max(k[axis] for k in found) for axis in (0, 1)]
    return np.array([[found[i, j] for j in range(width)] for i in range(height)])


def normalise(layer, x, epsilon, scale=True):
    channels = x.shape[-1:]
    gamma = weight(layer, "gamma", channels, 0.5, 1.5) if scale else 1.0
    beta = weight(layer, "beta", channels)
    mean, variance = weight(layer, "moving_mean", channels), weight(layer, "moving_variance", channels, 0.5, 1.5)
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta


def softmax(x):
    e = np.exp(x - x.max())
    return e / e.sum()


def layer(kind, name, inputs=None, **config):
    made = {"class_name": kind, "name": name, "config": {"name": name, **config}}
    if inputs is not None:
        made["inbound_nodes"] = [[[i, 0, 0, {}] for i in inputs]] if inputs else []
    return made


def tfjs():
    image = rng.uniform(-1, 1, (9, 9, 3)).astype(np.float32)
    x = np.pad(image.astype(np.float64), ((0, 1), (0, 1), (0, 0)))
    x = conv(x, weight("conv", "kernel", (3, 3, 3, 4), quantise="uint8"), (2, 2))
    x = np.clip(normalise("bn", x, 1e-3), 0, 6)
    x = depthwise(x, weight("depthwise", "depthwise_kernel", (3, 3, 4, 2))) + weight("depthwise", "bias", (8,))
    x = normalise("bn_unscaled", x, 1e-2, scale=False)
    x = np.minimum(np.where(x < 0, 0.1 * x, x), 1.5)
    a = conv(x, weight("project", "kernel", (1, 1, 8, 4), quantise="uint16"))
    b = depthwise(a, weight("separable", "depthwise_kernel", (3, 3, 4, 1)))
    b = conv(b, weight("separable", "pointwise_kernel", (1, 1, 4, 4))) + weight("separable", "bias", (4,))
    x = pool(a + np.maximum(b, 0), (2, 2), (1, 1), "max")
    x = conv(x, weight("strided", "kernel", (3, 3, 4, 5), quantise="float16"), (2, 2), "same")  # 4 to 2: one pixel, behind
    x = x / (1 + np.exp(-x))
    base = pool(x, (3, 3), (1, 1), "average")
    wide = base.reshape(-1) @ weight("wide", "kernel", (20, 6)) + weight("wide", "bias", (6,))
    mean = base.mean(axis=(0, 1)) @ weight("mean", "kernel", (5, 6))
    x = np.maximum(wide + mean, 0)
    logits = x @ weight("scores", "kernel", (6, 3))

    layers = [
        layer("InputLayer", "image", [], batch_input_shape=[None, 9, 9, 3], dtype="float32"),
        layer("ZeroPadding2D", "pad", ["image"], padding=[[0, 1], [0, 1]]),
        layer("Conv2D", "conv", ["pad"], kernel_size=[3, 3], strides=[2, 2], padding="valid", use_bias=False),
        layer("BatchNormalization", "bn", ["conv"], axis=-1, epsilon=1e-3),
        layer("ReLU", "relu", ["bn"], max_value=6),
        layer("DepthwiseConv2D", "depthwise", ["relu"], kernel_size=[3, 3], strides=[1, 1], padding="same", depth_multiplier=2),
        layer("BatchNormalization", "bn_unscaled", ["depthwise"], axis=[3], epsilon=1e-2, scale=False),
        layer("ReLU", "leaky", ["bn_unscaled"], max_value=1.5, negative_slope=0.1),
        layer("Conv2D", "project", ["leaky"], kernel_size=[1, 1], use_bias=False),
        layer("SeparableConv2D", "separable", ["project"], kernel_size=[3, 3], padding="same", activation="relu"),
        layer("Add", "add", ["project", "separable"]),
        layer("MaxPooling2D", "max", ["add"], pool_size=[2, 2], strides=[1, 1], padding="same"),
        layer("Conv2D", "strided", ["max"], kernel_size=[3, 3], strides=[2, 2], padding="same", use_bias=False),
        layer("Activation", "swish", ["strided"], activation="swish"),
        layer("AveragePooling2D", "average", ["swish"], pool_size=[3, 3], strides=[1, 1], padding="same"),
    ]
    base = layer("Functional", "base", ["input"], layers=layers, input_layers=[["image", 0, 0]], output_layers=[["average", 0, 0]])
    head = layer("Sequential", "head", ["sum"], layers=[
        layer("Activation", "act", activation="relu"),
        layer("Dropout", "drop", rate=0.5),
        layer("Dense", "scores", units=3, activation="linear", use_bias=False),
        layer("Softmax", "softmax", axis=-1),
    ])
    root = layer("Model", "whole", layers=[
        layer("InputLayer", "input", [], batch_input_shape=[None, 9, 9, 3], dtype="float32"),
        base,
        layer("Flatten", "flat", ["base"]),
        layer("Dense", "wide", ["flat"], units=6, activation="linear"),
        layer("GlobalAveragePooling2D", "pooled", ["base"]),
        layer("Reshape", "map", ["pooled"], target_shape=[1, 1, 5]),
        layer("Flatten", "vector", ["map"]),
        layer("Dense", "mean", ["vector"], units=6, activation="linear", use_bias=False),
        layer("Add", "sum", ["wide", "mean"]),
        head,
    ], input_layers=[["input", 0, 0]], output_layers=[["head", 0, 0]])

    data = b"".join(stored for stored, _ in weights)
    cut = len(data) // 2 + 1  # inside a number
    folder = os.path.join(HERE, "tfjs")
    os.makedirs(folder, exist_ok=True)
    paths = ["group1-shard1of2.bin", "group1-shard2of2.bin"]
    for path, part in zip(paths, [data[:cut], data[cut:]]):
        with open(os.path.join(folder, path), "wb") as file:
            file.write(part)
    manifest = [{"paths": paths, "weights": [entry for _, entry in weights]}]
    topology = {"keras_version": "tfjs-layers 4.0.0", "backend": "tensor_flow.js", **root}
    save("tfjs/model.json", {"format": "layers-model", "modelTopology": topology, "weightsManifest": manifest})
    save("tfjs/metadata.json", {"tfjsVersion": "4.0.0", "tmVersion": "2.4.7", "packageName": "@teachablemachine/image",
                                "labels": ["red", "green", "blue"], "imageSize": 9})
    save("tfjs/expected.json", {"input": image.ravel().tolist(), "logits": logits.tolist(), "probabilities": softmax(logits).tolist()})


# ONNX: a normalisation, a convolution, the mean, a linear layer.

def onnx_models():
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    def model(size, prefix=""):
        kernel = rng.uniform(-1, 1, (4, 3, 3, 3)).astype(np.float32)
        matrix = rng.uniform(-1, 1, (4, 3)).astype(np.float32)
        constants = {"scale": np.float32(1 / 255), "kernel": kernel, "matrix": matrix, "bias": np.zeros(3, np.float32)}
        nodes = [
            helper.make_node("Mul", ["input", "scale"], ["scaled"]),
            helper.make_node("Transpose", ["scaled"], ["moved"], perm=[0, 3, 1, 2]),
            helper.make_node("Conv", ["moved", "kernel"], ["map"], name="conv"),
            helper.make_node("GlobalAveragePool", ["map"], ["mean"]),
            helper.make_node("Flatten", ["mean"], ["vector"]),
            helper.make_node("Gemm", ["vector", "matrix", "bias"], ["logits"], name="dense"),
            helper.make_node("Softmax", ["logits"], ["output"], axis=-1),
        ]
        graph = helper.make_graph(
            nodes, "main",
            [helper.make_tensor_value_info("input", TensorProto.FLOAT, ["N", *size, 3])],
            [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["N", 3])],
            [numpy_helper.from_array(value, name) for name, value in constants.items()],
        )
        return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="make.py")

    # As liner.ai's: height and width open, labels by index, other formats beside it.
    os.makedirs(os.path.join(HERE, "liner"), exist_ok=True)
    onnx.save(model(["h", "w"]), os.path.join(HERE, "liner", "model.onnx"))
    save("liner/classes.json", {"yes": 1, "no": 0, "maybe": 2})
    with open(os.path.join(HERE, "liner", "model.tflite"), "wb") as file:
        file.write(b"\x1c\0\0\0TFL3 stands for the model in another format")

    # Weights in a file of their own.
    os.makedirs(os.path.join(HERE, "external"), exist_ok=True)
    path = os.path.join(HERE, "external", "model.onnx.data")
    if os.path.exists(path):
        os.remove(path)
    onnx.save(model([8, 8]), os.path.join(HERE, "external", "model.onnx"), save_as_external_data=True,
              location="model.onnx.data", size_threshold=0)
    with open(os.path.join(HERE, "external", "labels.txt"), "w") as file:
        file.write("a\nb\nc\n")


def save(path, value):
    with open(os.path.join(HERE, path), "w") as file:
        json.dump(value, file, indent=1 if path.endswith("expected.json") else None)
        file.write("\n")


tfjs()
onnx_models()
