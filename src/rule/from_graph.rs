//! Reads a rule's parameters from the constants of a merged graph.

use super::graph_builder::PREFIX;
use super::rule_metadata::FeatureSpace;
use super::{evaluate, Distance, FittedRule, Gated, Posterior, Rejection, Rule, RuleKind, RuleRecord, Scaled};
use crate::error::{ErrorKind, Result};
use crate::labels::HeadLabels;
use crate::onnx::{Graph, Tensor};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The constants of a rule by name.
pub type Parameters = BTreeMap<String, Arc<Tensor>>;

/// Those that a merged file as it was read holds.
pub fn parameters(graph: &Graph) -> Parameters {
    let named = graph.values.iter().enumerate().filter(|(_, v)| v.name.starts_with(PREFIX));
    named.filter_map(|(at, v)| Some((v.name.clone(), graph.tensor(at)?.clone()))).collect()
}

impl FittedRule {
    /// The rule of a merged file: `parameters` from its graph, `record` and `heads` from its metadata.
    ///
    /// # Errors
    /// `metadata` for a parameter that is missing or of another form; `rule-parameters` for numbers that do not fit.
    pub fn read(model: &str, parameters: &Parameters, record: &RuleRecord, heads: &[HeadLabels]) -> Result<FittedRule> {
        let reader = Reader { model, parameters, record };
        let rule = match record.name {
            RuleKind::Concat => Rule::Concat,
            RuleKind::Scaled => Rule::Scaled(reader.scaled(heads)?),
            RuleKind::Gated => Rule::Gated(Gated {
                scaled: reader.scaled(heads)?,
                posterior: reader.posterior()?,
                gate: [reader.number("rule.gate.heads")?, reader.number("rule.gate.evidence")?],
                within: [reader.number("rule.within.heads")?, reader.number("rule.within.evidence")?],
            }),
            RuleKind::Retrained => Rule::Retrained(reader.posterior()?),
        };
        let none = match parameters.contains_key("rule.none.threshold") {
            true => Some(reader.none(&rule)?),
            false => None,
        };
        let combination = FittedRule { rule, none, record: record.clone() };
        combination.check(heads, None)?;
        Ok(combination)
    }
}

struct Reader<'a> {
    model: &'a str,
    parameters: &'a Parameters,
    record: &'a RuleRecord,
}

impl Reader<'_> {
    fn bad(&self, expected: String, found: &str) -> crate::Error {
        let (model, key) = (self.model.to_string(), "polyhead.rule".to_string());
        ErrorKind::Metadata { model, key, expected, found: found.to_string() }.into()
    }

    fn values(&self, name: &str) -> Result<Vec<f32>> {
        let expected = || format!("the constant '{name}' of floats in the graph");
        let tensor = self.parameters.get(name).ok_or_else(|| self.bad(expected(), "none"))?;
        tensor.f32s().ok_or_else(|| self.bad(expected(), "other numbers"))
    }

    fn number(&self, name: &str) -> Result<f64> {
        match self.values(name)?[..] {
            [only] => Ok(f64::from(only)),
            ref several => Err(self.bad(format!("one number in '{name}'"), &several.len().to_string())),
        }
    }

    fn scaled(&self, heads: &[HeadLabels]) -> Result<Scaled> {
        let (all, bias) = (self.values("rule.scale")?, self.values("rule.bias")?);
        let mut rest = all.as_slice();
        let mut scale = Vec::with_capacity(heads.len());
        for width in evaluate::widths(heads) {
            let (own, others) = rest.split_at(width.min(rest.len()));
            rest = others;
            match own {
                [first, ..] if own.len() == width && own.iter().all(|a| a == first) => scale.push(f64::from(*first)),
                _ => return Err(self.bad("one number a head in 'rule.scale'".into(), &format!("{own:?}"))),
            }
        }
        if !rest.is_empty() {
            return Err(self.bad(format!("{} numbers in 'rule.scale'", all.len() - rest.len()), &all.len().to_string()));
        }
        Ok(Scaled { scale, bias: bias.into_iter().map(f64::from).collect() })
    }

    fn space(&self, of: &str) -> Result<FeatureSpace> {
        let found = self.record.spaces().remove(of);
        found.ok_or_else(|| self.bad(format!("the space '{of}' among the parameters"), "none"))
    }

    fn posterior(&self) -> Result<Posterior> {
        let FeatureSpace { pools, unit } = self.space("posterior")?;
        Ok(Posterior {
            pools,
            unit,
            mean: self.values("rule.posterior.mean")?,
            projection: self.values("rule.posterior.projection")?,
            prototypes: self.values("rule.posterior.prototypes")?,
            offsets: self.values("rule.posterior.offsets")?,
        })
    }

    fn none(&self, rule: &Rule) -> Result<Rejection> {
        let distance = match self.parameters.contains_key("rule.none.prototypes") {
            false => Distance::Energy,
            true => Distance::Evidence(self.nearest(rule)?),
        };
        let (threshold, width) = (self.number("rule.none.threshold")?, self.number("rule.none.width")?);
        Ok(Rejection { distance, threshold, width })
    }

    /// The posterior of the distance, whose space stands in the graph once where the rule has the same.
    fn nearest(&self, rule: &Rule) -> Result<Posterior> {
        let FeatureSpace { pools, unit } = self.space("none")?;
        let own = ["rule.none.mean", "rule.none.projection"].iter().any(|name| self.parameters.contains_key(*name));
        let shared = rule.posterior().filter(|p| !own && p.pools == pools && p.unit == unit);
        let (mean, projection) = match shared {
            Some(shared) => (shared.mean.clone(), shared.projection.clone()),
            None => (self.values("rule.none.mean")?, self.values("rule.none.projection")?),
        };
        let (prototypes, excess) = (self.values("rule.none.prototypes")?, self.values("rule.none.excess")?);
        let mut posterior = Posterior { pools, mean, unit, projection, prototypes, offsets: vec![0.0; excess.len()] };
        // With offsets of zero the excess is ‖prototype‖².
        let lengths = posterior.excess();
        if lengths.len() != excess.len() {
            return Err(self.bad(format!("{} numbers in 'rule.none.excess'", lengths.len()), &excess.len().to_string()));
        }
        let offsets = lengths.into_iter().zip(excess);
        posterior.offsets = offsets.map(|(length, excess)| ((f64::from(excess) - length) / 2.0) as f32).collect();
        Ok(posterior)
    }
}
