//! Polyhead joins image classifiers that were trained separately on one backbone into a single model.
//!
//! The way the data goes, one module a step; nothing goes back up:
//!
//! - a model's bytes: [`onnx`] or [`tfjs`] → [`source`] (labels, preprocessing) → [`canonical`] (one form) → [`backbone`]
//!   (what is shared, the cut) → [`head`] × N → [`rule`] → [`merge`] → one ONNX file with its [`metadata`]; [`split`] goes
//!   back to one head, [`embed`] puts a file into a wasm module;
//! - an image's bytes: [`image`] → [`preprocess`] → [`classifier`] → [`ranking`], or [`activation_map`]: why a label;
//!   [`observer`] stops before the rule, and [`combiner`] goes on from there under any rule;
//! - labelled images: [`observer`] (features from [`taps`], logits) → [`evidence`] (sums) → [`fit`] (parameters of a
//!   [`rule`]);
//! - the same observations: [`combiner`] → [`check`] (can the heads be compared?) → [`report`].
//!
//! [`workshop`] is all of it over files in memory, step by step. [`card`] is what a file says of itself for people. [`engine`] alone knows what runs a graph,
//! and [`kernels`] compute what takes the time. [`label`] and [`error`] are what all others speak in, [`limits`] what they accept,
//! [`text`] how they show what came from outside.

// Parts of what classifies are called only where models are made.
#![cfg_attr(not(feature = "complete"), allow(dead_code, unused_imports))]

pub mod activation_map;
#[cfg(feature = "complete")]
pub mod backbone;
#[cfg(feature = "complete")]
pub mod canonical;
pub mod card;
#[cfg(feature = "complete")]
pub mod check;
pub mod classifier;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "complete")]
pub mod combiner;
#[cfg(feature = "complete")]
pub mod embed;
pub mod engine;
pub mod error;
#[cfg(feature = "complete")]
pub mod evidence;
#[cfg(feature = "complete")]
pub mod fit;
pub mod head;
pub mod image;
pub mod label;
pub mod limits;
#[cfg(feature = "complete")]
pub mod merge;
pub mod metadata;
#[cfg(feature = "complete")]
pub mod observer;
pub mod onnx;
pub mod preprocess;
pub mod ranking;
#[cfg(feature = "complete")]
pub mod report;
pub mod rule;
#[cfg(feature = "complete")]
pub mod source;
#[cfg(feature = "complete")]
pub mod split;
pub mod taps;
pub mod text;
#[cfg(feature = "complete")]
pub mod tfjs;
#[cfg(target_arch = "wasm32")]
pub mod wasm;
#[cfg(feature = "complete")]
pub mod workshop;

pub use error::{Error, ErrorKind, Result};
pub use polyhead_kernels as kernels;

/// The README's Rust compiles.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../README.md")]
struct Readme;
