//! Runs a merged model on an image: scores, the ranking of its labels, class activation maps, and the model card.

pub mod activation_map;
mod model_card;
mod ranking;
#[cfg(feature = "complete")]
mod rule_evaluator;
mod scores;

pub use model_card::{CardHead, MetadataEntry, ModelCard};
pub use ranking::{rank, rank_logits, RankOptions, RankedHead, RankedLabel, RankedLogit, Ranking};
#[cfg(feature = "complete")]
pub use rule_evaluator::RuleEvaluator;
pub use scores::Scores;

use crate::engine::{Engine, Output, Timing};
use crate::error::{ErrorKind, Result};
use crate::image::preprocess::Preprocessing;
use crate::image::RgbImage;
use crate::labels::{Label, MergedLabels};
use crate::metadata::Metadata;
use crate::onnx::{self, Bytes, ModelProto};
use activation_map::{ActivationMap, Explanation, Features, Plan};
use std::borrow::Cow;

/// A merged model, ready to run.
pub struct Classifier {
    engine: Engine,
    metadata: Metadata,
    heads: Vec<String>,
    card: ModelCard,
    /// The tensors from which class activation maps are computed.
    plan: Plan,
    /// For each logit the index of its merged label.
    members: Vec<usize>,
}

impl Classifier {
    /// Prepares the bytes of a merged file; `name` is used in messages.
    ///
    /// # Errors
    /// Those of [`onnx::decode`]; `metadata` if the file was not made by a merge; `engine` if the model does not
    /// run.
    pub fn from_bytes(name: &str, model: impl Into<Bytes>) -> Result<Classifier> {
        Classifier::of(name, Cow::Owned(onnx::decode(name, model)?))
    }

    /// Prepares a merged model.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_proto(name: &str, proto: &ModelProto) -> Result<Classifier> {
        Classifier::of(name, Cow::Borrowed(proto))
    }

    /// Prepares a merged model; owned weights are not copied.
    pub(crate) fn of(name: &str, proto: Cow<ModelProto>) -> Result<Classifier> {
        let metadata = Metadata::read(name, &proto)?.ok_or_else(|| ErrorKind::Metadata {
            model: name.to_string(),
            key: "polyhead.version".into(),
            expected: "a file written by polyhead merge".into(),
            found: "a model without polyhead metadata".into(),
        })?;
        let plan = activation_map::plan(&proto, &metadata.heads);
        let card = ModelCard::new(&proto, &metadata, plan.heads.iter().map(Option::is_some));
        let engine = Engine::with_values(name, proto, &metadata.preprocessing.shape(), &plan.maps)?;
        let heads = metadata.heads.iter().map(|h| h.name.clone()).collect();
        let own = metadata.heads.iter().map(|h| (h.name.as_str(), h.labels.as_slice()));
        let members = MergedLabels::of_merged(name, metadata.labels.clone(), own)?.label_of_logit;
        Ok(Classifier { engine, metadata, heads, card, plan, members })
    }

    /// The merged labels, in the order of [`Scores::probabilities`].
    pub fn labels(&self) -> &[Label] {
        &self.metadata.labels
    }

    /// The names of the heads, in the order of [`Scores::head_probabilities`].
    pub fn heads(&self) -> &[String] {
        &self.heads
    }

    /// The preprocessing of images for the model's input.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.metadata.preprocessing
    }

    /// The file's metadata.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The file's metadata, for display.
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// The merged label and the head of every logit, in the order of [`Scores::logits`].
    pub fn logit_labels(&self) -> impl Iterator<Item = (&Label, &str)> {
        let heads = self.metadata.heads.iter().flat_map(|head| head.labels.iter().map(|_| head.name.as_str()));
        self.members.iter().zip(heads).filter_map(|(&member, head)| Some((self.metadata.labels.get(member)?, head)))
    }

    /// Scores one image.
    ///
    /// # Errors
    /// `engine` if the model fails; `output` if the outputs do not match its metadata.
    pub fn run(&self, image: &RgbImage) -> Result<Scores> {
        self.run_tensor(&self.metadata.preprocessing.tensor(image)?)
    }

    /// Scores one preprocessed image, in the layout of [`preprocessing`](Self::preprocessing).
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub fn run_tensor(&self, tensor: &[f32]) -> Result<Scores> {
        let mut scores = Scores::default();
        for output in self.engine.run(tensor)? {
            match output.name.as_str() {
                "probabilities" => scores.probabilities = output.values,
                "logits" => scores.logits = output.values,
                "features" => scores.features = output.values,
                "head_probabilities" => scores.head_probabilities = Some(output.values),
                "none_probability" => scores.none_probability = output.values.first().copied(),
                _ => {}
            }
        }
        self.engine.expect("probabilities", self.metadata.labels.len(), scores.probabilities.len())?;
        self.engine.expect("logits", self.metadata.width(), scores.logits.len())?;
        if let Some(heads) = &scores.head_probabilities {
            self.engine.expect("head_probabilities", self.heads.len(), heads.len())?;
        }
        Ok(scores)
    }

    /// The time of each layer on one synthetic image; `now` returns milliseconds.
    ///
    /// # Errors
    /// `engine` if the model fails.
    pub fn profile(&self, now: impl Fn() -> f64) -> Result<Vec<Timing>> {
        let numbers = self.metadata.preprocessing.shape().iter().product();
        let tensor: Vec<f32> = (0..numbers).map(|i| (i % 255) as f32 / 127.5 - 1.0).collect();
        self.engine.profile(&tensor, now)
    }

    /// The contribution of each position of an image to each logit of the heads that are linear on the average of a
    /// map.
    ///
    /// # Errors
    /// `not-linear` if no head is; `engine` if the model fails.
    pub fn explain(&self, image: &RgbImage) -> Result<Explanation> {
        let area = self.metadata.preprocessing.area(image.width, image.height);
        let maps = self.explain_tensor(&self.metadata.preprocessing.tensor(image)?)?;
        Ok(Explanation { area, maps })
    }

    /// As [`explain`](Self::explain), of one preprocessed image.
    ///
    /// # Errors
    /// As [`explain`](Self::explain).
    pub fn explain_tensor(&self, tensor: &[f32]) -> Result<Vec<ActivationMap>> {
        if self.plan.maps.is_empty() {
            let (model, heads) = (self.engine.name().to_string(), self.heads.join(", "));
            return Err(ErrorKind::NotLinear { model, heads }.into());
        }
        let outputs = self.engine.run_inside(tensor)?;
        let inner: Vec<&Output> = outputs.iter().skip(outputs.len() - self.plan.maps.len()).collect();
        let mut labels = self.logit_labels();
        let mut maps = Vec::new();
        for (head, linear) in self.metadata.heads.iter().zip(&self.plan.heads) {
            let own = labels.by_ref().take(head.labels.len());
            let Some((linear, output)) = linear.as_ref().and_then(|l| Some((l, inner.get(l.map)?))) else {
                own.for_each(drop);
                continue;
            };
            let features = Features { shape: &output.shape, values: &output.values };
            let (width, height, places) =
                activation_map::validate_head(self.engine.name(), linear, head.labels.len(), features)?;
            maps.extend(own.zip(places).map(|((label, head), values)| ActivationMap {
                label: label.label.clone(),
                head: head.to_string(),
                width,
                height,
                values,
            }));
        }
        Ok(maps)
    }
}
