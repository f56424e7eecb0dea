//! Merges image classifiers that were trained separately on one backbone into a single model.
//!
//! The items on this page are the library: [`ImportedModel`] reads a model, [`merge_models`] merges several,
//! [`FeatureExtractor`] and [`fit_rule`] make the heads comparable, [`check_rule`] measures whether they are,
//! [`Classifier`] runs the result on an [`RgbImage`]. An [`Error`] has a code, facts and a [`Remedy`].
//!
//! The modules are a map of the code; their other items may change. In the order of the data flow, with imports in one
//! direction:
//!
//! - model files: [`onnx`] (the format) → [`import`] (labels, preprocessing) → [`canonical`] (one form) → [`backbone`]
//!   (shared layers, the cut) → [`head`] (logits, features) → [`rule`] → [`merge`] → one ONNX file with its
//!   [`metadata`]; [`embed`] writes the file into a wasm module;
//! - images: [`image`] (decoding, [input tensor](image::preprocess)) → [`classifier`] (scores, ranking, activation
//!   maps, model card);
//! - labelled images: [`features`] (block features, logits) → [`evidence`] (sums) → [`fit`] (parameters of a [`rule`]);
//! - comparability: [rules on extracted features](classifier::RuleEvaluator) → [`check`] (with [`statistics`]) →
//!   [`report`].
//!
//! [`project`] is the application layer; `cli` and `wasm` are the interfaces. [`engine`] runs graphs with tract,
//! [`kernels`] compute the layers. [`labels`], [`error`], [`limits`] (on untrusted input) and [`sanitize`] (text for
//! display) are used throughout.

// Without the feature `complete`, functions that only it calls are unused.
#![cfg_attr(not(feature = "complete"), allow(dead_code, unused_imports))]

#[cfg(feature = "complete")]
pub mod backbone;
#[cfg(feature = "complete")]
pub mod canonical;
#[cfg(feature = "complete")]
pub mod check;
pub mod classifier;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "complete")]
pub mod embed;
pub mod engine;
pub mod error;
#[cfg(feature = "complete")]
pub mod evidence;
pub mod features;
#[cfg(feature = "complete")]
pub mod fit;
pub mod head;
pub mod image;
#[cfg(feature = "complete")]
pub mod import;
pub mod labels;
pub mod limits;
#[cfg(feature = "complete")]
pub mod merge;
pub mod metadata;
pub mod onnx;
#[cfg(feature = "complete")]
pub mod project;
#[cfg(feature = "complete")]
pub mod report;
pub mod rule;
pub mod sanitize;
pub mod shared_backbone;
#[cfg(feature = "complete")]
pub mod statistics;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use classifier::{rank, Classifier};
pub use error::{Error, ErrorKind, Remedy, Result};
#[cfg(feature = "complete")]
pub use evidence::Evidence;
#[cfg(feature = "complete")]
pub use features::FeatureExtractor;
pub use image::RgbImage;
#[cfg(feature = "complete")]
pub use import::ImportedModel;
pub use polyhead_kernels as kernels;
#[cfg(feature = "complete")]
pub use project::{check_rule, fit_rule, merge_models, FitOptions, MergeOptions, Project};

/// Compiles the README's Rust example.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
