//! Remedies of errors, in words without flags and form fields; an interface with such names words them itself.

use super::ErrorKind;
use std::borrow::Cow;
use std::fmt;

/// A setting that a caller can state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    Drop,
    Head,
    Images,
    Labels,
    Name,
    Preprocessing,
    Rename,
    Replace,
    Size,
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Setting::Drop => "drop",
            Setting::Head => "head",
            Setting::Images => "images",
            Setting::Labels => "labels",
            Setting::Name => "name",
            Setting::Preprocessing => "preprocessing",
            Setting::Rename => "rename",
            Setting::Replace => "replace",
            Setting::Size => "size",
        })
    }
}

/// The remedy of an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remedy<'a> {
    /// A text that is the same in every interface.
    Do(Cow<'a, str>),
    /// Replace the existing file.
    Overwrite,
    /// State the model's labels.
    StateLabels,
    /// Give each model a name.
    NameModels,
    /// Name the head of a label, as in this example.
    NameHead { setting: Setting, head: &'a str, label: &'a str },
    /// Keep a label of two models separate, or merge it.
    ChooseDuplicates,
    /// Keep a label of two models separate.
    KeepDuplicates,
    /// Omit a model whose labels are all dropped, or use its other heads.
    TakeOtherHeads,
    /// Split one head off a merged model.
    TakeOneHead,
    /// Omit a setting that a merged model contains itself.
    LeaveOut(Setting),
    /// State one preprocessing for all models.
    OnePreprocessing,
    /// State the preprocessing of each model.
    EachPreprocessing,
    /// Allow weights to differ by the rounding of half floats.
    TolerateHalves,
    /// Lower the required share, or merge other models.
    ShareLess,
    /// Merge with separate or with one shared backbone; train the next head in another way.
    NearlyShared { drifted: bool },
    /// Keep the models' own backbones.
    SeparateBackbones,
    /// Lower the tolerance.
    LowerTolerance,
    /// Use fewer threads.
    FewerThreads,
    /// Merge the sources again.
    MergeAgain,
    /// Make the evidence again.
    MakeEvidenceAgain,
    /// Make the file of features again.
    MakeFeaturesAgain,
    /// Make all evidence with the same features.
    SameFeatures,
    /// Give evidence or images of the labels.
    GiveEvidence,
    /// Correct a label, or skip its images.
    SkipUnknown,
}

/// The cure for the next training of a head.
pub fn next_training(drifted: bool) -> &'static str {
    match drifted {
        true => {
            "for the next training, keep batch normalisation in evaluation mode (PyTorch: eval() on it after train(); Keras: \
             training=False; fastai: train_bn=False)"
        }
        false => "for the next training, freeze the backbone",
    }
}

impl fmt::Display for Remedy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Remedy::Do(text) => text,
            Remedy::Overwrite => "allow it to be replaced, or choose another",
            Remedy::StateLabels => "state one label for each output",
            Remedy::NameModels => "give each model a name of its own",
            Remedy::NameHead { head, label, .. } => return write!(f, "name its head too, as in {head}/{label}"),
            Remedy::ChooseDuplicates => "keep both, or make them one label",
            Remedy::KeepDuplicates => "keep both",
            Remedy::TakeOtherHeads => "leave the model out",
            Remedy::TakeOneHead => "take one of them out first",
            Remedy::LeaveOut(setting) => {
                return write!(f, "state no {setting} for it, or merge the sources again with them");
            }
            Remedy::OnePreprocessing => "choose one preprocessing for all",
            Remedy::EachPreprocessing => "state for each model what it was trained with",
            Remedy::TolerateHalves => "weights this close were stored in 16 bits: set the tolerance to 0.001",
            Remedy::ShareLess => "merge models retrained from one base, or lower the least share",
            Remedy::NearlyShared { drifted } => {
                return write!(
                    f,
                    "merge with separate backbones (exact, the work of each) or with a shared one (the work of one, other \
                     answers, which a fit repairs); {}",
                    next_training(*drifted)
                );
            }
            Remedy::SeparateBackbones => "merge with separate backbones, or merge models of one base",
            Remedy::LowerTolerance => "lower the tolerance or report the pair",
            Remedy::FewerThreads => "use fewer threads",
            Remedy::MergeAgain => "merge the sources again",
            Remedy::MakeEvidenceAgain | Remedy::MakeFeaturesAgain => "make it again of the images",
            Remedy::SameFeatures => "add up evidence that one merged model made of the same features",
            Remedy::GiveEvidence => "give evidence or images with them, or take another rule",
            Remedy::SkipUnknown => "rename it, or leave these images out",
        })
    }
}

impl ErrorKind {
    pub(super) fn remedy(&self) -> Option<Remedy<'_>> {
        use ErrorKind::*;
        let text = match self {
            Limit { remedy, .. } | NotImage { remedy, .. } | NotWasm { remedy, .. } => remedy,
            NotOnnx { remedy, .. } | Unsupported { remedy, .. } => return Some(Remedy::Do(remedy.into())),
            OnlyHead { model, .. } => return Some(Remedy::Do(format!("merge without '{model}'").into())),
            UnknownLabel { .. } | UnknownHead { .. } | LabelOrder { .. } => return None,
            Exists { .. } => return Some(Remedy::Overwrite),
            Labels { .. } => return Some(Remedy::StateLabels),
            DuplicateHead { .. } => return Some(Remedy::NameModels),
            AmbiguousLabel { setting, example: (head, label), .. } => {
                return Some(Remedy::NameHead { setting: *setting, head, label });
            }
            DuplicateLabel { .. } => return Some(Remedy::ChooseDuplicates),
            JoinedSigmoid { .. } => return Some(Remedy::KeepDuplicates),
            EmptyHead { .. } => return Some(Remedy::TakeOtherHeads),
            SeveralHeads { .. } => return Some(Remedy::TakeOneHead),
            Settled { setting, .. } => return Some(Remedy::LeaveOut(*setting)),
            DifferentPreprocessing { .. } => return Some(Remedy::OnePreprocessing),
            DifferentInputMaps { .. } => return Some(Remedy::EachPreprocessing),
            TooLittleShared { halves: true, .. } => return Some(Remedy::TolerateHalves),
            TooLittleShared { .. } => return Some(Remedy::ShareLess),
            NearlyShared { drifted, .. } => return Some(Remedy::NearlyShared { drifted: *drifted }),
            OtherFeatures { .. } => return Some(Remedy::SeparateBackbones),
            Proof { .. } => return Some(Remedy::LowerTolerance),
            Threads { .. } => return Some(Remedy::FewerThreads),
            Metadata { .. } | Output { .. } => return Some(Remedy::MergeAgain),
            MalformedEvidence { .. } => return Some(Remedy::MakeEvidenceAgain),
            MalformedFeatures { .. } => return Some(Remedy::MakeFeaturesAgain),
            DifferentEvidence { .. } => return Some(Remedy::SameFeatures),
            NoEvidence { .. } => return Some(Remedy::GiveEvidence),
            NoSuchLabel { .. } => return Some(Remedy::SkipUnknown),
            Read { .. } => "check the path and its permissions",
            Write { .. } => "check the folder and the free space",
            NoFile { .. } => "give another path",
            SeveralModels { .. } => "give one of them",
            Archive { .. } => "pack the export again",
            ExternalData { .. } => "save the model with its weights in one file",
            Link { .. } => "copy the file there",
            Malformed { .. } => "export the model again",
            Engine { .. } => "check it with another ONNX runtime",
            Sidecar { .. } => "correct the file or remove it",
            Count { .. } => "give it for every model, in order",
            NoSources => "give the models to merge",
            RepeatedLabel { .. } => "rename to another text",
            MixedHeads { .. } => "merge heads of one kind",
            DifferentInputs { .. } => "export both for one size and layout",
            NotFinite { .. } => "check the model's weights, or export it again",
            SameModel { .. } => "merge two different models",
            MalformedWasm { .. } => "build or copy it again",
            PortTaken { .. } => "give --port N with another number, or 0 for any",
            Serve { .. } => "give --port 0 for any free port",
            BrokenImage { .. } => "save the image again",
            Pixels { .. } => "check the width and the height",
            Preprocessing { .. } => "correct the field",
            Resize { .. } => "decode the image again",
            Score { .. } => "check the model and the image",
            Option { .. } => "correct the option",
            NoModel { .. } => "add one with polyhead embed",
            Source { .. } => "pass one of these",
            OtherModel { .. } => "make it again with this merged file",
            MissingFeatures { .. } => "make it again with all of these",
            DifferentObservation { .. } => "observe the image with the model that the evidence is of",
            NoImages { .. } => "give some of each label",
            SigmoidRule { .. } => "combine sigmoid heads by the rule concat, without a score for none of these",
            RuleParameters { .. } => "fit the rule to this model",
            NotLinear { .. } => "merge models whose heads are one linear layer",
            NotMerged => "merge them first",
            NotFitted => "fit first",
            NoSuchItem { .. } => "ask for the project's state again",
            NotProject { .. } => "give the file that was saved there",
            ProjectVersion { .. } => "open it with the Polyhead that saved it",
            MalformedProject { .. } => "save the project again",
            SiteFile { .. } => "give all files that the build lists in site.json",
        };
        Some(Remedy::Do(text.into()))
    }
}
