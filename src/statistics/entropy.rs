//! Entropy, energy and maximum logit of a head.

/// −Σ p·ln p / ln C: 0 if one label has all probability, 1 if all have the same; `None` for a single label.
pub fn normalised_entropy(probabilities: &[f64]) -> Option<f64> {
    let entropy: f64 = probabilities.iter().filter(|&&p| p > 0.0).map(|p| -p * p.ln()).sum();
    (probabilities.len() > 1).then(|| (entropy / (probabilities.len() as f64).ln()).clamp(0.0, 1.0))
}

/// Σ ln(1 + exp z): the joint energy of independent labels (Wang et al. 2021).
pub fn joint_energy(logits: &[f64]) -> f64 {
    logits.iter().map(|z| z.max(0.0) + (-z.abs()).exp().ln_1p()).sum()
}

/// The maximum; −∞ for no numbers.
pub fn max(numbers: &[f64]) -> f64 {
    numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

/// The index of the maximum, the first of equals.
pub fn largest(numbers: impl Iterator<Item = f64>) -> Option<usize> {
    numbers.enumerate().reduce(|best, next| if next.1 > best.1 { next } else { best }).map(|best| best.0)
}
