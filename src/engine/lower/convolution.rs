//! Lowers convolutions together with the nodes that can be fused into them.

use super::{map_shape, Lowered, Lowering, Wire};
use crate::kernels::{threads, ConvParams, Convolution, Dense, FusedOps, Layer};
use crate::onnx::{Node, ValueId};
use tract_onnx::prelude::*;

impl Lowering<'_> {
    pub(super) fn convolution(&mut self, node: &Node) -> Option<()> {
        let value = node.input(0)?;
        let tensor = self.constant(node.input(1)?)?;
        let (weights, dims) = (tensor.f32s()?, &tensor.dims);
        let mut bias = node.input(2).map_or(Some(Vec::new()), |bias| self.floats(bias))?;
        let &[outputs, _, height, width] = dims.as_slice() else { return None };
        let window = window(node, [height, width])?;
        let groups = usize::try_from(node.int("group", 1)).ok()?;

        let (map, gate) = match self.values.get(&value)?.clone() {
            Lowered::Gated { map, gate } => (map, Some(gate)),
            _ => (self.wire(value)?, None),
        };
        let [channels, rows, columns] = map_shape(&map.shape)?;
        if dims[1] * groups != channels {
            return None;
        }
        if [height, width, rows, columns, groups] == [1; 5] && gate.is_none() && window.output([1, 1]) == Some([1, 1]) {
            // A convolution of a one-pixel map is a dense layer.
            bias.resize(outputs, 0.0);
            return self.wire_dense(*node.outputs.first()?, map.outlet, weights, bias, &[1, outputs, 1, 1]);
        }
        let plain = Convolution::new(&weights, &bias, channels, outputs, groups, &window, [rows, columns])?;
        let (gate, map) = match gate {
            Some(gate) if plain.is_pointwise() => (Some(gate), map),
            _ => (None, self.wire(value)?),
        };
        let [c, h, w] = plain.output();
        let shape = [1, c, h, w];
        let (mut result, mut residual) = (*node.outputs.first()?, None);
        if !plain.is_depthwise() {
            if let Some((other, sum)) = self.take_sum(result, &shape) {
                (residual, result) = (Some(other), sum);
            }
        }
        let (activation, result) = self.take_activation(result);
        let averages = plain.is_depthwise().then(|| self.take_average(result)).flatten();
        let mut inputs = vec![map.outlet];
        inputs.extend(gate);
        if let Some(residual) = residual {
            inputs.push(self.wire(residual)?.outlet);
        }
        let (gated, summed) = (gate.is_some(), residual.is_some());
        let convolution = plain.with_activation(activation);
        let (map, vector) = (shape, [1, c, 1, 1]);
        let (level, depthwise) = (self.level, convolution.is_depthwise());
        // Several threads partition a map by rows and read the whole map, so only one thread can work in place.
        let in_place = convolution.is_in_place() && threads() == 1;
        let work = move |inputs: &[&[f32]], outputs: &mut [&mut [f32]]| {
            let (map, means) = outputs.split_at_mut(1);
            let means = means.first_mut().map_or(&mut [][..], |means| means);
            if in_place {
                return convolution.run_in_place(level, map[0], means);
            }
            let scale = gated.then(|| inputs[1]);
            let residual = summed.then(|| inputs[inputs.len() - 1]);
            convolution.run(level, inputs[0], FusedOps { scale, residual }, map[0], means);
        };
        let name = if depthwise { "depthwise" } else { "convolution" };
        let shapes: &[&[usize]] = if averages.is_some() { &[&map, &vector] } else { &[&map] };
        let name_of = self.name(result);
        let layer = Layer::new(name, shapes, work);
        let layer = if in_place { layer.in_place() } else { layer };
        let outlets = self.model.wire_node(name_of, layer, &inputs).ok()?;
        self.set(result, Wire { outlet: outlets[0], shape: map.to_vec() })?;
        if let Some(averages) = averages {
            self.set(averages, Wire { outlet: outlets[1], shape: vector.to_vec() })?;
        }
        Some(())
    }

    /// A dense layer, fused with its activation function.
    pub(super) fn wire_dense(
        &mut self,
        result: ValueId,
        input: OutletId,
        weights: Vec<f32>,
        bias: Vec<f32>,
        shape: &[usize],
    ) -> Option<()> {
        let (activation, result) = self.take_activation(result);
        let (level, dense) = (self.level, Dense::new(weights, bias, activation)?);
        let layer = Layer::new("dense", &[shape], move |inputs, outputs| dense.run(level, inputs[0], outputs[0]));
        self.add(result, layer, &[input]).map(drop)
    }
}

/// The convolution parameters of a node over two axes.
pub(super) fn window(node: &Node, kernel: [usize; 2]) -> Option<ConvParams> {
    let pair = |name: &str| match node.ints(name) {
        None => Some([1, 1]),
        Some(&[a, b]) => Some([usize::try_from(a).ok()?, usize::try_from(b).ok()?]),
        Some(_) => None,
    };
    let padding = match (node.text("auto_pad", "NOTSET").as_str(), node.ints("pads")) {
        ("VALID", _) | ("NOTSET", None) => [[0; 2]; 2],
        ("NOTSET", Some(&[top, left, bottom, right])) => {
            let whole = |n: i64| usize::try_from(n).ok();
            [[whole(top)?, whole(bottom)?], [whole(left)?, whole(right)?]]
        }
        _ => return None,
    };
    Some(ConvParams { kernel, stride: pair("strides")?, dilation: pair("dilations")?, padding })
}
