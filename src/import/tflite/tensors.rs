//! The tensors of a graph: shapes, types, constants.

use crate::error::Result;
use crate::import::tensorflow::{Constant, Quantization};
use crate::limits;
use crate::onnx::{malformed, unsupported, width, Bytes, DataType, Tensor};
use tract_tflite::tflite;

/// The tensors of a graph and the bytes of the constants among them.
pub(super) struct Tensors<'a> {
    model: &'a str,
    tensors: Vec<tflite::Tensor<'a>>,
    file: tflite::Model<'a>,
}

impl<'a> Tensors<'a> {
    pub(super) fn new(model: &'a str, file: tflite::Model<'a>, graph: &tflite::SubGraph<'a>) -> Result<Tensors<'a>> {
        let tensors: Vec<_> = graph.tensors().map(|tensors| tensors.iter().collect()).unwrap_or_default();
        let subject = || format!("model '{model}'");
        let (found, remedy) = (tensors.len() as u64, "give a smaller model");
        limits::ensure_at_most(subject, "tensors", limits::INITIALIZERS, found, remedy)?;
        let axes = tensors.iter().map(|tensor| tensor.shape().map_or(0, |shape| shape.len())).max();
        limits::ensure_at_most(subject, "axes of a tensor", limits::AXES, axes.unwrap_or(0) as u64, remedy)?;
        Ok(Tensors { model, tensors, file })
    }

    pub(super) fn len(&self) -> usize {
        self.tensors.len()
    }

    pub(super) fn get(&self, index: usize) -> Option<&tflite::Tensor<'a>> {
        self.tensors.get(index)
    }

    /// The tensor's name, or its number. A converter joins the names of what it fused with `;`: the first one is taken.
    pub(super) fn name(&self, index: usize) -> String {
        let name = self.get(index).and_then(|tensor| tensor.name()).and_then(|names| names.split(';').next());
        match name {
            Some(name) if !name.is_empty() => name.chars().take(limits::NAME_BYTES as usize / 8).collect(),
            _ => format!("tensor {index}"),
        }
    }

    /// The shape with open axes as one; empty for a scalar.
    pub(super) fn shape(&self, index: usize) -> Vec<i64> {
        let shape = self.get(index).and_then(|tensor| tensor.shape());
        shape.map(|shape| shape.iter().map(i64::from).collect()).unwrap_or_default()
    }

    /// The constant that the tensor is; `None` for a computed one.
    pub(super) fn constant(&self, index: usize) -> Result<Option<Constant>> {
        let Some(tensor) = self.get(index) else { return Ok(None) };
        let buffers = self.file.buffers().unwrap_or_default();
        let number = tensor.buffer() as usize;
        if number >= buffers.len() {
            return Err(self.malformed(index, format!("one of {} buffers", buffers.len()), number));
        }
        let Some(data) = buffers.get(number).data().filter(|data| !data.is_empty()) else { return Ok(None) };
        if tensor.sparsity().is_some() {
            let found = "only the non-zero ones (sparsity)";
            return Err(self.unsupported(index, "all weights", found));
        }
        let dtype = self.dtype(index, tensor.type_())?;
        let dims = self.shape(index).iter().map(|&d| usize::try_from(d)).collect::<Result<Vec<_>, _>>();
        let dims = dims.map_err(|_| self.malformed(index, "sides of 0 or more", format!("{:?}", self.shape(index))))?;
        let size = dims.iter().try_fold(width(dtype).unwrap_or(1), |size, &d| size.checked_mul(d));
        if size != Some(data.len()) {
            let expected = format!("a buffer for {dims:?} {dtype:?}");
            return Err(self.malformed(index, expected, format!("{} bytes", data.len())));
        }
        let bytes = Bytes::copy_from_slice(data.bytes());
        let quantization = self.quantization(index, tensor, &dims)?;
        Ok(Some(Constant { tensor: Tensor { dims, dtype, bytes }, quantization }))
    }

    /// The scales of a tensor of integers, one for all or one per index of an axis; `None` if it has none.
    pub(super) fn quantization(
        &self,
        index: usize,
        tensor: &tflite::Tensor,
        dims: &[usize],
    ) -> Result<Option<Quantization>> {
        use tflite::TensorType as Type;
        let integers = [Type::INT8, Type::UINT8, Type::INT16, Type::INT32, Type::INT64];
        let Some(stored) = tensor.quantization().filter(|_| integers.contains(&tensor.type_())) else {
            return Ok(None);
        };
        let scales: Vec<f32> = stored.scale().map(|scales| scales.iter().collect()).unwrap_or_default();
        if scales.is_empty() {
            return Ok(None);
        }
        let zeros: Vec<i64> = stored.zero_point().map(|zeros| zeros.iter().collect()).unwrap_or_default();
        let zeros = match zeros.as_slice() {
            [] => vec![0; scales.len()],
            [zero] => vec![*zero; scales.len()],
            _ => zeros,
        };
        let axis = usize::try_from(stored.quantized_dimension()).unwrap_or(usize::MAX);
        let fits = scales.len() == 1 || dims.get(axis) == Some(&scales.len());
        let positive = scales.iter().all(|scale| scale.is_finite() && *scale >= 0.0);
        if !fits || !positive || zeros.len() != scales.len() {
            let found = format!("{} scales and {} zero points of axis {axis}", scales.len(), zeros.len());
            return Err(self.malformed(index, format!("one scale, or one per index of an axis of {dims:?}"), found));
        }
        Ok(Some(Quantization { scales, zeros, axis: if axis < dims.len() { axis } else { 0 } }))
    }

    fn dtype(&self, index: usize, found: tflite::TensorType) -> Result<DataType> {
        use tflite::TensorType as Type;
        Ok(match found {
            Type::FLOAT32 => DataType::Float,
            Type::FLOAT16 => DataType::Float16,
            Type::FLOAT64 => DataType::Double,
            Type::INT8 => DataType::Int8,
            Type::UINT8 => DataType::Uint8,
            Type::INT16 => DataType::Int16,
            Type::INT32 => DataType::Int32,
            Type::INT64 => DataType::Int64,
            Type::BOOL => DataType::Bool,
            other => {
                let found = other.variant_name().map_or_else(|| format!("type {}", other.0), str::to_string);
                return Err(self.unsupported(index, "floats or integers of 8 bits or more", found));
            }
        })
    }

    pub(super) fn malformed(&self, index: usize, expected: impl ToString, found: impl ToString) -> crate::Error {
        malformed(self.model, format!("tensor '{}'", self.name(index)), expected, found)
    }

    pub(super) fn unsupported(&self, index: usize, expected: impl ToString, found: impl ToString) -> crate::Error {
        let remedy =
            "convert the model to TensorFlow Lite with other settings, or export it as a Keras file or as ONNX";
        unsupported(self.model, format!("tensor '{}'", self.name(index)), expected, found, remedy)
    }
}
