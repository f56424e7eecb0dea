//! The names in the formats: operators, attributes, metadata keys, files next to a model.

#![cfg_attr(rustfmt, rustfmt_skip)]

/// Operators of the ONNX standard, and those that exporters and onnxruntime add.
pub const OPERATORS: [&str; 106] = [
    "Abs", "Add", "And", "ArgMax", "AveragePool", "BatchNormalization", "Cast", "CastLike", "Ceil", "Celu", "Clip", "Concat",
    "Constant", "ConstantOfShape", "Conv", "ConvInteger", "ConvTranspose", "CumSum", "DepthToSpace", "DequantizeLinear",
    "Div", "Dropout", "DynamicQuantizeLinear", "Einsum", "Elu", "Equal", "Erf", "Exp", "Expand", "EyeLike", "Flatten",
    "Floor", "FusedConv", "GRU", "Gather", "GatherElements", "GatherND", "Gelu", "Gemm", "GlobalAveragePool",
    "GlobalMaxPool", "Greater", "GridSample", "GroupNormalization", "HardSigmoid", "HardSwish", "Identity", "If",
    "InstanceNormalization", "IsNaN", "LRN", "LSTM", "LayerNormalization", "LeakyRelu", "Log", "LogSoftmax", "Loop",
    "LpNormalization", "LpPool", "MatMul", "MatMulInteger", "Max", "MaxPool", "Mean", "Min", "Mish", "Mod", "Mul", "Neg",
    "NonZero", "Not", "OneHot", "PRelu", "Pad", "Pow", "QLinearConv", "QuantizeLinear", "RandomNormal", "Range",
    "Reciprocal", "ReduceL2", "ReduceMax", "ReduceMean", "ReduceSum", "Relu", "Reshape", "Resize", "Round", "Scan",
    "ScatterElements", "Shape", "Sigmoid", "Size", "Slice", "Softmax", "Softplus", "SpaceToDepth", "Split", "Sqrt",
    "Squeeze", "Sub", "Sum", "Tile", "TopK", "Transpose", "Unsqueeze",
];

/// Attributes of these operators.
pub const ATTRIBUTES: [&str; 61] = [
    "activation", "allowzero", "alpha", "approximate", "auto_pad", "axes", "axis", "batch_dims", "beta", "blocksize", "bias",
    "ceil_mode", "coordinate_transformation_mode", "count_include_pad", "dilations", "direction", "epsilon", "equation",
    "exclusive", "fmod", "gamma", "group", "high", "hidden_size", "keepdims", "kernel_shape", "lambd", "largest", "low",
    "max", "min", "mode", "momentum", "nearest_mode", "num_groups", "num_outputs", "output_padding", "output_shape", "p",
    "pads", "perm", "ratio", "reverse", "scales", "select_last_index", "shape", "size", "sorted", "split", "stash_type",
    "storage_order", "strides", "to", "transA", "transB", "training_mode", "value", "value_float", "value_ints", "k",
    "noop_with_empty_axes",
];

/// String values of the attributes.
pub const MODES: [&str; 17] = [
    "SAME_UPPER", "SAME_LOWER", "VALID", "NOTSET", "constant", "reflect", "edge", "nearest", "linear", "cubic", "DCR", "CRD",
    "align_corners", "asymmetric", "tanh", "ij,jk->ik", "forward",
];

/// Keys of `metadata_props`.
pub const METADATA: [&str; 13] = [
    "polyhead.version", "polyhead.labels", "polyhead.heads", "polyhead.preprocessing", "polyhead.rule", "polyhead.sources",
    "names", "task", "imgsz", "Image.BitmapPixelFormat", "Image.NominalPixelRange", "author", "license",
];

/// Keys of the JSON files that are read.
pub const KEYS: [&str; 96] = [
    "labels", "classes", "Label", "id2label", "label_names", "imageSize", "tmVersion", "packageName", "inputs", "shape",
    "size", "width", "height", "shortest_edge", "crop_size", "crop_pct", "do_resize", "do_center_crop", "do_rescale",
    "do_normalize", "do_flip_channel_order", "rescale_factor", "rescale_offset", "image_mean", "image_std", "resample",
    "image_processor_type", "feature_extractor_type", "pretrained_cfg", "input_size", "interpolation", "mean", "std",
    "crop_mode", "fit", "filter", "antialias", "range", "channels", "layout", "resize-to", "modelTopology", "model_config",
    "weightsManifest", "paths", "weights", "name", "dtype", "quantization", "min", "scale", "original_dtype", "class_name",
    "config", "layers", "inbound_nodes", "input_layers", "output_layers", "batch_input_shape", "units", "activation",
    "use_bias", "kernel_size", "strides", "padding", "data_format", "dilation_rate", "filters", "axis", "epsilon", "rate",
    "pool_size", "depth_multiplier", "groups", "target_shape", "max_value", "negative_slope", "threshold", "keepdims",
    "momentum", "center", "heads", "label", "sha256", "rule", "fitted-on", "polyhead-project", "models", "options", "merged",
    "images", "observed", "evidence", "stated", "files", "folder",
];

/// Meaningful strings in JSON files.
pub const VALUES: [&str; 40] = [
    "centre-crop", "squash", "letterbox", "nearest", "bilinear", "bicubic", "lanczos", "rgb", "bgr", "nchw", "nhwc",
    "softmax", "sigmoid", "concat", "scaled", "gated", "retrained", "features", "average", "maximum", "deviation", "f32",
    "f64", "float32", "int32", "uint8", "uint16", "float16", "Dense", "Conv2D", "DepthwiseConv2D", "BatchNormalization",
    "InputLayer", "GlobalAveragePooling2D", "Sequential", "Functional", "same", "valid", "channels_last", "relu6",
];

/// File names that are searched next to a model.
pub const FILES: [&str; 14] = [
    "model.onnx", "model.json", "labels.txt", "model.labels.txt", "classes.json", "metadata.json", "config.json",
    "signature.json", "preprocessor_config.json", "preprocess.json", "model.preprocess.json", "model.onnx.data",
    "group1-shard1of2.bin", "folder/model.onnx",
];
