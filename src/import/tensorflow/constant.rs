//! Constants, possibly stored as scaled integers.

use crate::onnx::{dequantize, is_float, DataType, Tensor};

/// A constant of the model.
#[derive(Clone, Debug)]
pub(in crate::import) struct Constant {
    pub tensor: Tensor,
    pub quantization: Option<Quantization>,
}

/// The real values of integers: (x − zero point) · scale, with one scale for all elements or one per index of an axis.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::import) struct Quantization {
    pub scales: Vec<f32>,
    /// As many as scales.
    pub zeros: Vec<i64>,
    pub axis: usize,
}

/// A constant as the graph stores it.
pub(super) enum Stored {
    Plain(Tensor),
    /// 8-bit integers, their scales, and their zero points unless all are 0.
    Integers {
        tensor: Tensor,
        scales: Tensor,
        zeros: Option<Tensor>,
        axis: usize,
    },
}

impl Constant {
    pub(super) fn rank(&self) -> usize {
        self.tensor.dims.len()
    }

    /// The elements of a tensor of integers, such as axes.
    pub(super) fn integers(&self) -> Option<Vec<i64>> {
        self.tensor.i64s().filter(|_| self.quantization.is_none())
    }

    /// The real values as floats of the stored precision, or as they are for other integers.
    pub(super) fn floats(&self) -> Option<Tensor> {
        let Some(Quantization { scales, zeros, axis }) = &self.quantization else {
            return is_float(self.tensor.dtype).then(|| self.tensor.clone());
        };
        let scales = Tensor::from_f32(&[scales.len()], scales);
        let zeros = zeros.iter().map(|&zero| i32::try_from(zero).ok()).collect::<Option<Vec<_>>>()?;
        let zeros = of_i32s(&zeros);
        let narrow = match self.tensor.dtype {
            // Biases of 16-bit activations.
            DataType::Int64 => {
                let numbers = self.tensor.i64s()?.into_iter().map(|v| i32::try_from(v).ok());
                let narrow = of_i32s(&numbers.collect::<Option<Vec<_>>>()?);
                &Tensor { dims: self.tensor.dims.clone(), ..narrow }
            }
            _ => &self.tensor,
        };
        dequantize(narrow, &scales, Some(&zeros), *axis as i64)
    }

    /// The constant with its axes reordered: weights of 8 bits stay integers, other integers become 64 bits wide.
    pub(super) fn stored(&self, order: &[usize]) -> Option<Stored> {
        let moved = |tensor: Tensor| if order.is_empty() { tensor } else { tensor.transposed(order) };
        let eight_bits = matches!(self.tensor.dtype, DataType::Int8 | DataType::Uint8);
        match &self.quantization {
            Some(quantization) if eight_bits && self.rank() >= 2 => {
                let axis = order.iter().position(|&axis| axis == quantization.axis).unwrap_or(quantization.axis);
                self.in_eight_bits(quantization, axis, &moved).or_else(|| Some(Stored::Plain(moved(self.floats()?))))
            }
            None if !is_float(self.tensor.dtype) => {
                let integers = Tensor::from_i64(&self.integers()?);
                Some(Stored::Plain(moved(Tensor { dims: self.tensor.dims.clone(), ..integers })))
            }
            _ => Some(Stored::Plain(moved(self.floats()?))),
        }
    }

    /// Unsigned integers are stored as signed ones, with their zero point moved.
    fn in_eight_bits(
        &self,
        quantization: &Quantization,
        axis: usize,
        moved: &dyn Fn(Tensor) -> Tensor,
    ) -> Option<Stored> {
        let unsigned = self.tensor.dtype == DataType::Uint8;
        let shift = if unsigned { 128 } else { 0 };
        let zeros = quantization.zeros.iter().map(|&zero| i8::try_from(zero.checked_sub(shift)?).ok());
        let zeros = zeros.collect::<Option<Vec<i8>>>()?;
        let bytes = match unsigned {
            true => self.tensor.bytes.iter().map(|byte| byte ^ 0x80).collect(),
            false => self.tensor.bytes.clone(),
        };
        let tensor = moved(Tensor { dims: self.tensor.dims.clone(), dtype: DataType::Int8, bytes });
        // One scale is a scalar, which has no axis.
        let dims = if zeros.len() == 1 { Vec::new() } else { vec![zeros.len()] };
        let scales = Tensor::from_f32(&dims, &quantization.scales);
        let bytes = zeros.iter().map(|&zero| zero as u8).collect();
        let zeros = zeros.iter().any(|&zero| zero != 0).then(|| Tensor { dims, dtype: DataType::Int8, bytes });
        Some(Stored::Integers { tensor, scales, zeros, axis })
    }
}

fn of_i32s(values: &[i32]) -> Tensor {
    let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
    Tensor { dims: vec![values.len()], dtype: DataType::Int32, bytes }
}
