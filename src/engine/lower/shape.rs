//! Lowers shape operators: reshape, transpose, slice, concatenation.

use super::{axis, Lowered, Lowering, Wire};
use crate::kernels::{channels_first, Activation, Layer};
use crate::onnx::{Node, ValueId};
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::array::{Gather, Pad, PadMode, Slice, TypedConcat};
use tract_onnx::tract_core::ops::change_axes::perm_to_ops;

impl Lowering<'_> {
    pub(super) fn reshape(&mut self, node: &Node) -> Option<()> {
        let (result, wire) = (*node.outputs.first()?, self.input(node, 0)?);
        let (from, rank) = (&wire.shape, wire.shape.len());
        let stated = |lowering: &Self| node.input(1).map(|value| lowering.ints(value));
        let to: Vec<usize> = match node.op.as_str() {
            "Flatten" => {
                let at = node.int("axis", 1);
                let at = usize::try_from(if at < 0 { at + rank as i64 } else { at }).ok().filter(|&a| a <= rank)?;
                vec![from[..at].iter().product(), from[at..].iter().product()]
            }
            "Squeeze" => match stated(self) {
                Some(axes) => {
                    let axes = axes?;
                    let axes = axes.iter().map(|&a| axis(a, rank)).collect::<Option<Vec<_>>>()?;
                    axes.iter().all(|&a| from[a] == 1).then_some(())?;
                    (0..rank).filter(|a| !axes.contains(a)).map(|a| from[a]).collect()
                }
                None => from.iter().copied().filter(|&d| d != 1).collect(),
            },
            "Unsqueeze" => {
                let axes = stated(self)??;
                let axes = axes.iter().map(|&a| axis(a, rank + axes.len())).collect::<Option<Vec<_>>>()?;
                let mut left = from.iter().copied();
                let shape = (0..rank + axes.len()).map(|a| if axes.contains(&a) { Some(1) } else { left.next() });
                shape.collect::<Option<Vec<_>>>()?
            }
            _ => target(from, &self.ints(node.input(1)?)?, node.int("allowzero", 0) != 0)?,
        };
        let wire = self.reshaped(result, wire, &to)?;
        self.set(result, wire)
    }

    /// Reshapes a value.
    pub(super) fn reshaped(&mut self, value: ValueId, wire: Wire, to: &[usize]) -> Option<Wire> {
        if wire.shape == to {
            return Some(wire);
        }
        if wire.shape.iter().product::<usize>() != to.iter().product::<usize>() {
            return None;
        }
        let dims = |shape: &[usize]| shape.iter().map(|d| d.to_dim()).collect::<TVec<_>>();
        self.add(value, AxisOp::Reshape(0, dims(&wire.shape), dims(to)), &[wire.outlet])
    }

    pub(super) fn transpose(&mut self, node: &Node) -> Option<()> {
        let (value, result) = (node.input(0)?, *node.outputs.first()?);
        let (mut wire, normalised) = match self.values.get(&value)?.clone() {
            // With channels first, factors and shifts are one fast pass.
            Lowered::Normalised { map, scale, shift } if node.ints("perm") == Some(&[0, 3, 1, 2]) => {
                (map, Some((scale, shift)))
            }
            _ => (self.wire(value)?, None),
        };
        let rank = wire.shape.len();
        let perm: Vec<usize> = match node.ints("perm") {
            Some(perm) => perm.iter().map(|&a| axis(a, rank)).collect::<Option<_>>()?,
            None => (0..rank).rev().collect(),
        };
        let mut sorted = perm.clone();
        sorted.sort_unstable();
        if !sorted.into_iter().eq(0..rank) {
            return None;
        }
        if let (&[1, height, width, channels], &[0, 3, 1, 2]) = (wire.shape.as_slice(), perm.as_slice()) {
            let shape = [1, channels, height, width];
            let work =
                move |inputs: &[&[f32]], outputs: &mut [&mut [f32]]| channels_first(inputs[0], channels, outputs[0]);
            wire = self.add(result, Layer::new("transpose", &[&shape], work), &[wire.outlet])?;
        } else {
            for op in perm_to_ops(&perm) {
                wire = self.add(result, op, &[wire.outlet])?;
            }
        }
        if let Some((scale, shift)) = normalised {
            wire = self.wire_affine(result, &wire, scale, shift, Activation::Identity)?;
        }
        self.set(result, wire)
    }

    pub(super) fn concat(&mut self, node: &Node) -> Option<()> {
        let result = *node.outputs.first()?;
        let parts = node.inputs.iter().map(|&v| self.any(v?)).collect::<Option<Vec<_>>>()?;
        let axis = axis(node.int("axis", 0), parts.first()?.shape.len())?;
        let outlets: Vec<_> = parts.iter().map(|part| part.outlet).collect();
        self.add(result, TypedConcat { axis }, &outlets).map(drop)
    }

    pub(super) fn slice(&mut self, node: &Node) -> Option<()> {
        let (result, mut wire) = (*node.outputs.first()?, self.input(node, 0)?);
        let rank = wire.shape.len();
        let (starts, ends) = (self.ints(node.input(1)?)?, self.ints(node.input(2)?)?);
        let axes = node.input(3).map_or_else(|| Some((0..starts.len() as i64).collect()), |axes| self.ints(axes))?;
        let steps = node.input(4).map_or_else(|| Some(Vec::new()), |steps| self.ints(steps))?;
        if starts.len() != ends.len() || starts.len() != axes.len() || steps.iter().any(|&s| s != 1) {
            return None;
        }
        for ((start, end), at) in starts.into_iter().zip(ends).zip(axes) {
            let at = axis(at, rank)?;
            let len = wire.shape[at] as i64;
            let place = |n: i64| (if n < 0 { n.saturating_add(len) } else { n }).clamp(0, len) as usize;
            if place(start) >= place(end) {
                return None;
            }
            wire = self.add(result, Slice::new(at, place(start), place(end)), &[wire.outlet])?;
        }
        self.set(result, wire)
    }

    pub(super) fn split(&mut self, node: &Node) -> Option<()> {
        let wire = self.input(node, 0)?;
        let at = axis(node.int("axis", 0), wire.shape.len())?;
        let (len, parts) = (wire.shape[at], node.outputs.len());
        let sizes = match node.input(1) {
            Some(value) => self.ints(value)?,
            None if len % parts == 0 => vec![(len / parts) as i64; parts],
            _ => return None,
        };
        let sizes = sizes.into_iter().map(|s| usize::try_from(s).ok().filter(|&s| s > 0));
        let sizes = sizes.collect::<Option<Vec<_>>>()?;
        if sizes.len() != parts || sizes.iter().try_fold(0usize, |sum, &s| sum.checked_add(s)) != Some(len) {
            return None;
        }
        let mut start = 0;
        for (&result, size) in node.outputs.iter().zip(sizes) {
            self.add(result, Slice::new(at, start, start + size), &[wire.outlet])?;
            start += size;
        }
        Some(())
    }

    pub(super) fn gather(&mut self, node: &Node) -> Option<()> {
        let (result, wire) = (*node.outputs.first()?, self.input(node, 0)?);
        let at = axis(node.int("axis", 0), wire.shape.len())?;
        let places = self.constant(node.input(1)?)?;
        let len = wire.shape[at] as i64;
        let numbers = places.i64s()?.into_iter().map(|p| if p < 0 { p + len } else { p }).collect::<Vec<_>>();
        if numbers.iter().any(|p| !(0..len).contains(p)) {
            return None;
        }
        let numbers = tract_onnx::prelude::Tensor::from_shape(&places.dims, &numbers).ok()?;
        let name = self.name(result);
        let numbers = self.model.add_const(name, numbers).ok()?;
        self.add(result, Gather { axis: at, output_type: None }, &[wire.outlet, numbers]).map(drop)
    }

    pub(super) fn pad(&mut self, node: &Node) -> Option<()> {
        let (result, wire) = (*node.outputs.first()?, self.input(node, 0)?);
        let rank = wire.shape.len();
        let number = node.input(2).map_or(Some(0.0), |value| self.constant(value)?.scalar())?;
        let pads = self.ints(node.input(1)?)?;
        if node.text("mode", "constant") != "constant" || node.input(3).is_some() || pads.len() != 2 * rank {
            return None;
        }
        let whole = |n: i64| usize::try_from(n).ok();
        let pads = (0..rank).map(|a| Some((whole(pads[a])?, whole(pads[a + rank])?))).collect::<Option<Vec<_>>>()?;
        self.add(result, Pad { pads, mode: PadMode::Constant(rctensor0(number)) }, &[wire.outlet]).map(drop)
    }
}

/// The result shape of a Reshape: 0 keeps a dimension, one −1 is inferred.
fn target(from: &[usize], asked: &[i64], zeros: bool) -> Option<Vec<usize>> {
    let mut open = None;
    let mut shape = Vec::new();
    for (at, &dim) in asked.iter().enumerate() {
        shape.push(match dim {
            0 if !zeros => *from.get(at)?,
            -1 if open.is_none() => {
                open = Some(at);
                1
            }
            dim => usize::try_from(dim).ok()?,
        });
    }
    if let Some(at) = open {
        let rest = shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))?;
        let all: usize = from.iter().product();
        shape[at] = all.checked_div(rest)?;
    }
    Some(shape)
}
