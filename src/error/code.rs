//! The stable name of each kind of error, and whether it is a refusal.

use super::ErrorKind;

impl ErrorKind {
    /// Makes an [`Option`](ErrorKind::Option).
    pub(crate) fn option(option: &'static str, expected: impl Into<String>, found: impl ToString) -> ErrorKind {
        ErrorKind::Option { option, expected: expected.into(), found: found.to_string() }
    }

    pub(super) fn code(&self) -> &'static str {
        use ErrorKind::*;
        match self {
            Read { .. } => "read",
            Write { .. } => "write",
            Exists { .. } => "exists",
            NoFile { .. } => "no-file",
            Limit { .. } => "limit",
            NotOnnx { .. } => "not-onnx",
            SeveralModels { .. } => "several-models",
            Archive { .. } => "archive",
            ExternalData { .. } => "external-data",
            Link { .. } => "link",
            Malformed { .. } => "malformed-model",
            Unsupported { .. } => "unsupported-model",
            Engine { .. } => "engine",
            Metadata { .. } => "metadata",
            Output { .. } => "output",
            Count { .. } => "count",
            NoSources => "no-sources",
            DuplicateHead { .. } => "duplicate-head",
            DuplicateLabel { .. } => "duplicate-label",
            RepeatedLabel { .. } => "repeated-label",
            UnknownLabel { .. } => "unknown-label",
            AmbiguousLabel { .. } => "ambiguous-label",
            LabelOrder { .. } => "label-order",
            UnknownHead { .. } => "unknown-head",
            EmptyHead { .. } => "empty-head",
            OnlyHead { .. } => "only-head",
            MixedHeads { .. } => "mixed-heads",
            JoinedSigmoid { .. } => "joined-sigmoid",
            DifferentInputs { .. } => "different-inputs",
            DifferentPreprocessing { .. } => "different-preprocessing",
            NotFinite { .. } => "not-finite",
            SeveralHeads { .. } => "several-heads",
            Settled { .. } => "settled",
            DifferentInputMaps { .. } => "different-input-maps",
            TooLittleShared { .. } => "too-little-shared",
            NearlyShared { drifted: true, .. } => "drifted-backbone",
            NearlyShared { .. } => "fine-tuned-backbone",
            OtherFeatures { .. } => "other-features",
            SameModel { .. } => "same-model",
            Proof { .. } => "proof",
            Sidecar { .. } => "sidecar",
            Labels { .. } => "labels",
            NotWasm { .. } => "not-wasm",
            MalformedWasm { .. } => "malformed-wasm",
            PortTaken { .. } => "port-taken",
            Serve { .. } => "serve",
            Threads { .. } => "threads",
            NotImage { .. } => "not-an-image",
            BrokenImage { .. } => "broken-image",
            Pixels { .. } => "pixels",
            Preprocessing { .. } => "preprocessing",
            Resize { .. } => "resize",
            Score { .. } => "score",
            Option { .. } => "option",
            NoModel { .. } => "no-model",
            Source { .. } => "source",
            NoSuchLabel { .. } => "no-such-label",
            MalformedEvidence { .. } => "malformed-evidence",
            DifferentEvidence { .. } => "different-evidence",
            OtherModel { .. } => "other-model",
            MalformedFeatures { .. } => "malformed-features",
            MissingFeatures { .. } => "missing-features",
            NoEvidence { .. } => "no-evidence",
            DifferentObservation { .. } => "different-observation",
            NoImages { .. } => "no-images",
            SigmoidRule { .. } => "sigmoid-rule",
            RuleParameters { .. } => "rule-parameters",
            NotLinear { .. } => "not-linear",
            NotMerged => "not-merged",
            NotFitted => "not-fitted",
            NoSuchItem { .. } => "no-such-item",
            NotProject { .. } => "not-a-project",
            ProjectVersion { .. } => "project-version",
            MalformedProject { .. } => "malformed-project",
            SiteFile { .. } => "site-file",
        }
    }

    pub(super) fn is_refusal(&self) -> bool {
        use ErrorKind::*;
        matches!(
            self,
            DuplicateLabel { .. }
                | EmptyHead { .. }
                | MixedHeads { .. }
                | JoinedSigmoid { .. }
                | DifferentInputs { .. }
                | DifferentPreprocessing { .. }
                | DifferentInputMaps { .. }
                | TooLittleShared { .. }
                | NearlyShared { .. }
                | OtherFeatures { .. }
                | SameModel { .. }
                | Proof { .. }
                | Unsupported { .. }
                | DifferentEvidence { .. }
                | OtherModel { .. }
                | MissingFeatures { .. }
                | NoEvidence { .. }
                | SigmoidRule { .. }
        )
    }
}
