//! A merged model that takes a picture and gives the scores of all labels.

use crate::engine::Engine;
use crate::error::{ErrorKind, Result};
use crate::label::Label;
use crate::metadata::Metadata;
use crate::onnx::{self, ModelProto};
use crate::picture::Picture;
use crate::preprocess::Preprocessing;

/// A merged model, prepared to run.
pub struct Classifier {
    name: String,
    engine: Engine,
    metadata: Metadata,
    heads: Vec<String>,
}

/// What a model says of one picture.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Scores {
    /// One number a joint label, in the order of [`Classifier::labels`]; 0 to 1.
    pub probabilities: Vec<f32>,
    /// The logits of all heads, head after head, before any rule.
    pub logits: Vec<f32>,
    /// The numbers that the rule reads, or the pooled value at the cut; empty where the heads share none and the rule
    /// reads none.
    pub features: Vec<f32>,
    /// The sum of each head's labels, in the order of [`Classifier::heads`]; `None` with sigmoid heads.
    pub head_probabilities: Option<Vec<f32>>,
    /// How likely none of the labels is right, where the rule says it.
    pub none_probability: Option<f32>,
}

impl Classifier {
    /// Prepares the bytes of a merged file; `name` stands in messages.
    ///
    /// # Errors
    /// Those of [`onnx::decode`]; `metadata` if the file was not made by a merge; `engine` if it does not run.
    pub fn from_bytes(name: &str, model: &[u8]) -> Result<Classifier> {
        Classifier::from_proto(name, &onnx::decode(name, model)?)
    }

    /// Prepares a merged model.
    ///
    /// # Errors
    /// As [`from_bytes`](Self::from_bytes).
    pub fn from_proto(name: &str, proto: &ModelProto) -> Result<Classifier> {
        let metadata = Metadata::read(name, proto)?.ok_or_else(|| ErrorKind::Metadata {
            model: name.to_string(),
            key: "polyhead.version".into(),
            expected: "a file written by polyhead merge".into(),
            found: "a model without polyhead metadata".into(),
        })?;
        let engine = Engine::new(name, proto, &metadata.preprocessing.shape())?;
        let heads = metadata.heads.iter().map(|h| h.name.clone()).collect();
        Ok(Classifier { name: name.to_string(), engine, metadata, heads })
    }

    /// The joint labels, in the order of [`Scores::probabilities`].
    pub fn labels(&self) -> &[Label] {
        &self.metadata.labels
    }

    /// The names of the heads, in the order of [`Scores::head_probabilities`].
    pub fn heads(&self) -> &[String] {
        &self.heads
    }

    /// How a picture becomes the model's input.
    pub fn preprocessing(&self) -> &Preprocessing {
        &self.metadata.preprocessing
    }

    /// Everything the file says of itself.
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Scores one picture.
    ///
    /// # Errors
    /// `engine` if the model fails; `output` if it does not give what its metadata promises.
    pub fn run(&self, picture: &Picture) -> Result<Scores> {
        self.run_tensor(&self.metadata.preprocessing.tensor(picture)?)
    }

    /// Scores one preprocessed picture, in the layout of [`preprocessing`](Self::preprocessing).
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
        self.expect("probabilities", self.metadata.labels.len(), scores.probabilities.len())?;
        self.expect("logits", self.metadata.width(), scores.logits.len())?;
        if let Some(heads) = &scores.head_probabilities {
            self.expect("head_probabilities", self.heads.len(), heads.len())?;
        }
        Ok(scores)
    }

    fn expect(&self, output: &'static str, expected: usize, found: usize) -> Result<()> {
        if expected == found {
            return Ok(());
        }
        Err(ErrorKind::Output { model: self.name.clone(), output, expected, found }.into())
    }
}
