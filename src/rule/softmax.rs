//! Softmax and sigmoid in 64 bits.

/// log Σ exp, with the maximum subtracted first; −∞ for no numbers.
pub fn log_sum_exp(values: &[f64]) -> f64 {
    let largest = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if largest == f64::NEG_INFINITY {
        return largest;
    }
    largest + values.iter().map(|v| (v - largest).exp()).sum::<f64>().ln()
}

/// Probabilities from scores up to a common constant.
pub fn softmax(scores: &[f64]) -> Vec<f64> {
    log_softmax(scores).into_iter().map(f64::exp).collect()
}

/// v − log Σ exp(v).
pub fn log_softmax(values: &[f64]) -> Vec<f64> {
    let sum = log_sum_exp(values);
    values.iter().map(|v| v - sum).collect()
}

pub(super) fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
