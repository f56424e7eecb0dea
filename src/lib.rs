//! Merges image classifiers that were trained separately on one backbone into a single model.
//!
//! The modules in the order of the data flow; imports run one way:
//!
//! - model files: [`onnx`] (the format) → [`import`] (labels, preprocessing) → [`canonical`] (one form) → [`backbone`]
//!   (shared layers, the cut) → [`head`] (logits, features) → [`rule`] → [`merge`] → one ONNX file with its [`metadata`]; [`embed`]
//!   writes the file into a wasm module;
//! - images: [`image`] (decoding, [input tensor](image::preprocess)) → [`classifier`] (scores, ranking, activation maps, model card);
//! - labelled images: [`features`] (block features, logits) → [`evidence`] (sums) → [`fit`] (parameters of a [`rule`]);
//! - comparability: [rules on observations](classifier::RuleEvaluator) → [`check`] (with [`statistics`]) → [`report`].
//!
//! [`project`] does all of it over files in memory, step by step; `cli` and `wasm` are the interfaces. [`engine`] runs graphs with tract,
//! [`kernels`] compute the layers. [`labels`], [`error`], [`limits`] (on untrusted input) and [`sanitize`] (text for display) are used
//! throughout.

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
#[cfg(feature = "complete")]
pub mod statistics;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use error::{Error, ErrorKind, Result};
pub use polyhead_kernels as kernels;

/// The README's Rust compiles.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
