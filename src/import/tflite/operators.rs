//! Converts the attributes of the builtin operators.

use crate::error::Result;
use crate::import::resize::{Positions, Sampling};
use crate::import::tensorflow::{Builder, Filters, Function, Operand, Operator, Reduction, StridedSlice, Window};
use tract_tflite::tflite::{
    self, ActivationFunctionType as Activation, BuiltinOperator as Builtin, FullyConnectedOptionsWeightsFormat, Model,
    Padding, TensorType,
};

/// The static shapes of an operator's inputs and outputs, and the type of its first output.
pub(super) struct Shapes {
    pub inputs: Vec<Vec<i64>>,
    pub outputs: Vec<Vec<i64>>,
    pub output_type: Option<TensorType>,
}

/// An operator, its inputs in the order that it states, and the function of its outputs.
pub(super) struct Call {
    pub operator: Operator,
    pub inputs: Vec<Operand>,
    pub fused: Option<Function>,
}

/// The builtin operator; files before 2020 have its number in a narrower field.
fn builtin(builder: &Builder, file: &Model, operator: &tflite::Operator) -> Result<(Builtin, Option<String>)> {
    let codes = file.operator_codes().unwrap_or_default();
    let index = operator.opcode_index() as usize;
    if index >= codes.len() {
        return Err(builder.malformed(format!("one of {} kinds", codes.len()), index));
    }
    let code = codes.get(index);
    let number = code.builtin_code().0.max(i32::from(code.deprecated_builtin_code()));
    Ok((Builtin(number), code.custom_code().map(str::to_string)))
}

/// The kind of an operator in messages, such as `CONV_2D`.
pub(super) fn kind(builder: &Builder, file: &Model, operator: &tflite::Operator) -> Result<String> {
    let (builtin, custom) = builtin(builder, file, operator)?;
    Ok(match (builtin, custom) {
        (Builtin::CUSTOM, Some(custom)) => custom,
        (builtin, _) => builtin.variant_name().map_or_else(|| format!("operator {}", builtin.0), str::to_string),
    })
}

pub(super) fn convert(
    builder: &Builder,
    file: &Model,
    operator: &tflite::Operator,
    mut inputs: Vec<Operand>,
    shapes: &Shapes,
) -> Result<Call> {
    let (builtin, _) = builtin(builder, file, operator)?;
    let missing = || builder.malformed("the operator's attributes", "none");
    let named = |op| (Operator::Function(Function::Named(op)), Activation::NONE);
    let function = |function| (Operator::Function(function), Activation::NONE);
    let plain = |operator| (operator, Activation::NONE);
    let reduction = |op| {
        let keep_axes = operator.builtin_options_as_reducer_options().is_some_and(|options| options.keep_dims());
        plain(Operator::Reduce { op, keep_axes })
    };
    let (converted, activation) = match builtin {
        Builtin::CONV_2D => {
            let options = operator.builtin_options_as_conv_2_doptions().ok_or_else(missing)?;
            let dilations = [options.dilation_h_factor().into(), options.dilation_w_factor().into()];
            let window = window(builder, options.padding(), [options.stride_h(), options.stride_w()])?;
            let groups = groups(shapes);
            (
                Operator::Convolution { window, filters: Filters::OutFirst, dilations, groups },
                options.fused_activation_function(),
            )
        }
        Builtin::DEPTHWISE_CONV_2D => {
            let options = operator.builtin_options_as_depthwise_conv_2_doptions().ok_or_else(missing)?;
            let dilations = [options.dilation_h_factor().into(), options.dilation_w_factor().into()];
            let window = window(builder, options.padding(), [options.stride_h(), options.stride_w()])?;
            let groups = channels(shapes).unwrap_or(1);
            (
                Operator::Convolution { window, filters: Filters::DepthwiseLast, dilations, groups },
                options.fused_activation_function(),
            )
        }
        Builtin::MAX_POOL_2D | Builtin::AVERAGE_POOL_2D => {
            let options = operator.builtin_options_as_pool_2_doptions().ok_or_else(missing)?;
            let window = window(builder, options.padding(), [options.stride_h(), options.stride_w()])?;
            let size = [options.filter_height().into(), options.filter_width().into()];
            let pool = match builtin {
                Builtin::MAX_POOL_2D => Operator::MaxPool { window, size },
                _ => Operator::AveragePool { window, size },
            };
            (pool, options.fused_activation_function())
        }
        Builtin::FULLY_CONNECTED => {
            let options = operator.builtin_options_as_fully_connected_options().ok_or_else(missing)?;
            if options.weights_format() != FullyConnectedOptionsWeightsFormat::DEFAULT {
                return Err(builder.not_covered("weights in the default format", "shuffled ones"));
            }
            let keep_axes = options.keep_num_dims();
            (Operator::FullyConnected { keep_axes }, options.fused_activation_function())
        }
        Builtin::BATCH_MATMUL => {
            let options = operator.builtin_options_as_batch_mat_mul_options();
            let transposed = options.map_or([false; 2], |options| [options.adj_x(), options.adj_y()]);
            plain(Operator::MatrixProduct { transposed })
        }
        Builtin::ADD => {
            let options = operator.builtin_options_as_add_options();
            (Operator::Broadcast("Add"), options.map_or(Activation::NONE, |o| o.fused_activation_function()))
        }
        Builtin::SUB => {
            let options = operator.builtin_options_as_sub_options();
            (Operator::Broadcast("Sub"), options.map_or(Activation::NONE, |o| o.fused_activation_function()))
        }
        Builtin::MUL => {
            let options = operator.builtin_options_as_mul_options();
            (Operator::Broadcast("Mul"), options.map_or(Activation::NONE, |o| o.fused_activation_function()))
        }
        Builtin::DIV => {
            let options = operator.builtin_options_as_div_options();
            (Operator::Broadcast("Div"), options.map_or(Activation::NONE, |o| o.fused_activation_function()))
        }
        Builtin::MAXIMUM => plain(Operator::Broadcast("Max")),
        Builtin::MINIMUM => plain(Operator::Broadcast("Min")),
        Builtin::POW => plain(Operator::Broadcast("Pow")),
        Builtin::ADD_N => plain(Operator::Broadcast("Sum")),
        Builtin::GREATER => plain(Operator::Broadcast("Greater")),
        Builtin::GREATER_EQUAL => plain(Operator::Broadcast("GreaterOrEqual")),
        Builtin::LESS => plain(Operator::Broadcast("Less")),
        Builtin::LESS_EQUAL => plain(Operator::Broadcast("LessOrEqual")),
        Builtin::SELECT | Builtin::SELECT_V2 => plain(Operator::Broadcast("Where")),
        Builtin::SQUARED_DIFFERENCE => plain(Operator::SquaredDifference),
        Builtin::PRELU => plain(Operator::PRelu),
        Builtin::RELU => named("Relu"),
        Builtin::RELU6 => function(Function::Clip(0.0, 6.0)),
        Builtin::RELU_N1_TO_1 => function(Function::Clip(-1.0, 1.0)),
        Builtin::RELU_0_TO_1 => function(Function::Clip(0.0, 1.0)),
        Builtin::LEAKY_RELU => {
            let options = operator.builtin_options_as_leaky_relu_options().ok_or_else(missing)?;
            function(Function::LeakyRelu(options.alpha()))
        }
        Builtin::GELU => {
            let approximate = operator.builtin_options_as_gelu_options().is_some_and(|options| options.approximate());
            function(Function::Gelu { approximate })
        }
        Builtin::HARD_SWISH => function(Function::HardSwish),
        Builtin::LOGISTIC => named("Sigmoid"),
        Builtin::TANH => named("Tanh"),
        Builtin::ELU => named("Elu"),
        Builtin::EXP => named("Exp"),
        Builtin::LOG => named("Log"),
        Builtin::SQRT => named("Sqrt"),
        Builtin::RSQRT => function(Function::ReciprocalRoot),
        Builtin::SQUARE => function(Function::Square),
        Builtin::ABS => named("Abs"),
        Builtin::NEG => named("Neg"),
        Builtin::FLOOR => named("Floor"),
        Builtin::CEIL => named("Ceil"),
        Builtin::ROUND => named("Round"),
        Builtin::SIN => named("Sin"),
        Builtin::COS => named("Cos"),
        Builtin::SIGN => named("Sign"),
        Builtin::SOFTMAX => {
            let scale = operator.builtin_options_as_softmax_options().map_or(1.0, |options| options.beta());
            plain(Operator::Softmax { scale })
        }
        Builtin::LOG_SOFTMAX => plain(Operator::LogSoftmax),
        Builtin::L2_NORMALIZATION => {
            let options = operator.builtin_options_as_l2_norm_options();
            (Operator::L2Normalization, options.map_or(Activation::NONE, |o| o.fused_activation_function()))
        }
        Builtin::MEAN => reduction(Reduction::Mean),
        Builtin::SUM => reduction(Reduction::Sum),
        Builtin::REDUCE_MAX => reduction(Reduction::Max),
        Builtin::REDUCE_MIN => reduction(Reduction::Min),
        Builtin::REDUCE_PROD => reduction(Reduction::Product),
        Builtin::RESHAPE => plain(reshape(builder, operator, &inputs, shapes)),
        Builtin::SQUEEZE => {
            let stated = operator.builtin_options_as_squeeze_options().and_then(|options| options.squeeze_dims());
            let stated: Vec<i64> = stated.map(|axes| axes.iter().map(i64::from).collect()).unwrap_or_default();
            let ones = shapes.inputs.first().into_iter().flatten().enumerate().filter(|(_, &side)| side == 1);
            let axes = if stated.is_empty() { ones.map(|(axis, _)| axis as i64).collect() } else { stated };
            plain(Operator::Squeeze { axes })
        }
        Builtin::EXPAND_DIMS => plain(Operator::ExpandDims),
        Builtin::TRANSPOSE => plain(Operator::Transpose),
        Builtin::CONCATENATION => {
            let options = operator.builtin_options_as_concatenation_options().ok_or_else(missing)?;
            (Operator::Concatenate { axis: options.axis().into() }, options.fused_activation_function())
        }
        Builtin::PAD | Builtin::PADV2 => plain(Operator::Pad { reflect: false }),
        Builtin::MIRROR_PAD => {
            let options = operator.builtin_options_as_mirror_pad_options().ok_or_else(missing)?;
            if options.mode() != tflite::MirrorPadMode::REFLECT {
                return Err(builder.not_covered("padding by reflection", "symmetric padding"));
            }
            plain(Operator::Pad { reflect: true })
        }
        Builtin::SLICE => plain(Operator::Slice),
        Builtin::STRIDED_SLICE => {
            let options = operator.builtin_options_as_strided_slice_options().ok_or_else(missing)?;
            if options.ellipsis_mask() != 0 || options.new_axis_mask() != 0 {
                return Err(builder.not_covered("a slice without new axes and ellipsis", "others"));
            }
            plain(Operator::StridedSlice(StridedSlice {
                ignored_begins: options.begin_mask() as u32,
                ignored_ends: options.end_mask() as u32,
                removed: options.shrink_axis_mask() as u32,
            }))
        }
        Builtin::SPLIT => {
            let axis = one(builder, inputs.first(), "the axis")?;
            inputs.remove(0);
            plain(Operator::Split { axis, sizes: sizes(builder, axis, shapes)? })
        }
        Builtin::SPLIT_V => {
            let axis = one(builder, inputs.get(2), "the axis")?;
            inputs.truncate(1);
            plain(Operator::Split { axis, sizes: sizes(builder, axis, shapes)? })
        }
        Builtin::PACK => {
            let options = operator.builtin_options_as_pack_options().ok_or_else(missing)?;
            plain(Operator::Pack { axis: options.axis().into() })
        }
        Builtin::UNPACK => {
            let options = operator.builtin_options_as_unpack_options().ok_or_else(missing)?;
            plain(Operator::Unpack { axis: options.axis().into(), count: shapes.outputs.len() })
        }
        Builtin::GATHER => {
            let options = operator.builtin_options_as_gather_options();
            if options.is_some_and(|options| options.batch_dims() != 0) {
                return Err(builder.not_covered("indices for all images", "indices per image"));
            }
            plain(Operator::Gather { axis: options.map_or(0, |options| options.axis().into()) })
        }
        Builtin::TILE => plain(Operator::Tile),
        Builtin::REVERSE_V2 => plain(Operator::Reverse),
        Builtin::SPACE_TO_DEPTH => {
            let options = operator.builtin_options_as_space_to_depth_options().ok_or_else(missing)?;
            plain(Operator::SpaceToDepth { block: options.block_size().into() })
        }
        Builtin::DEPTH_TO_SPACE => {
            let options = operator.builtin_options_as_depth_to_space_options().ok_or_else(missing)?;
            plain(Operator::DepthToSpace { block: options.block_size().into() })
        }
        Builtin::SHAPE => plain(Operator::Shape),
        Builtin::CAST => match shapes.output_type {
            Some(TensorType::FLOAT32 | TensorType::FLOAT16) => plain(Operator::CastToFloat),
            Some(TensorType::INT32 | TensorType::INT64) => plain(Operator::CastToInteger),
            other => {
                let found = other.and_then(|to| to.variant_name()).unwrap_or("an unknown type");
                return Err(builder.not_covered("a cast to floats or integers", found));
            }
        },
        Builtin::RESIZE_BILINEAR => {
            let options = operator.builtin_options_as_resize_bilinear_options().ok_or_else(missing)?;
            let positions = positions(options.align_corners(), options.half_pixel_centers());
            plain(Operator::Resize(Sampling { bilinear: true, positions }))
        }
        Builtin::RESIZE_NEAREST_NEIGHBOR => {
            let options = operator.builtin_options_as_resize_nearest_neighbor_options().ok_or_else(missing)?;
            let positions = positions(options.align_corners(), options.half_pixel_centers());
            plain(Operator::Resize(Sampling { bilinear: false, positions }))
        }
        // The values between are computed as floats.
        Builtin::QUANTIZE | Builtin::DEQUANTIZE => {
            inputs.truncate(1);
            plain(Operator::Identity)
        }
        _ => {
            let found = builder.kind.clone();
            return Err(builder.not_covered("an operator of image classifiers", found));
        }
    };
    Ok(Call { operator: converted, inputs, fused: fused(builder, activation)? })
}

fn positions(align_corners: bool, half_pixel_centers: bool) -> Positions {
    match (align_corners, half_pixel_centers) {
        (true, _) => Positions::AlignCorners,
        (false, true) => Positions::HalfPixel,
        (false, false) => Positions::Asymmetric,
    }
}

fn window(builder: &Builder, padding: Padding, strides: [i32; 2]) -> Result<Window> {
    let same = match padding {
        Padding::SAME => true,
        Padding::VALID => false,
        other => return Err(builder.malformed("padding same or valid", other.0)),
    };
    Ok(Window { strides: strides.map(i64::from), same })
}

fn fused(builder: &Builder, activation: Activation) -> Result<Option<Function>> {
    Ok(match activation {
        Activation::NONE => None,
        Activation::RELU => Some(Function::Named("Relu")),
        Activation::RELU6 => Some(Function::Clip(0.0, 6.0)),
        Activation::RELU_N1_TO_1 => Some(Function::Clip(-1.0, 1.0)),
        Activation::TANH => Some(Function::Named("Tanh")),
        other => {
            let found = other.variant_name().map_or_else(|| format!("function {}", other.0), str::to_string);
            return Err(builder.not_covered("a fused relu or tanh", found));
        }
    })
}

/// The channels of the first input.
fn channels(shapes: &Shapes) -> Option<usize> {
    shapes.inputs.first()?.last().and_then(|&channels| usize::try_from(channels).ok())
}

/// Filters have the input channels of one group.
fn groups(shapes: &Shapes) -> usize {
    let of_group = shapes.inputs.get(1).and_then(|filters| usize::try_from(*filters.last()?).ok());
    match (channels(shapes), of_group) {
        (Some(all), Some(own)) if own > 0 && all % own == 0 => (all / own).max(1),
        _ => 1,
    }
}

/// The target: the second input, the attribute of old files, or the output's shape. The first axis is copied where it stays, as it
/// is the batch.
fn reshape(builder: &Builder, operator: &tflite::Operator, inputs: &[Operand], shapes: &Shapes) -> Operator {
    let stated = operator.builtin_options_as_reshape_options().and_then(|options| options.new_shape());
    let constant = builder.integers(inputs.get(1), "the shape").ok();
    let computed = inputs.len() > 1 && constant.is_none();
    if computed {
        return Operator::Reshape { shape: None };
    }
    let stated = stated.map(|shape| shape.iter().map(i64::from).collect::<Vec<_>>()).filter(|shape| !shape.is_empty());
    let mut shape = constant.or(stated).or_else(|| shapes.outputs.first().cloned()).unwrap_or_default();
    let batch = shapes.inputs.first().and_then(|input| input.first());
    if let Some(first) = shape.first_mut().filter(|first| Some(&**first) == batch) {
        *first = 0;
    }
    Operator::Reshape { shape: Some(shape) }
}

/// The lengths of the parts along an axis.
fn sizes(builder: &Builder, axis: i64, shapes: &Shapes) -> Result<Vec<i64>> {
    let length = |shape: &Vec<i64>| {
        let axis = if axis < 0 { axis + shape.len() as i64 } else { axis };
        usize::try_from(axis).ok().and_then(|axis| shape.get(axis).copied())
    };
    let sizes = shapes.outputs.iter().map(length).collect::<Option<Vec<i64>>>();
    sizes.ok_or_else(|| builder.malformed("outputs with the axis", axis))
}

fn one(builder: &Builder, operand: Option<&Operand>, part: &str) -> Result<i64> {
    match builder.integers(operand, part)?.as_slice() {
        &[one] => Ok(one),
        several => Err(builder.malformed(part, several.len())),
    }
}
