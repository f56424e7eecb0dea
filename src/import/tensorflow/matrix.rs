//! Converts fully connected layers and matrix products.

use super::builder::{Builder, Operand};
use crate::error::Result;
use crate::onnx::{Attribute, Tensor, ValueId};

impl Builder<'_> {
    pub(super) fn fully_connected(&mut self, inputs: &[Operand], keep_axes: bool) -> Result<Operand> {
        let [vectors, weights, ..] = inputs else { return Err(self.malformed("vectors and weights", inputs.len())) };
        let rank = vectors.rank();
        let mut value = self.as_stored(vectors)?;
        if keep_axes && rank > 2 {
            let product = self.matrix_product(value, weights, [false, true], rank)?;
            return Ok(Operand::as_stored(self.with_bias(product, inputs.get(2))?, rank));
        }
        let Some(constant) = weights.constant() else {
            let product = self.matrix_product(value, weights, [false, true], 2)?;
            return Ok(Operand::as_stored(self.with_bias(product, inputs.get(2))?, 2));
        };
        let &[_, width] = constant.tensor.dims.as_slice() else {
            return Err(self.malformed("weights [out, in]", format!("{:?}", constant.tensor.dims)));
        };
        if rank != 2 {
            let shape = self.add_constant("shape", Tensor::from_i64(&[-1, width as i64]));
            value = self.add("Reshape", [], &[value, shape])?;
        }
        let mut operands = vec![value, self.weights(constant, &[], "weights")?];
        operands.extend(self.bias(inputs.get(2))?);
        Ok(Operand::as_stored(self.add("Gemm", [("transB", Attribute::Int(1))], &operands)?, 2))
    }

    pub(super) fn matrix_products(&mut self, inputs: &[Operand], transposed: [bool; 2]) -> Result<Operand> {
        let [a, b] = inputs else { return Err(self.malformed("two matrices", inputs.len())) };
        let rank = a.rank().max(b.rank());
        let left = self.matrix(a, transposed[0])?;
        Ok(Operand::as_stored(self.matrix_product(left, b, [false, transposed[1]], rank)?, rank))
    }

    fn matrix_product(&mut self, left: ValueId, b: &Operand, transposed: [bool; 2], rank: usize) -> Result<ValueId> {
        if rank < 2 {
            return Err(self.malformed("matrices", "a vector"));
        }
        let right = self.matrix(b, transposed[1])?;
        self.add("MatMul", [], &[left, right])
    }

    /// A matrix, with its last two axes swapped if asked.
    fn matrix(&mut self, operand: &Operand, transposed: bool) -> Result<ValueId> {
        let rank = operand.rank();
        if rank < 2 {
            return Err(self.malformed("matrices", format!("a value with {rank} axes")));
        }
        if !transposed {
            return self.as_stored(operand);
        }
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(rank - 1, rank - 2);
        if let Some(constant) = operand.constant() {
            return self.weights(constant, &order, "weights");
        }
        let value = self.as_stored(operand)?;
        let name = format!("{}/transposed", self.name);
        self.transpose(&name, value, &order)
    }

    fn with_bias(&mut self, product: ValueId, bias: Option<&Operand>) -> Result<ValueId> {
        match self.bias(bias)? {
            None => Ok(product),
            Some(bias) => self.add("Add", [], &[product, bias]),
        }
    }
}
