//! Compares two weight tensors within a tolerance.

use crate::onnx::Tensor;

/// Decides whether two constants of equal type and dimensions are the same weights.
pub trait WeightComparison {
    /// The [`relative_difference`] of the constants if they are the same weights, otherwise `None`.
    fn same(&self, kept: &Tensor, other: &Tensor) -> Option<f64>;
}

/// Accepts floats up to this [`relative_difference`], everything else only bit for bit; `Within(0.0)` ignores only
/// the sign of zero.
#[derive(Clone, Copy, Debug)]
pub struct RelativeTolerance(pub f64);

impl WeightComparison for RelativeTolerance {
    fn same(&self, kept: &Tensor, other: &Tensor) -> Option<f64> {
        if kept.bytes == other.bytes {
            return Some(0.0);
        }
        let difference = relative_difference(kept, other)?;
        (difference <= self.0).then_some(difference)
    }
}

/// max|a − b| / max|a| over two float tensors of equal length; `None` for anything else. Infinite if only `b` is
/// non-zero, or if a number of one is not finite.
pub fn relative_difference(a: &Tensor, b: &Tensor) -> Option<f64> {
    let (a, b) = (a.f32s()?, b.f32s()?);
    if a.len() != b.len() {
        return None;
    }
    let largest = a.iter().fold(0f64, |m, &v| m.max(f64::from(v.abs())));
    let pairs = a.iter().zip(&b);
    let apart = pairs.map(|(&a, &b)| (f64::from(a) - f64::from(b)).abs());
    let apart = apart.fold(0f64, |m, d| if d.is_nan() { f64::INFINITY } else { m.max(d) });
    Some(if apart == 0.0 { 0.0 } else { apart / largest })
}
