//! Functions of single numbers, as operators or fused into other operators.

use super::builder::Builder;
use crate::error::Result;
use crate::onnx::{Attribute, Tensor, ValueId};
use std::f32::consts::{FRAC_1_SQRT_2, PI};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::import) enum Function {
    /// The ONNX operator of this name, without attributes.
    Named(&'static str),
    /// min(max(x, low), high)
    Clip(f32, f32),
    LeakyRelu(f32),
    /// x · clip(x / 6 + 0.5, 0, 1) (Howard et al. 2019).
    HardSwish,
    /// x · Φ(x) (Hendrycks, Gimpel 2016), or its approximation by tanh.
    Gelu {
        approximate: bool,
    },
    /// 1 / √x
    ReciprocalRoot,
    Square,
}

impl Builder<'_> {
    /// Applies a function to all elements.
    pub(super) fn function(&mut self, function: Function, x: ValueId) -> Result<ValueId> {
        match function {
            Function::Named(op) => self.add(op, [], &[x]),
            Function::Clip(low, high) => {
                let low = self.add_scalar("min", low);
                let high = self.add_scalar("max", high);
                self.add("Clip", [], &[x, low, high])
            }
            Function::LeakyRelu(slope) => self.add("LeakyRelu", [("alpha", Attribute::Float(slope))], &[x]),
            Function::HardSwish => {
                let slope = [("alpha", Attribute::Float(1.0 / 6.0)), ("beta", Attribute::Float(0.5))];
                let gate = self.add("HardSigmoid", slope, &[x])?;
                self.add("Mul", [], &[x, gate])
            }
            Function::Gelu { approximate } => self.gelu(approximate, x),
            Function::ReciprocalRoot => {
                let root = self.add("Sqrt", [], &[x])?;
                self.add("Reciprocal", [], &[root])
            }
            Function::Square => self.add("Mul", [], &[x, x]),
        }
    }

    /// 0.5 x (1 + erf(x / √2)), or 0.5 x (1 + tanh(√(2 / π) (x + 0.044715 x³))).
    fn gelu(&mut self, approximate: bool, x: ValueId) -> Result<ValueId> {
        let one = self.add_scalar("one", 1.0);
        let half = self.add_scalar("half", 0.5);
        let inner = match approximate {
            false => {
                let factor = self.add_scalar("factor", FRAC_1_SQRT_2);
                let scaled = self.add("Mul", [], &[x, factor])?;
                self.add("Erf", [], &[scaled])?
            }
            true => {
                let cubic = self.add_constant("cubic", Tensor::from_f32(&[], &[0.044_715]));
                let factor = self.add_scalar("factor", (2.0 / PI).sqrt());
                let square = self.add("Mul", [], &[x, x])?;
                let cube = self.add("Mul", [], &[square, x])?;
                let cube = self.add("Mul", [], &[cube, cubic])?;
                let sum = self.add("Add", [], &[x, cube])?;
                let scaled = self.add("Mul", [], &[sum, factor])?;
                self.add("Tanh", [], &[scaled])?
            }
        };
        let weight = self.add("Add", [], &[inner, one])?;
        let product = self.add("Mul", [], &[x, weight])?;
        self.add("Mul", [], &[product, half])
    }
}
