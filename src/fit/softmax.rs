//! Logarithms of sums of exponentials, without overflow.

/// log Σ exp(v); −∞ for nothing.
pub(crate) fn log_sum_exp(values: impl Iterator<Item = f64> + Clone) -> f64 {
    let largest = values.clone().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + values.map(|v| (v - largest).exp()).sum::<f64>().ln()
}

/// v − log Σ exp(v).
pub(crate) fn log_softmax(values: &[f64]) -> Vec<f64> {
    let sum = log_sum_exp(values.iter().copied());
    values.iter().map(|v| v - sum).collect()
}
