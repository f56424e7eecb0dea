//! Merges image classifiers that were trained separately on one backbone into a single model.
//!
//! The modules in the order of the data flow; imports run one way:
//!
//! - model files: [`onnx`] and [`tfjs`] (formats) → [`import`] (labels, preprocessing) → [`canonical`] (one form) → [`backbone`]
//!   (shared layers, the cut) → [`head`] (logits, features) → [`rule`] → [`merge`] → one ONNX file with its [`metadata`]; [`split`]
//!   extracts one head, [`embed`] writes the file into a wasm module;
//! - images: [`image`] (decoding) → [`preprocess`] (input tensor) → [`classifier`] (scores) → [`ranking`], and [`activation_map`];
//! - labelled images: [`feature_extractor`] ([`block_features`], logits) → [`evidence`] (sums) → [`fit`] (parameters of a
//!   [`rule`]);
//! - comparability: [`rule_evaluator`] → [`check`] → [`report`].
//!
//! [`project`] does all of it over files in memory, step by step; `cli` and `wasm` are the interfaces. [`engine`] runs graphs with tract,
//! [`kernels`] compute the layers. [`labels`], [`error`], [`limits`] (on untrusted input), [`sanitize`] (text for display) and
//! [`model_card`] are used throughout.

// Without the feature `complete`, functions that only it calls are unused.
#![cfg_attr(not(feature = "complete"), allow(dead_code, unused_imports))]

pub mod activation_map;
#[cfg(feature = "complete")]
pub mod backbone;
pub mod block_features;
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
#[cfg(feature = "complete")]
pub mod feature_extractor;
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
pub mod model_card;
pub mod onnx;
pub mod preprocess;
#[cfg(feature = "complete")]
pub mod project;
pub mod ranking;
#[cfg(feature = "complete")]
pub mod report;
pub mod rule;
#[cfg(feature = "complete")]
pub mod rule_evaluator;
pub mod sanitize;
#[cfg(feature = "complete")]
pub mod split;
#[cfg(feature = "complete")]
pub mod tfjs;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use error::{Error, ErrorKind, Result};
pub use polyhead_kernels as kernels;

/// The README's Rust compiles.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
