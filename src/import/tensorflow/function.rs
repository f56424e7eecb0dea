//! Functions of single numbers, as operators or fused into other operators.

use super::builder::Builder;
use crate::error::Result;
use crate::onnx::{Attribute, ValueId};

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
            Function::Gelu { approximate } => {
                let name = self.name.clone();
                self.gelu(&name, approximate, x)
            }
            Function::ReciprocalRoot => {
                let root = self.add("Sqrt", [], &[x])?;
                self.add("Reciprocal", [], &[root])
            }
            Function::Square => self.add("Mul", [], &[x, x]),
        }
    }
}
