//! Polyhead joins image classifiers that were trained separately on one backbone into a single model.
//!
//! The way the data goes, one module a step; nothing goes back up:
//!
//! - a model's bytes: [`onnx`] or [`tfjs`] → [`source`] (labels, preprocessing) → [`canonical`] (one form) → [`backbone`]
//!   (what is shared, the cut) → [`head`] × N → [`rule`] → [`merge`] → one ONNX file with its [`metadata`]; [`split`] goes
//!   back to one head, [`embed`] puts a file into a wasm module;
//! - a picture's bytes: [`picture`] → [`preprocess`] → [`classifier`] → [`ranking`], or [`activation_map`]: why a label;
//!   [`observer`] stops before the rule, and [`combiner`] goes on from there under any rule;
//! - labelled pictures: [`observer`] (features from [`taps`], logits) → [`evidence`] (sums) → [`fit`] (parameters of a
//!   [`rule`]);
//! - the same observations: [`combiner`] → [`check`] (can the heads be compared?) → [`report`].
//!
//! [`workshop`] is all of it over files in memory, step by step. [`card`] is what a file says of itself for people. [`engine`] alone knows what runs a graph. [`label`] and [`error`] are what all others speak in, [`limits`] what they accept,
//! [`text`] how they show what came from outside.

pub mod activation_map;
pub mod backbone;
pub mod canonical;
pub mod card;
pub mod check;
pub mod classifier;
#[cfg(feature = "cli")]
pub mod cli;
pub mod combiner;
pub mod embed;
pub mod engine;
pub mod error;
pub mod evidence;
pub mod fit;
pub mod head;
pub mod kernels;
pub mod label;
pub mod limits;
pub mod merge;
pub mod metadata;
pub mod observer;
pub mod onnx;
pub mod picture;
pub mod preprocess;
pub mod ranking;
pub mod report;
pub mod rule;
pub mod source;
pub mod split;
pub mod taps;
pub mod text;
pub mod tfjs;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
pub mod workshop;

pub use error::{Error, ErrorKind, Result};

/// The README's Rust compiles.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
