"""Makes the small models of this folder and what onnxruntime answers to them.

    pip install onnx==1.23.2 onnxruntime==1.32.0 numpy
    python tests/models/make.py

Each model shows one way to write something. All take the image x[i] = ((37 i) mod 101) / 50 - 1 (i counts the
elements of the input in row-major order), multiplied by 127.5 and raised by 127.5 for the models of LEVELS.
"""

import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

FOLDER = pathlib.Path(__file__).parent
NCHW, NHWC = [1, 3, 8, 8], [1, 8, 8, 3]
CLASSES = 4
LEVELS = ("input_scaled", "input_batch_normalized", "input_keras")
answers = {}


def weights(*shape, scale=1.0, seed=7):
    fan = int(np.prod(shape[1:]))
    values = np.random.default_rng(seed + int(np.prod(shape))).standard_normal(shape)
    return (values * scale / np.sqrt(fan)).astype(np.float32)


def positive(*shape):
    return np.abs(weights(*shape)) + np.float32(0.5)


class Net:
    """A graph that grows node by node; every call gives the name of the first output."""

    def __init__(self, opset=17, shape=NCHW):
        self.opset, self.shape = opset, shape
        self.nodes, self.constants, self.functions, self.domains = [], [], [], []

    def constant(self, value):
        name = f"c{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, op, *inputs, outputs=1, domain="", **attributes):
        inputs = [i if isinstance(i, str) else self.constant(i) for i in inputs]
        name = f"n{len(self.nodes)}"
        names = [f"{name}.{o}" for o in range(outputs)]
        self.nodes.append(helper.make_node(op, inputs, names, name=f"{op}_{name}", domain=domain, **attributes))
        return names[0]

    def conv(self, x, out=8, inside=3, kernel=3, bias=True, **attributes):
        attributes.setdefault("pads", [kernel // 2] * 4)
        inputs = [weights(out, inside, kernel, kernel)] + ([weights(out, scale=0.1)] if bias else [])
        return self.add("Conv", x, *inputs, kernel_shape=[kernel, kernel], **attributes)

    def classify(self, x, channels=8):
        """Global average, Flatten, Gemm."""
        x = self.add("Flatten", self.add("GlobalAveragePool", x))
        return self.add("Gemm", x, weights(CLASSES, channels), weights(CLASSES, scale=0.1), transB=1)

    def model(self, output, dtype=TensorProto.FLOAT, width=CLASSES):
        graph = helper.make_graph(
            self.nodes,
            "net",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, self.shape)],
            [helper.make_tensor_value_info("y", dtype, [1, width])],
            self.constants,
        )
        for node in graph.node:
            node.output[:] = ["y" if o == output else o for o in node.output]
            node.input[:] = ["y" if i == output else i for i in node.input]
        opsets = [helper.make_opsetid("", self.opset)] + [helper.make_opsetid(d, 1) for d in self.domains]
        ir = 8 if self.opset < 20 else 10
        return helper.make_model(graph, opset_imports=opsets, ir_version=ir, functions=self.functions, producer_name="make.py")


def keep(name, model, refused=False):
    """Stores a model; onnxruntime's answer too, where it takes the model at all."""
    model = model.model(*model.done) if isinstance(model, Net) else model
    onnx.save(model, FOLDER / f"{name}.onnx")
    if refused:
        return
    onnx.checker.check_model(model, full_check=True)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    shape = [d.dim_value for d in model.graph.input[0].type.tensor_type.shape.dim]
    image = (np.arange(np.prod(shape)) * 37 % 101 / 50 - 1).astype(np.float32).reshape(shape)
    if name in LEVELS:
        image = image * np.float32(127.5) + np.float32(127.5)
    if model.graph.input[0].type.tensor_type.elem_type == TensorProto.FLOAT16:
        image = image.astype(np.float16)
    if model.graph.input[0].type.tensor_type.elem_type == TensorProto.DOUBLE:
        image = image.astype(np.float64)
    output = session.run(None, {model.graph.input[0].name: image})[0]
    answers[name] = [float(f"{v:.7g}") for v in output.ravel()]


def simple(name, build, opset=17, shape=NCHW, channels=8, refused=False, **options):
    """conv → build(net, x) → classify."""
    net = Net(opset, shape)
    x = net.conv("x", **options)
    keep(name, net.model(net.classify(build(net, x), channels)), refused)


def ended(name, build, opset=17, refused=False):
    """conv → [1, 8, 8, 8] → build(net, x), which gives the logits."""
    net = Net(opset)
    keep(name, net.model(build(net, net.conv("x"))), refused)


def gemm(net, x, inside=8):
    return net.add("Gemm", x, weights(CLASSES, inside), weights(CLASSES, scale=0.1), transB=1)


def norm(net, x, channels=8, **attributes):
    return net.add("BatchNormalization", x, positive(channels), weights(channels), weights(channels), positive(channels), **attributes)


f32 = np.float32
i64 = lambda *v: np.array(v, np.int64)


def folding():
    simple("bn_fold", lambda n, x: n.add("Relu", norm(n, x, epsilon=1e-3)))
    simple("bn_fold_no_bias", lambda n, x: norm(n, x), bias=False)
    simple("bn_opset8", lambda n, x: norm(n, x), opset=8)
    simple("bn_alone", lambda n, x: norm(n, n.add("MaxPool", x, kernel_shape=[2, 2], strides=[2, 2])))
    simple("bias_c11", lambda n, x: n.add("Add", x, weights(8, 1, 1)), bias=False)
    simple("bias_1c11_left", lambda n, x: n.add("Add", weights(8, 1, 1)[None], x), bias=False)
    simple("scale_and_shift", lambda n, x: n.add("Sub", n.add("Div", x, positive(8, 1, 1)), f32(0.25)))
    simple("padding_in_front", lambda n, x: n.conv(n.add("Pad", x, i64(0, 0, 0, 0, 0, 0, 1, 1)), 8, 8, pads=[0] * 4, strides=[2, 2]))
    simple("padding_same_upper", lambda n, x: n.add("Conv", x, weights(8, 8, 3, 3), auto_pad="SAME_UPPER", strides=[2, 2]))
    simple("padding_same_lower", lambda n, x: n.add("Conv", x, weights(8, 8, 2, 2), auto_pad="SAME_LOWER"))
    simple("padding_of_value", lambda n, x: n.conv(n.add("Pad", x, i64(0, 0, 1, 1, 0, 0, 1, 1), f32(0.5)), 8, 8, pads=[0] * 4))
    simple("constant_nodes", constant_nodes)
    simple("no_ops", no_ops)
    simple("training_dropout", lambda n, x: n.add("Dropout", x, f32(0.5), np.array(True)), refused=True)
    simple("training_bn", training_norm, refused=True)


def training_norm(net, x):
    inputs = [net.constant(v) for v in (positive(8), weights(8), weights(8), positive(8))]
    return net.add("BatchNormalization", x, *inputs, outputs=3, training_mode=1)


def constant_nodes(net, x):
    shape = net.add("Constant", value=numpy_helper.from_array(i64(8)))
    zeros = net.add("ConstantOfShape", shape, value=numpy_helper.from_array(np.array([1.5], f32)))
    column = net.add("Reshape", zeros, net.add("Constant", value_ints=[8, 1, 1]))
    return net.add("Add", x, net.add("Mul", column, net.add("Constant", value_float=0.5)))


def no_ops(net, x):
    x = net.add("Identity", net.add("Dropout", x))
    x = net.add("Cast", x, to=TensorProto.FLOAT)
    x = net.add("Transpose", net.add("Transpose", x, perm=[0, 2, 3, 1]), perm=[0, 3, 1, 2])
    x = net.add("Reshape", net.add("Reshape", x, i64(1, 8, 64)), i64(1, 8, 8, 8))
    return net.add("Pad", x, i64(*[0] * 8))


def activations():
    for name, opset, build in [
        ("clip6_attributes", 10, lambda n, x: n.add("Clip", x, min=0.0, max=6.0)),
        ("clip6_inputs", 17, lambda n, x: n.add("Clip", x, f32(0), f32(6))),
        ("clip6_min_max", 17, lambda n, x: n.add("Min", n.add("Max", x, f32(0)), f32(6))),
        ("clip6_max_min_vectors", 17, lambda n, x: n.add("Max", n.add("Min", f32([6]), x), f32([0]))),
        ("clip6_relu_min", 17, lambda n, x: n.add("Min", n.add("Relu", x), f32(6))),
        ("relu_clip", 17, lambda n, x: n.add("Clip", x, f32(0))),
        ("relu_max", 17, lambda n, x: n.add("Max", f32(0), x)),
        ("clip_before_opset11_without_max", 7, lambda n, x: n.add("Clip", x, min=0.0)),
    ]:
        simple(name, build, opset)
    three, six, sixth = f32(3), f32(6), f32(1 / 6)
    clip = lambda n, x: n.add("Clip", n.add("Add", x, three), f32(0), six)
    simple("hardswish", lambda n, x: n.add("HardSwish", x))
    simple("hardswish_div", lambda n, x: n.add("Div", n.add("Mul", x, clip(n, x)), six))
    simple("hardswish_mul", lambda n, x: n.add("Mul", x, n.add("Mul", clip(n, x), sixth)))
    simple("hardswish_div_first", lambda n, x: n.add("Mul", n.add("Div", clip(n, x), six), x))
    simple("hardswish_hard_sigmoid", lambda n, x: n.add("Mul", x, n.add("HardSigmoid", x, alpha=1 / 6, beta=0.5)))
    simple("hardswish_relu6", lambda n, x: n.add("Div", n.add("Mul", x, n.add("Min", n.add("Relu", n.add("Add", three, x)), six)), six))
    simple("hardsigmoid_default", lambda n, x: n.add("HardSigmoid", x))
    simple("silu", lambda n, x: n.add("Mul", x, n.add("Sigmoid", x)))
    simple("silu_swapped", lambda n, x: n.add("Mul", n.add("Sigmoid", x), x))
    simple("silu_swish", lambda n, x: n.add("Swish", x), opset=24, refused=True)
    half, one = f32(0.5), f32(1)
    erf = lambda n, x: n.add("Add", n.add("Erf", n.add("Div", x, f32(np.sqrt(2)))), one)
    simple("gelu_opset20", lambda n, x: n.add("Gelu", x), opset=20)
    simple("gelu_tanh_opset20", lambda n, x: n.add("Gelu", x, approximate="tanh"), opset=20)
    simple("gelu_torch", lambda n, x: n.add("Mul", n.add("Mul", x, erf(n, x)), half))
    simple("gelu_half_first", lambda n, x: n.add("Mul", n.add("Mul", x, half), erf(n, x)))
    simple("mish_opset18", lambda n, x: n.add("Mish", x), opset=18)
    simple("mish_spelled", lambda n, x: n.add("Mul", x, n.add("Tanh", n.add("Softplus", x))))
    simple("prelu", lambda n, x: n.add("PRelu", x, positive(8, 1, 1)))


def endings():
    pool = lambda n, x: n.add("GlobalAveragePool", x)
    simple("average_pool_whole", lambda n, x: n.add("AveragePool", x, kernel_shape=[8, 8]))
    for name, opset, build in [
        ("flatten", 17, lambda n, x: n.add("Flatten", pool(n, x))),
        ("flatten_reshape", 17, lambda n, x: n.add("Reshape", pool(n, x), i64(0, -1))),
        ("flatten_reshape_sizes", 17, lambda n, x: n.add("Reshape", pool(n, x), i64(1, 8))),
        ("flatten_squeeze", 17, lambda n, x: n.add("Squeeze", pool(n, x), i64(2, 3))),
        ("flatten_squeeze_opset11", 11, lambda n, x: n.add("Squeeze", pool(n, x), axes=[2, 3])),
        ("flatten_squeeze_twice", 17, lambda n, x: n.add("Squeeze", n.add("Squeeze", pool(n, x), i64(3)), i64(2))),
        ("mean", 17, lambda n, x: n.add("ReduceMean", x, axes=[2, 3], keepdims=0)),
        ("mean_negative_axes", 17, lambda n, x: n.add("ReduceMean", x, axes=[-1, -2], keepdims=0)),
        ("mean_keepdims", 17, lambda n, x: n.add("Flatten", n.add("ReduceMean", x, axes=[2, 3]))),
        ("mean_opset18", 18, lambda n, x: n.add("ReduceMean", x, i64(2, 3), keepdims=0)),
        ("mean_nhwc", 17, lambda n, x: n.add("ReduceMean", n.add("Transpose", x, perm=[0, 2, 3, 1]), axes=[1, 2], keepdims=0)),
        ("mean_of_flat", 17, lambda n, x: n.add("ReduceMean", n.add("Reshape", x, i64(1, 8, 64)), axes=[2], keepdims=0)),
        ("sum_opset11", 11, lambda n, x: n.add("Mul", n.add("ReduceSum", x, axes=[2, 3], keepdims=0), f32(1 / 64))),
        ("sum_opset13", 13, lambda n, x: n.add("Mul", n.add("ReduceSum", x, i64(2, 3), keepdims=0), f32(1 / 64))),
        ("pool_nhwc", 17, lambda n, x: n.add("Reshape", n.add("Transpose", pool(n, x), perm=[0, 2, 3, 1]), i64(1, 8))),
        ("dropout_opset10", 10, lambda n, x: n.add("Dropout", n.add("Flatten", pool(n, x)), ratio=0.5)),
        ("dropout_opset12", 12, lambda n, x: n.add("Dropout", n.add("Flatten", pool(n, x)), f32(0.5), np.array(False))),
        ("unsqueeze_opset11", 11, lambda n, x: n.add("Squeeze", n.add("Unsqueeze", n.add("Flatten", pool(n, x)), axes=[1]), axes=[1])),
        ("max_opset18", 18, lambda n, x: n.add("ReduceMax", x, i64(2, 3), keepdims=0)),
    ]:
        ended(name, lambda n, x, build=build: gemm(n, build(n, x)), opset)
    flat = lambda n, x: n.add("Flatten", pool(n, x))
    matrix = weights(8, CLASSES)
    ended("linear_matmul", lambda n, x: n.add("MatMul", flat(n, x), matrix))
    ended("linear_bias_right", lambda n, x: n.add("Add", n.add("MatMul", flat(n, x), matrix), weights(CLASSES)))
    ended("linear_bias_left", lambda n, x: n.add("Add", weights(1, CLASSES), n.add("MatMul", flat(n, x), matrix)))
    ended("linear_gemm_factors", lambda n, x: n.add("Gemm", flat(n, x), matrix, weights(1, CLASSES), alpha=0.5, beta=2.0))
    ended("linear_convolution", lambda n, x: n.add("Flatten", n.add("Conv", pool(n, x), weights(CLASSES, 8, 1, 1), weights(CLASSES))))
    ended("linear_bn", lambda n, x: norm(n, gemm(n, flat(n, x)), CLASSES))
    softmax = lambda axis: lambda n, x: n.add("Softmax", gemm(n, flat(n, x)), **({} if axis is None else {"axis": axis}))
    ended("softmax_opset11", softmax(None), 11)
    ended("softmax_opset13", softmax(None), 13)
    ended("softmax_first_axis_opset11", lambda n, x: n.add("Flatten", n.add("Softmax", n.add("Conv", pool(n, x), weights(CLASSES, 8, 1, 1)))), 11)
    ended("softmax_coerced_opset11", lambda n, x: gemm(n, flat(n, n.add("Softmax", x))), 11, refused=True)
    ended("log_softmax_opset11", lambda n, x: n.add("LogSoftmax", gemm(n, flat(n, x))), 11)


def opsets():
    simple("slice_opset9", lambda n, x: n.add("Slice", x, axes=[2, 3], starts=[1, 0], ends=[7, 6]), 9)
    simple("slice_opset17", lambda n, x: n.add("Slice", x, i64(1, 0), i64(7, 6), i64(2, 3)))
    simple("pad_opset10", lambda n, x: n.add("MaxPool", n.add("Pad", x, pads=[0, 0, 1, 1, 0, 0, 1, 1], value=-1.0), kernel_shape=[2, 2]), 10)
    simple("pad_axes_opset18", lambda n, x: n.add("MaxPool", n.add("Pad", x, i64(1, 1, 1, 1), f32(-1), i64(-2, -1)), kernel_shape=[2, 2]), 18)
    split = lambda n, x, *a, **k: n.add("Add", n.add("Split", x, *a, axis=1, outputs=2, **k), n.nodes[-1].output[1])
    simple("split_opset11", lambda n, x: split(n, x, split=[4, 4]), 11, channels=4)
    simple("split_opset13", lambda n, x: split(n, x, i64(4, 4)), 13, channels=4)
    simple("split_equal_opset11", lambda n, x: split(n, x), 11, channels=4)
    simple("split_parts_opset18", lambda n, x: split(n, x, num_outputs=2), 18, channels=4)
    simple("average_pool_opset19", lambda n, x: n.add("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2], dilations=[1, 1]), 19)
    simple("average_pool_dilated_opset19", lambda n, x: n.add("AveragePool", x, kernel_shape=[2, 2], dilations=[2, 2]), 19, refused=True)
    simple("cast_opset19", lambda n, x: n.add("Cast", n.add("Cast", x, to=TensorProto.DOUBLE, saturate=1), to=TensorProto.FLOAT), 19)
    simple("upsample_opset9", lambda n, x: n.add("Upsample", x, f32([1, 1, 2, 2]), mode="nearest"), 9)
    simple("upsample_linear_opset9", lambda n, x: n.add("Upsample", x, f32([1, 1, 2, 2]), mode="linear"), 9, refused=True)
    simple("resize_opset10", lambda n, x: n.add("Resize", x, f32([1, 1, 2, 2]), mode="nearest"), 10, refused=True)
    simple("resize_opset18", lambda n, x: n.add("Resize", x, "", f32([1, 1, 2, 2]), mode="nearest", nearest_mode="floor", coordinate_transformation_mode="asymmetric"), 18)
    simple("layer_norm_opset17", lambda n, x: n.add("LayerNormalization", x, positive(8), weights(8)))
    simple("group_norm_opset18", lambda n, x: n.add("GroupNormalization", x, positive(2), weights(2), num_groups=2), 18, refused=True)
    simple("group_norm_opset21", lambda n, x: n.add("GroupNormalization", x, positive(8), weights(8), num_groups=2), 21)
    simple("group_norm_spelled", group_norm)
    simple("instance_norm", lambda n, x: n.add("InstanceNormalization", x, positive(8), weights(8)))
    simple("reshape_opset21", lambda n, x: n.add("Reshape", x, i64(0, 0, -1, 4)), 21)
    simple("relu_opset6", lambda n, x: n.add("Relu", x), 6, refused=True)
    simple("relu_opset99", lambda n, x: n.add("Relu", x), 99, refused=True)


def group_norm(net, x):
    rows = net.add("InstanceNormalization", net.add("Reshape", x, i64(0, 2, -1)), np.ones(2, f32), np.zeros(2, f32))
    return net.add("Add", net.add("Mul", net.add("Reshape", rows, i64(1, 8, 8, 8)), positive(8, 1, 1)), weights(8, 1, 1))


def layouts():
    to, back = {"perm": [0, 2, 3, 1]}, {"perm": [0, 3, 1, 2]}
    simple("nhwc_relu_between", lambda n, x: n.add("Transpose", n.add("Relu", n.add("Transpose", x, **to)), **back))
    simple("nhwc_bias_between", lambda n, x: n.add("Transpose", n.add("Add", n.add("Transpose", x, **to), weights(8)), **back), bias=False)
    simple("nhwc_residual", nhwc_residual)
    net = Net(shape=NHWC)
    x = net.conv(net.add("Transpose", "x", **back))
    keep("nhwc_input", net.model(net.classify(net.add("Relu", x))))


def nhwc_residual(net, x):
    a = net.add("Transpose", x, perm=[0, 2, 3, 1])
    b = net.add("Transpose", net.conv(x, 8, 8), perm=[0, 2, 3, 1])
    return net.add("Transpose", net.add("Add", a, net.add("Sigmoid", b)), perm=[0, 3, 1, 2])


def inputs():
    head = lambda n, x: n.model(n.classify(n.add("Relu", n.conv(x, strides=[2, 2]))))
    net = Net()
    keep("input_plain", head(net, "x"))
    net = Net()
    x = net.add("Div", net.add("Sub", "x", f32(127.5)), f32(127.5))
    keep("input_scaled", head(net, x))
    net = Net()
    x = net.add("BatchNormalization", "x", np.ones(3, f32), np.zeros(3, f32), np.full(3, 127.5, f32), np.full(3, 127.5**2, f32), epsilon=1e-12)
    keep("input_batch_normalized", head(net, x))
    net = Net(shape=NHWC)
    x = net.add("Mul", "x", f32(1 / 255))
    x = net.add("Div", net.add("Sub", x, np.full((1, 1, 1, 3), 0.5, f32)), np.full((1, 1, 1, 3), 0.5, f32))
    keep("input_keras", head(net, net.add("Transpose", x, perm=[0, 3, 1, 2])))


def reference(name, outer):
    """An attribute that takes the value of an attribute of the call."""
    attribute = helper.make_attribute_ref(name, onnx.AttributeProto.FLOAT)
    attribute.ref_attr_name = outer
    return attribute


def functions():
    f = lambda name, inputs, outputs, nodes, attributes=(), opset=17: helper.make_function(
        "local", name, inputs, outputs, nodes, [helper.make_opsetid("", opset), helper.make_opsetid("local", 1)], attributes
    )
    inner = helper.make_node("LeakyRelu", ["x"], ["t"])
    inner.attribute.append(reference("alpha", "slope"))
    leaky = f("Leaky", ["x"], ["y"], [inner, helper.make_node("Identity", ["t"], ["y"])], ["slope"])
    call = helper.make_node("Leaky", ["x"], ["t"], domain="local")
    call.attribute.append(reference("slope", "outer"))
    twice = f("Twice", ["x", "bias"], ["y"], [call, helper.make_node("Add", ["t", "bias"], ["u"]), helper.make_node("Relu", ["u"], ["y"])], ["outer"])

    def build(opset, functions):
        net = Net(opset)
        net.functions, net.domains = functions, ["local"]
        x = net.add("Twice", net.conv("x"), f32(0.25), domain="local", outer=0.3)
        # The names of the functions' own values appear outside too.
        net.nodes.append(helper.make_node("Neg", [x], ["t"]))
        return net.model(net.classify(net.add("Twice", "t", f32(0.5), domain="local", outer=0.1)))

    keep("functions", build(17, [leaky, twice]))
    keep("functions_other_opset", build(18, [leaky, twice]), refused=True)
    loop = f("Leaky", ["x"], ["y"], [helper.make_node("Twice", ["x", "x"], ["y"], domain="local")], ["slope"])
    keep("functions_circle", build(17, [loop, twice]), refused=True)


def half_floats():
    net = Net()
    keep("half_source", net.model(net.classify(net.add("Clip", norm(net, net.conv("x")), f32(0), f32(6)))))
    model = onnx.load(FOLDER / "half_source.onnx")
    for tensor in model.graph.initializer:
        tensor.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), tensor.name))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    nodes[0].input[0] = "x16"
    nodes[-1].output[0] = "y16"
    nodes.insert(0, helper.make_node("Cast", ["x"], ["x16"], to=TensorProto.FLOAT16))
    nodes.append(helper.make_node("Cast", ["y16"], ["y"], to=TensorProto.FLOAT))
    model.graph.node.extend(nodes)
    keep("half_inside", model)
    model.graph.node[0].CopyFrom(helper.make_node("Identity", ["x"], ["x16"]))
    model.graph.node[-1].CopyFrom(helper.make_node("Identity", ["y16"], ["y"]))
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    model.graph.output[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    keep("half_throughout", model)


def doubles():
    """Double precision; onnxruntime has no convolution in it."""
    f64 = lambda v: v.astype(np.float64)

    def vector(n, x, channels):
        x = n.add("ReduceMean", n.add("Sub", x, f64(weights(channels, 1, 1))), axes=[2, 3], keepdims=0)
        return n.add("Add", n.add("MatMul", x, f64(weights(channels, CLASSES))), f64(weights(CLASSES)))

    net = Net()
    x = net.add("Cast", net.conv("x"), to=TensorProto.DOUBLE)
    keep("double_inside", net.model(net.add("Cast", vector(net, x, 8), to=TensorProto.FLOAT)))
    net = Net()
    model = net.model(vector(net, "x", 3), TensorProto.DOUBLE)
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.DOUBLE
    keep("double_throughout", model)


def raised_rank():
    """One number with more dimensions than the value it meets: the result has them too."""
    one = lambda v: np.full((1, 1, 1, 1, 1), v, np.float32)
    lower = lambda n, x: n.add("Squeeze", x, i64(0))
    simple("rank_raised_min", lambda n, x: lower(n, n.add("Min", x, one(0.5))))
    gate = lambda n, x: n.add("Clip", n.add("Add", x, f32(3)), f32(0), f32(6))
    simple("rank_raised_hard_sigmoid", lambda n, x: lower(n, n.add("Div", gate(n, n.add("Relu", x)), one(6))))
    simple("rank_raised_hardswish", lambda n, x: lower(n, n.add("Mul", n.add("Mul", x, gate(n, x)), one(1 / 6))))
    t = Net()
    x = t.add("Transpose", t.conv("x"), perm=[0, 2, 3, 1])
    x = t.add("ReduceMean", lower(t, t.add("Mul", x, one(0.5))), axes=[1, 2], keepdims=0)
    keep("rank_raised_nhwc", t.model(gemm(t, x)))


def grid_samples():
    grid = weights(1, 4, 4, 2)
    for opset, mode in ((16, "bilinear"), (20, "linear")):
        simple(f"grid_sample_opset{opset}", lambda n, x: n.add("GridSample", x, grid, mode=mode), opset=opset)


def integers():
    net = Net()
    quantised = np.random.default_rng(3).integers(-127, 128, (8, 3, 3, 3)).astype(np.int8)
    w = net.add("DequantizeLinear", quantised, positive(8) / 127, np.zeros(8, np.int8), axis=0)
    x = net.add("Conv", "x", w, pads=[1] * 4)
    matrix = np.random.default_rng(4).integers(0, 256, (CLASSES, 8)).astype(np.uint8)
    x = net.add("Flatten", net.add("GlobalAveragePool", x))
    x = net.add("Gemm", x, net.add("DequantizeLinear", matrix, f32(0.01), np.uint8(128)), transB=1)
    keep("integer_weights", net.model(x))
    q = lambda n, x: n.add("DequantizeLinear", n.add("QuantizeLinear", x, f32(0.02), np.uint8(128)), f32(0.02), np.uint8(128))
    simple("integer_values", q)
    net = Net()
    x = net.add("QuantizeLinear", "x", f32(0.01), np.int8(0))
    y = net.add("QLinearConv", x, f32(0.01), np.int8(0), quantised, f32(0.01), np.int8(0), f32(0.1), np.int8(0), pads=[1] * 4)
    keep("integer_convolution", net.model(net.classify(net.add("DequantizeLinear", y, f32(0.1), np.int8(0)))))


def contributed():
    """What onnxruntime writes when it stores an optimised model."""
    def net(build, name, refused=False):
        n = Net()
        n.domains = ["com.microsoft"]
        keep(name, n.model(n.classify(build(n))), refused)

    fused = lambda n, **k: n.add("FusedConv", "x", weights(8, 3, 3, 3), weights(8, scale=0.1), domain="com.microsoft", pads=[1] * 4, **k)
    net(lambda n: fused(n, activation="Relu"), "fused_relu")
    net(lambda n: fused(n, activation="Clip", activation_params=[0.0, 6.0]), "fused_clip")
    net(lambda n: n.add("Gelu", n.conv("x"), domain="com.microsoft"), "fused_gelu")
    net(lambda n: n.add("QuickGelu", n.conv("x"), domain="com.microsoft", alpha=1.0), "fused_silu")
    net(lambda n: n.add("NhwcMaxPool", n.conv("x"), domain="com.microsoft", kernel_shape=[2, 2]), "foreign_operator", refused=True)


if __name__ == "__main__":
    for old in FOLDER.glob("*.onnx"):
        old.unlink()
    for part in (folding, activations, endings, opsets, layouts, inputs, functions, half_floats, doubles, raised_rank, grid_samples, integers, contributed):
        part()
    lines = ",\n".join(f'  "{name}": {json.dumps(values)}' for name, values in sorted(answers.items()))
    (FOLDER / "answers.json").write_text("{\n" + lines + "\n}\n")
