//! Lowers average and max pooling.

use super::convolution::window;
use super::{map_shape, Lowering};
use crate::kernels::{deviations, means, Layer};
use crate::onnx::Node;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::cnn::{MaxPool, PaddingSpec, PoolSpec, SumPool};
use tract_onnx::tract_core::ops::nn::DataFormat;

impl Lowering<'_> {
    pub(super) fn global_average(&mut self, node: &Node) -> Option<()> {
        let (value, result) = (node.input(0)?, *node.outputs.first()?);
        let map = self.wire(value)?;
        let [channels, ..] = map_shape(&map.shape)?;
        let (shape, level) = ([1, channels, 1, 1], self.level);
        let work = move |inputs: &[&[f32]], outputs: &mut [&mut [f32]]| means(level, inputs[0], outputs[0]);
        let average = self.add(result, Layer::new("average", &[&shape], work), &[map.outlet])?;
        if let Some(deviation) = self.take_deviation(value, result) {
            let work = move |inputs: &[&[f32]], outputs: &mut [&mut [f32]]| {
                deviations(level, inputs[0], inputs[1], outputs[0]);
            };
            self.add(deviation, Layer::new("deviation", &[&shape], work), &[map.outlet, average.outlet])?;
        }
        Some(())
    }

    pub(super) fn pool(&mut self, node: &Node) -> Option<()> {
        let (result, map) = (*node.outputs.first()?, self.input(node, 0)?);
        let [channels, height, width] = map_shape(&map.shape)?;
        let &[rows, columns] = node.ints("kernel_shape")? else { return None };
        let kernel = [usize::try_from(rows).ok()?, usize::try_from(columns).ok()?];
        let window = window(node, kernel)?;
        let unread = node.outputs[1..].iter().all(|&v| self.uses[v] == 0);
        if !unread || window.output([height, width]).is_none() {
            return None;
        }
        let [[top, bottom], [left, right]] = window.padding;
        let (before, behind) = (tvec!(top, left), tvec!(bottom, right));
        let padding = match node.int("ceil_mode", 0) {
            0 => PaddingSpec::Explicit(before, behind),
            _ => PaddingSpec::ExplicitOnnxPool(before, behind, true),
        };
        let pool_spec = PoolSpec {
            data_format: DataFormat::NCHW,
            kernel_shape: tvec!(kernel[0], kernel[1]),
            padding,
            dilations: Some(window.dilation.as_slice().into()),
            strides: Some(window.stride.as_slice().into()),
            input_channels: channels,
            output_channels: channels,
        };
        let count_include_pad = node.int("count_include_pad", 0) != 0;
        let op: Box<dyn TypedOp> = match node.op.as_str() {
            "MaxPool" => Box::new(MaxPool { pool_spec, with_index_outputs: None }),
            _ => Box::new(SumPool { pool_spec, count_include_pad, normalize: true }),
        };
        self.add(result, op, &[map.outlet]).map(drop)
    }
}
