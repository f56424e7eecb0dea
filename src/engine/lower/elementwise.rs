//! Lowers elementwise operators: activations, per-channel affine maps, sums of maps.

use super::{map_shape, Lowered, Lowering, Wire};
use crate::kernels::{add, affine, Activation, Layer};
use crate::onnx::{Node, ValueId};
use std::sync::Arc;
use tract_onnx::prelude::OutletId;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::math;

impl Lowering<'_> {
    pub(super) fn activation(&mut self, node: &Node) -> Option<()> {
        let (activation, wire) = (self.activation_of(node)?, self.input(node, 0)?);
        let result = *node.outputs.first()?;
        // An activation that no layer fused, such as the gate of a product x · sigmoid(x).
        self.wire_affine(result, &wire, vec![1.0], vec![0.0], activation).map(drop)
    }

    /// A layer of one factor and one shift per channel; `scale` and `shift` have one number, or one per channel.
    pub(super) fn wire_affine(
        &mut self,
        value: ValueId,
        map: &Wire,
        scale: Vec<f32>,
        shift: Vec<f32>,
        activation: Activation,
    ) -> Option<Wire> {
        let level = self.level;
        let work = move |inputs: &[&[f32]], outputs: &mut [&mut [f32]]| {
            affine(level, inputs[0], &scale, &shift, activation, outputs[0]);
        };
        self.add(value, Layer::new("affine", &[&map.shape], work), &[map.outlet])
    }

    /// As [`wire_affine`](Self::wire_affine), fused with the activation function after it.
    fn set_affine(&mut self, result: ValueId, map: &Wire, scale: Vec<f32>, shift: Vec<f32>) -> Option<()> {
        let (activation, result) = self.take_activation(result);
        self.wire_affine(result, map, scale, shift, activation).map(drop)
    }

    pub(super) fn batch_normalization(&mut self, node: &Node) -> Option<()> {
        let map = self.input(node, 0)?;
        let parts = (1..5).map(|index| self.floats(node.input(index)?)).collect::<Option<Vec<_>>>()?;
        let [gamma, beta, mean, variance] = parts.as_slice() else { return None };
        let channels = *map.shape.get(1)?;
        if map.shape[0] != 1 || parts.iter().any(|p| p.len() != channels) || node.outputs.len() > 1 {
            return None;
        }
        let epsilon = node.float("epsilon", 1e-5);
        let scale: Vec<f32> = gamma.iter().zip(variance).map(|(g, v)| g / (v + epsilon).sqrt()).collect();
        let shift = beta.iter().zip(mean).zip(&scale).map(|((b, m), s)| b - m * s).collect();
        self.set_affine(*node.outputs.first()?, &map, scale, shift)
    }

    pub(super) fn binary(&mut self, node: &Node) -> Option<()> {
        self.rescaled(node)
            .or_else(|| self.by_constant(node))
            .or_else(|| self.by_gate(node))
            .or_else(|| self.sum(node))
            .or_else(|| self.general(node))
    }

    /// Weights that are stored as those of another layer and a factor per channel.
    fn rescaled(&mut self, node: &Node) -> Option<()> {
        if !node.is("Mul") {
            return None;
        }
        let (weights, factors) = (self.constant(node.input(0)?)?, self.constant(node.input(1)?)?);
        let weights = crate::onnx::rescaled(&weights, &factors)?;
        self.values.insert(*node.outputs.first()?, Lowered::Constant(Arc::new(weights)));
        Some(())
    }

    /// A binary operator with a constant of one number, or one per channel.
    fn by_constant(&mut self, node: &Node) -> Option<()> {
        let (a, b) = (node.input(0)?, node.input(1)?);
        let (value, constant, turned) = match (self.constant(a), self.constant(b)) {
            (None, Some(constant)) => (a, constant, false),
            (Some(constant), None) => (b, constant, true),
            _ => return None,
        };
        let numbers = constant.f32s()?;
        let per = |f: fn(f32) -> f32| numbers.iter().map(|&x| f(x)).collect::<Vec<_>>();
        let (scale, shift) = match (node.op.as_str(), turned) {
            ("Add", _) => (per(|_| 1.0), numbers.clone()),
            ("Sub", false) => (per(|_| 1.0), per(|x| -x)),
            ("Sub", true) => (per(|_| -1.0), numbers.clone()),
            ("Mul", _) => (numbers.clone(), per(|_| 0.0)),
            ("Div", false) => (per(|x| 1.0 / x), per(|_| 0.0)),
            _ => return None,
        };
        let result = *node.outputs.first()?;
        let (map, before) = match self.values.get(&value)?.clone() {
            Lowered::Normalised { map, scale, shift } => (map, Some((scale, shift))),
            _ => (self.wire(value)?, None),
        };
        let rank = map.shape.len();
        if constant.dims.len() > rank || numbers.is_empty() {
            return None;
        }
        // The axis of the constant's numbers, if they vary along one axis only.
        let wide: Vec<usize> = (0..constant.dims.len()).filter(|&axis| constant.dims[axis] != 1).collect();
        let along = match wide[..] {
            [] => None,
            [axis] => Some(axis + rank - constant.dims.len()),
            _ => return None,
        };
        let last = rank == 4 && map.shape[0] == 1 && map.shape[3] <= 4 && along.is_none_or(|axis| axis == 3);
        if last && (before.is_some() || along.is_some()) {
            let channels = map.shape[3];
            let (before_scale, before_shift) = before.unwrap_or((vec![1.0; channels], vec![0.0; channels]));
            let at = |numbers: &[f32], c: usize| if numbers.len() == 1 { numbers[0] } else { numbers[c] };
            let scales = (0..channels).map(|c| before_scale[c] * at(&scale, c)).collect();
            let shifts = (0..channels).map(|c| before_shift[c] * at(&scale, c) + at(&shift, c)).collect();
            self.values.insert(result, Lowered::Normalised { map, scale: scales, shift: shifts });
            return Some(());
        }
        let map = self.wire(value)?;
        match along {
            // One number for all elements, whatever the shape.
            None => self.set_affine(result, &map, scale, shift),
            Some(axis) if map.shape[..axis].iter().all(|&d| d == 1) && map.shape[axis] == numbers.len() => {
                self.set_affine(result, &map, scale, shift)
            }
            _ => None,
        }
    }

    /// A map times one number per channel, which the next layer may fuse.
    fn by_gate(&mut self, node: &Node) -> Option<()> {
        if !node.is("Mul") {
            return None;
        }
        let (a, b) = (self.input(node, 0)?, self.input(node, 1)?);
        let (map, gate) = if a.shape.iter().product::<usize>() >= b.shape.iter().product() { (a, b) } else { (b, a) };
        let [channels, height, width] = map_shape(&map.shape)?;
        if gate.shape != [1, channels, 1, 1] || height * width == 1 {
            return None;
        }
        self.values.insert(*node.outputs.first()?, Lowered::Gated { map, gate: gate.outlet });
        Some(())
    }

    /// The product of [`by_gate`](Self::by_gate), if no layer fuses it.
    pub(super) fn gate(&mut self, value: ValueId, map: &Wire, gate: OutletId) -> Option<Wire> {
        let level = self.level;
        let shift = vec![0.0; map.shape[1]];
        let work = move |inputs: &[&[f32]], outputs: &mut [&mut [f32]]| {
            affine(level, inputs[0], inputs[1], &shift, Activation::Identity, outputs[0]);
        };
        self.add(value, Layer::new("gate", &[&map.shape], work), &[map.outlet, gate])
    }

    /// A map [1, H, W, C] with its factors and shifts, if no transpose fuses them.
    pub(super) fn normalise(&mut self, value: ValueId, map: &Wire, scale: Vec<f32>, shift: Vec<f32>) -> Option<Wire> {
        let work = move |inputs: &[&[f32]], outputs: &mut [&mut [f32]]| {
            for (from, to) in inputs[0].chunks_exact(scale.len()).zip(outputs[0].chunks_exact_mut(scale.len())) {
                for (c, (from, to)) in from.iter().zip(to).enumerate() {
                    *to = from * scale[c] + shift[c];
                }
            }
        };
        self.add(value, Layer::new("normalise", &[&map.shape], work), &[map.outlet])
    }

    /// The sum of two values of equal shape.
    fn sum(&mut self, node: &Node) -> Option<()> {
        let (a, b) = (self.input(node, 0)?, self.input(node, 1)?);
        if !node.is("Add") || a.shape != b.shape {
            return None;
        }
        let (activation, result) = self.take_activation(*node.outputs.first()?);
        let level = self.level;
        let work = move |inputs: &[&[f32]], outputs: &mut [&mut [f32]]| {
            add(level, inputs[0], inputs[1], activation, outputs[0]);
        };
        self.add(result, Layer::new("add", &[&a.shape], work), &[a.outlet, b.outlet]).map(drop)
    }

    /// An operator on any two values whose dimensions broadcast.
    fn general(&mut self, node: &Node) -> Option<()> {
        let result = *node.outputs.first()?;
        let (a, b) = (self.any(node.input(0)?)?, self.any(node.input(1)?)?);
        let rank = a.shape.len().max(b.shape.len());
        let (a, b) = (self.raised(result, a, rank)?, self.raised(result, b, rank)?);
        let op: Box<dyn TypedOp> = match node.op.as_str() {
            "Add" => Box::new(math::add()),
            "Sub" => Box::new(math::sub()),
            "Mul" => Box::new(math::mul()),
            "Div" => Box::new(math::div()),
            "Min" if node.inputs.len() == 2 => Box::new(math::min()),
            "Max" if node.inputs.len() == 2 => Box::new(math::max()),
            "Pow" => Box::new(math::pow()),
            _ => return None,
        };
        self.add(result, op, &[a.outlet, b.outlet]).map(drop)
    }

    /// A value, reshaped to `rank` with leading dimensions of 1.
    fn raised(&mut self, value: ValueId, mut wire: Wire, rank: usize) -> Option<Wire> {
        while wire.shape.len() < rank {
            wire = self.add(value, AxisOp::Add(0), &[wire.outlet])?;
        }
        Some(wire)
    }

    pub(super) fn unary(&mut self, node: &Node) -> Option<()> {
        let (result, wire) = (*node.outputs.first()?, self.input(node, 0)?);
        let op = match node.op.as_str() {
            "Sqrt" => math::sqrt(),
            "Exp" => math::exp(),
            "Log" => math::ln(),
            "Neg" => math::neg(),
            "Abs" => math::abs(),
            "Tanh" => math::tanh(),
            "Erf" => math::erf(),
            "Reciprocal" => math::recip(),
            _ => return None,
        };
        self.add(result, op, &[wire.outlet]).map(drop)
    }
}
