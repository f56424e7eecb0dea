//! Validates a rule's parameters against the model's heads, labels and features.

use super::{Distance, FittedRule, Posterior, Rule, Scaled};
use crate::error::{ErrorKind, Result};
use crate::features::FeatureLayout;
use crate::labels::{Activation, HeadLabels};

impl FittedRule {
    /// Checks the rule against the heads of a model and, where given, the layout of its φ.
    ///
    /// # Errors
    /// `sigmoid-rule` where a head's scores each stand alone; `rule-parameters` with the first parameter that does not
    /// fit.
    pub fn check(&self, heads: &[HeadLabels], layout: Option<&FeatureLayout>) -> Result<()> {
        let logits = heads.iter().map(|h| h.labels.len()).sum();
        let sigmoid = heads.iter().find(|h| h.activation == Activation::Sigmoid);
        if let Some(head) = sigmoid.filter(|_| self.rule != Rule::Concat || self.none.is_some()) {
            return Err(ErrorKind::SigmoidRule { rule: self.rule.name().to_string(), head: head.name.clone() }.into());
        }
        if let Some(scaled) = self.rule.scaled() {
            check_scaled(scaled, heads.len(), logits)?;
        }
        if let Some(posterior) = self.rule.posterior() {
            check_posterior("posterior", posterior, layout)?;
            count("posterior.offsets", logits, posterior.offsets.len())?;
        }
        if let Rule::Gated(gated) = &self.rule {
            for (parameter, weights) in [("gate", gated.gate), ("within", gated.within)] {
                numbers(parameter, "numbers of 0 or more", weights, |w| w >= 0.0)?;
            }
        }
        let Some(none) = &self.none else { return Ok(()) };
        if let Distance::Evidence(posterior) = &none.distance {
            check_posterior("none", posterior, layout)?;
        }
        numbers("none.threshold", "a finite number", [none.threshold], |_| true)?;
        numbers("none.width", "a number above 0", [none.width], |w| w > 0.0)
    }
}

fn check_scaled(scaled: &Scaled, heads: usize, logits: usize) -> Result<()> {
    count("scale", heads, scaled.scale.len())?;
    numbers("scale", "numbers above 0", scaled.scale.iter().copied(), |a| a > 0.0)?;
    count("bias", logits, scaled.bias.len())?;
    numbers("bias", "finite numbers", scaled.bias.iter().copied(), |_| true)
}

fn check_posterior(of: &str, posterior: &Posterior, layout: Option<&FeatureLayout>) -> Result<()> {
    let Posterior { pools, mean, projection, prototypes, offsets, .. } = posterior;
    let named = |parameter: &str| format!("{of}.{parameter}");
    if pools.is_empty() {
        return Err(bad(&named("pools"), "at least one section of the features", "none"));
    }
    let width = layout.map_or(mean.len(), |l| l.only(pools).width());
    count(&named("mean"), width.max(1), mean.len())?;
    let (d, r, c) = posterior.dims();
    if r == 0 || projection.len() != r * d {
        let expected = format!("a multiple of {d} numbers");
        return Err(bad(&named("projection"), &expected, &projection.len().to_string()));
    }
    count(&named("offsets"), c.max(1), offsets.len())?;
    count(&named("prototypes"), c * r, prototypes.len())?;
    for (parameter, values) in
        [("mean", mean), ("projection", projection), ("prototypes", prototypes), ("offsets", offsets)]
    {
        numbers(&named(parameter), "finite numbers", values.iter().map(|&v| f64::from(v)), |_| true)?;
    }
    Ok(())
}

fn count(parameter: &str, expected: usize, found: usize) -> Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(bad(parameter, &format!("{expected} numbers"), &found.to_string()))
}

/// All numbers are finite in the 32 bits of the file, and as they should be.
fn numbers(
    parameter: &str,
    expected: &str,
    values: impl IntoIterator<Item = f64>,
    fits: impl Fn(f64) -> bool,
) -> Result<()> {
    let stored = |v: f64| f64::from(v as f32);
    match values.into_iter().find(|&v| !stored(v).is_finite() || !fits(stored(v))) {
        None => Ok(()),
        Some(found) => Err(bad(parameter, expected, &found.to_string())),
    }
}

fn bad(parameter: &str, expected: &str, found: &str) -> crate::Error {
    let (parameter, expected, found) = (parameter.to_string(), expected.to_string(), found.to_string());
    ErrorKind::RuleParameters { parameter, expected, found }.into()
}
