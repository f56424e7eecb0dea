//! Lowers operators on vectors: dense layers, softmax, reductions.

use super::{axis, Lowering};
use crate::kernels::Activation;
use crate::onnx::Node;
use tract_onnx::tract_core::internal::*;
use tract_onnx::tract_core::ops::nn::{Reduce, Reducer, Softmax, SoftmaxKind};

impl Lowering<'_> {
    /// A Gemm or MatMul of one row with a constant matrix.
    pub(super) fn dense(&mut self, node: &Node) -> Option<()> {
        let (result, wire) = (*node.outputs.first()?, self.input(node, 0)?);
        let matrix = self.constant(node.input(1)?)?;
        let &[rows, columns] = matrix.dims.as_slice() else { return None };
        let gemm = node.is("Gemm");
        let turned = gemm && node.int("transB", 0) != 0;
        let (alpha, beta) = (node.float("alpha", 1.0), node.float("beta", 1.0));
        let (inputs, outputs) = if turned { (columns, rows) } else { (rows, columns) };
        let leading = wire.shape.split_last().map(|(&last, rest)| last == inputs && rest.iter().all(|&d| d == 1))?;
        if !leading || (gemm && (wire.shape.len() != 2 || node.int("transA", 0) != 0)) || inputs * outputs == 0 {
            return None;
        }
        let numbers = matrix.f32s()?;
        let mut weights = if turned { numbers } else { transposed(&numbers, rows, columns) };
        let mut bias = vec![0.0; outputs];
        if gemm {
            weights.iter_mut().for_each(|w| *w *= alpha);
            if let Some(value) = node.input(2) {
                let given = self.floats(value)?;
                for (place, to) in bias.iter_mut().enumerate() {
                    *to = beta * if given.len() == 1 { given[0] } else { *given.get(place)? };
                }
                if given.len() > 1 && given.len() != outputs {
                    return None;
                }
            }
        }
        let mut shape = wire.shape.clone();
        *shape.last_mut()? = outputs;
        self.wire_dense(result, wire.outlet, weights, bias, &shape)
    }

    pub(super) fn softmax(&mut self, node: &Node) -> Option<()> {
        let (result, wire) = (*node.outputs.first()?, self.input(node, 0)?);
        let at = axis(node.int("axis", -1), wire.shape.len())?;
        let kind = if node.is("Softmax") { SoftmaxKind::Softmax } else { SoftmaxKind::LogSoftmax };
        let op = Softmax { axes: tvec!(at), quant_output_dt: None, kind };
        self.add(result, op, &[wire.outlet]).map(drop)
    }

    pub(super) fn reduce(&mut self, node: &Node) -> Option<()> {
        let (result, wire) = (*node.outputs.first()?, self.input(node, 0)?);
        let rank = wire.shape.len();
        let stated = match (node.input(1), node.ints("axes")) {
            (Some(value), _) => self.ints(value)?,
            (None, Some(axes)) => axes.to_vec(),
            (None, None) => Vec::new(),
        };
        let mut axes = stated.iter().map(|&a| axis(a, rank)).collect::<Option<Vec<_>>>()?;
        if axes.is_empty() {
            if node.int("noop_with_empty_axes", 0) != 0 {
                return None;
            }
            axes = (0..rank).collect();
        }
        axes.sort_unstable();
        axes.dedup();
        let reducer = match node.op.as_str() {
            "ReduceSum" | "ReduceMean" => Reducer::Sum,
            "ReduceMax" => Reducer::Max,
            "ReduceMin" => Reducer::Min,
            _ => return None,
        };
        let count: usize = axes.iter().map(|&a| wire.shape[a]).product();
        let mut wire = self.add(result, Reduce { axes: axes.clone().into(), reducer }, &[wire.outlet])?;
        if node.is("ReduceMean") {
            let factor = 1.0 / count.max(1) as f32;
            wire = self.wire_affine(result, &wire, vec![factor], vec![0.0], Activation::Identity)?;
        }
        if node.int("keepdims", 1) == 0 {
            let shape: Vec<usize> = (0..rank).filter(|a| !axes.contains(a)).map(|a| wire.shape[a]).collect();
            self.reshaped(result, wire, &shape)?;
        }
        Some(())
    }
}

/// Transposes [rows, columns] to [columns, rows].
fn transposed(matrix: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|c| (0..rows).map(move |r| matrix[r * columns + c])).collect()
}
