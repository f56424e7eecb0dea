//! A constant of a graph: dimensions, element type and little-endian bytes.

use crate::onnx::pb::{tensor_proto::DataType, TensorProto};
use prost::bytes::Bytes;

/// A constant, row-major (the last axis moves fastest), as ONNX stores it in `raw_data`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub dims: Vec<usize>,
    pub dtype: DataType,
    /// Often a slice of the file, which is not freed before all of its slices are.
    pub bytes: Bytes,
}

impl Tensor {
    /// A tensor of 32-bit floats; `values` has as many elements as the product of `dims`.
    pub fn from_f32(dims: &[usize], values: &[f32]) -> Tensor {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Tensor { dims: dims.to_vec(), dtype: DataType::Float, bytes }
    }

    /// A vector of 64-bit integers, the type of axes, shapes and pads.
    pub fn from_i64(values: &[i64]) -> Tensor {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        Tensor { dims: vec![values.len()], dtype: DataType::Int64, bytes }
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.dims.iter().product()
    }

    /// Whether it has no elements.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether it has floating-point elements: weights, not axes or shapes.
    pub fn is_float(&self) -> bool {
        is_float(self.dtype)
    }

    /// The elements as 32-bit floats, for floats of any width.
    pub fn f32s(&self) -> Option<Vec<f32>> {
        match self.dtype {
            DataType::Float => Some(chunks(&self.bytes).map(f32::from_le_bytes).collect()),
            DataType::Float16 => Some(chunks(&self.bytes).map(|b| single(u16::from_le_bytes(b))).collect()),
            DataType::Bfloat16 => Some(chunks(&self.bytes).map(|b| half::bf16::from_le_bytes(b).to_f32()).collect()),
            DataType::Double => Some(chunks(&self.bytes).map(|b| f64::from_le_bytes(b) as f32).collect()),
            _ => None,
        }
    }

    /// The elements as 64-bit integers, for signed integers.
    pub fn i64s(&self) -> Option<Vec<i64>> {
        match self.dtype {
            DataType::Int64 => Some(chunks(&self.bytes).map(i64::from_le_bytes).collect()),
            DataType::Int32 => Some(chunks(&self.bytes).map(|b| i64::from(i32::from_le_bytes(b))).collect()),
            _ => None,
        }
    }

    /// The element of a tensor with one element.
    pub fn scalar(&self) -> Option<f32> {
        let values = self.f32s()?;
        (values.len() == 1).then(|| values[0])
    }

    /// The tensor with its axes reordered: axis i of the result is axis `order[i]`, and `order` has each axis once. A tensor of
    /// elements of fractional bytes is returned as it is.
    pub fn transposed(&self, order: &[usize]) -> Tensor {
        let Some(width) = width(self.dtype) else { return self.clone() };
        let mut strides = vec![width; self.dims.len()];
        for axis in (1..self.dims.len()).rev() {
            strides[axis - 1] = strides[axis] * self.dims[axis];
        }
        let dims: Vec<usize> = order.iter().map(|&axis| self.dims[axis]).collect();
        let steps: Vec<usize> = order.iter().map(|&axis| strides[axis]).collect();
        let mut bytes = Vec::with_capacity(self.bytes.len());
        let (length, step) = (dims.last().copied().unwrap_or(1), steps.last().copied().unwrap_or(0));
        let mut place = vec![0; dims.len().saturating_sub(1)];
        for _ in 0..self.len() / length.max(1) {
            let row: usize = place.iter().zip(&steps).map(|(place, step)| place * step).sum();
            for at in 0..length {
                let element = row + at * step;
                bytes.extend_from_slice(&self.bytes[element..element + width]);
            }
            for axis in (0..place.len()).rev() {
                place[axis] += 1;
                if place[axis] < dims[axis] {
                    break;
                }
                place[axis] = 0;
            }
        }
        Tensor { dims, dtype: self.dtype, bytes: bytes.into() }
    }

    /// Reads a tensor whose bytes are inside the file; errors are (expected, found).
    pub fn from_proto(proto: TensorProto) -> Result<Tensor, (String, String)> {
        let (dims, dtype) = check(&proto)?;
        let bytes = if proto.raw_data.is_empty() { typed_bytes(&proto, dtype).into() } else { proto.raw_data };
        Ok(Tensor { dims, dtype, bytes })
    }

    /// The tensor as stored in a file.
    pub fn to_proto(&self, name: &str) -> TensorProto {
        TensorProto {
            dims: self.dims.iter().map(|&d| d as i64).collect(),
            data_type: self.dtype as i32,
            name: name.to_string(),
            raw_data: self.bytes.clone(),
            ..TensorProto::default()
        }
    }
}

/// Dimensions and type of a tensor whose number of elements matches its dimensions; errors are (expected, found).
pub(crate) fn check(proto: &TensorProto) -> Result<(Vec<usize>, DataType), (String, String)> {
    let dims = proto
        .dims
        .iter()
        .map(|&d| usize::try_from(d))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| ("dimensions of 0 or more".to_string(), format!("{:?}", proto.dims)))?;
    let len = dims
        .iter()
        .try_fold(1usize, |n, &d| n.checked_mul(d))
        .ok_or_else(|| ("a number of elements that memory can hold".to_string(), format!("dimensions {dims:?}")))?;
    let dtype = DataType::try_from(proto.data_type)
        .map_err(|_| ("a known element type".to_string(), format!("type {}", proto.data_type)))?;
    let width =
        width(dtype).ok_or_else(|| ("numbers of a common type".to_string(), format!("elements of type {dtype:?}")))?;
    let found = match proto.raw_data.len() {
        0 => typed_numbers(proto, dtype) * width,
        bytes => bytes,
    };
    if Some(found) != len.checked_mul(width) {
        let expected = format!("{len} elements of {width} bytes for dimensions {dims:?}");
        return Err((expected, format!("{found} bytes")));
    }
    Ok((dims, dtype))
}

/// Whether elements of this type are floating-point numbers.
pub fn is_float(dtype: DataType) -> bool {
    use DataType::*;
    matches!(dtype, Float | Float16 | Bfloat16 | Double)
}

/// Bytes per element; `None` for types of fractional bytes, texts and complex numbers.
pub fn width(dtype: DataType) -> Option<usize> {
    use DataType::*;
    match dtype {
        Bool | Uint8 | Int8 => Some(1),
        Uint16 | Int16 | Float16 | Bfloat16 => Some(2),
        Uint32 | Int32 | Float => Some(4),
        Uint64 | Int64 | Double => Some(8),
        _ => None,
    }
}

/// The bytes of a tensor that stores its elements in the typed fields instead of `raw_data`.
fn typed_bytes(proto: &TensorProto, dtype: DataType) -> Vec<u8> {
    use DataType::*;
    match dtype {
        Float => proto.float_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
        Double => proto.double_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
        Int64 => proto.int64_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
        Uint64 => proto.uint64_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
        Uint32 => proto.uint64_data.iter().flat_map(|&v| (v as u32).to_le_bytes()).collect(),
        Int32 => proto.int32_data.iter().flat_map(|v| v.to_le_bytes()).collect(),
        // ONNX stores every narrower type, including half floats as bits, in `int32_data`.
        Bool | Uint8 | Int8 => proto.int32_data.iter().map(|&v| v as u8).collect(),
        _ => proto.int32_data.iter().flat_map(|&v| (v as u16).to_le_bytes()).collect(),
    }
}

/// The number of elements in the typed field.
fn typed_numbers(proto: &TensorProto, dtype: DataType) -> usize {
    use DataType::*;
    match dtype {
        Float => proto.float_data.len(),
        Double => proto.double_data.len(),
        Int64 => proto.int64_data.len(),
        Uint64 | Uint32 => proto.uint64_data.len(),
        _ => proto.int32_data.len(),
    }
}

/// Converts half-float bits to a float. Branch-free, so that the compiler vectorises it without a hardware conversion.
fn single(bits: u16) -> f32 {
    const INFINITE: u32 = 31 << 23;
    let magnitude = u32::from(bits & 0x7fff) << 13;
    // The exponent biases differ by 112; a multiplication also normalises subnormal half floats.
    let number = (f32::from_bits(magnitude) * f32::from_bits((127 + 112) << 23)).to_bits();
    let number = number | if magnitude >= INFINITE { 0xff << 23 } else { 0 };
    f32::from_bits(number | u32::from(bits & 0x8000) << 16)
}

/// The little-endian bytes of all elements.
pub(super) fn chunks<const N: usize>(bytes: &[u8]) -> impl Iterator<Item = [u8; N]> + '_ {
    bytes.as_chunks().0.iter().copied()
}

#[cfg(test)]
mod tests {
    use super::{single, Tensor};

    #[test]
    fn axes_are_reordered() {
        let numbers: Vec<f32> = (0..24).map(|n| n as f32).collect();
        let moved = Tensor::from_f32(&[2, 3, 4], &numbers).transposed(&[2, 0, 1]);
        assert_eq!(moved.dims, [4, 2, 3]);
        assert_eq!(moved.f32s().unwrap()[..7], [0.0, 4.0, 8.0, 12.0, 16.0, 20.0, 1.0]);
        assert_eq!(moved.transposed(&[1, 2, 0]).f32s().unwrap(), numbers);
        assert_eq!(Tensor::from_f32(&[], &[7.0]).transposed(&[]).f32s().unwrap(), [7.0]);
        assert!(Tensor::from_f32(&[0, 2], &[]).transposed(&[1, 0]).is_empty());
    }

    #[test]
    fn halves_become_what_they_are() {
        for bits in 0..=u16::MAX {
            let (found, expected) = (single(bits), half::f16::from_bits(bits).to_f32());
            assert!(found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan(), "{bits:#06x}");
        }
    }
}
