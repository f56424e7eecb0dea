//! An error with the form field that corrects it.

use crate::error::{Error, ErrorKind, Setting};
use serde::Serialize;

/// An error prepared for display.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase")]
pub struct Told {
    pub code: &'static str,
    pub message: String,
    /// The form field that corrects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<&'static str>,
    /// The name of the model it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl Told {
    pub fn new(error: &Error) -> Told {
        let (field, model) = about(error.kind());
        Told { code: error.code(), message: error.to_string(), field, model: model.map(str::to_string) }
    }

    pub(super) fn none() -> Told {
        Told { code: "read", message: String::new(), field: None, model: None }
    }
}

/// The form field that corrects an error, and its model.
fn about(kind: &ErrorKind) -> (Option<&'static str>, Option<&str>) {
    use ErrorKind::*;
    match kind {
        Labels { model, .. } | Settled { model, setting: Setting::Labels, .. } => (Some("labels"), Some(model)),
        RepeatedLabel { head, .. } => (Some("labels"), Some(head)),
        Sidecar { file, .. } if file.contains("preprocess") => (Some("preprocessing"), None),
        Sidecar { .. } => (Some("labels"), None),
        DuplicateHead { head } => (Some("name"), Some(head)),
        DuplicateLabel { .. } | JoinedSigmoid { .. } => (Some("duplicateLabels"), None),
        Preprocessing { .. } => (Some("preprocessing"), None),
        DifferentPreprocessing { model, .. } | DifferentInputMaps { model, .. } => (Some("preprocessing"), Some(model)),
        DifferentInputs { model, .. } => (Some("size"), Some(model)),
        TooLittleShared { model, halves: true, .. } => (Some("tolerance"), Some(model)),
        TooLittleShared { model, .. } => (Some("minShared"), Some(model)),
        NearlyShared { .. } | OtherFeatures { .. } => (Some("backbones"), None),
        Proof { head, .. } => (Some("tolerance"), Some(head)),
        MixedHeads { sigmoid, .. } => (Some("models"), Some(sigmoid)),
        SameModel { second, .. } => (Some("models"), Some(second)),
        NoSources => (Some("models"), None),
        NotOnnx { model, .. }
        | ExternalData { model, .. }
        | Malformed { model, .. }
        | Unsupported { model, .. }
        | Engine { model, .. }
        | Metadata { model, .. }
        | NotFinite { model, .. } => (Some("models"), Some(model)),
        SeveralModels { export, .. } => (Some("models"), Some(export)),
        Archive { archive, .. } => (Some("models"), Some(archive)),
        UnknownLabel { setting: Setting::Drop, .. } | AmbiguousLabel { setting: Setting::Drop, .. } => {
            (Some("drop"), None)
        }
        UnknownLabel { .. } | AmbiguousLabel { setting: Setting::Rename, .. } => (Some("rename"), None),
        EmptyHead { .. } => (Some("drop"), None),
        LabelOrder { .. } => (Some("order"), None),
        NoSuchLabel { .. } | AmbiguousLabel { .. } | NoImages { .. } => (Some("images"), None),
        NotImage { .. } | BrokenImage { .. } | Source { .. } => (Some("images"), None),
        OtherModel { .. } | DifferentEvidence { .. } | MalformedEvidence { .. } => (Some("evidence"), None),
        NoEvidence { .. } | SigmoidRule { .. } | NotFitted => (Some("rule"), None),
        Option { option, .. } => (Some(option), None),
        _ => (None, None),
    }
}
