//! Declares the TypeScript types that the project's own types lack.

use serde::{Deserialize, Serialize};
use tsify::Tsify;
use wasm_bindgen::prelude::*;

use crate::check::Report;
use crate::merge::Weights;

#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct CheckOptions {
    pub seed: Option<u64>,
}

#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct DownloadOptions {
    pub weight_format: Weights,
}

#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct SiteOptions {
    pub title: Option<String>,
}

#[derive(Default, Deserialize, Tsify)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct TextOptions {
    pub file: Option<String>,
}

/// The label of the model that a folder's name refers to.
#[derive(Serialize, Tsify)]
pub struct LabelMeant {
    pub label: String,
    /// The head, if the name includes one.
    pub head: Option<String>,
}

/// A check, and the names of the images that need a thumbnail.
#[derive(Serialize, Tsify)]
pub struct Checked<'a> {
    pub report: &'a Report,
    pub wanted: Vec<&'a str>,
}

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** A file, with "/" between the folders of its path. */
export interface WorkshopFile {
    path: string;
    content: Blob;
}

/** Values to set; null resets one. */
export type Change<T> = { [K in keyof T]?: T[K] | null };

/** With every value that has a default. */
export type CompletePreprocessing = Preprocessing & Required<Omit<Preprocessing, "resize-to">>;

export type FitReport = FitSummary & { best: RuleKind };
"#;
