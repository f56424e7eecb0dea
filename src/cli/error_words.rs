//! Words errors for the command line: remedies name flags and commands.

use crate::error::{next_training, Error, ErrorKind, Remedy, Setting};

/// The text of an error: the facts and the remedy.
pub(super) fn error_text(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Option { option, expected, found } => {
            format!("--{}: expected {expected}, found {found}; correct the option", flag(option))
        }
        _ => error.worded(remedy),
    }
}

/// The code and the text of an error as JSON.
pub(super) fn error_json(error: &Error) -> serde_json::Value {
    serde_json::json!({ "code": error.code(), "message": error_text(error) })
}

/// Converts `rejectRate` to `reject-rate`.
fn flag(option: &str) -> String {
    let mut flag = String::new();
    for c in option.chars() {
        flag.extend(c.is_uppercase().then_some('-'));
        flag.extend(c.to_lowercase());
    }
    flag
}

fn remedy(remedy: &Remedy) -> String {
    let text = match remedy {
        Remedy::Overwrite => "give --force to replace it",
        Remedy::StateLabels => "give a file with one label per line by --labels",
        Remedy::NameModels => "give each model a name by --name",
        Remedy::NameHead { setting: Setting::Images, head, .. } => {
            return format!("name its head too, as in --images {head}=DIR");
        }
        Remedy::ChooseDuplicates => "keep both or merge them by --duplicate-labels keep|merge",
        Remedy::KeepDuplicates => "keep both by --duplicate-labels keep",
        Remedy::TakeOtherHeads => "leave the model out, or take the other heads by polyhead split",
        Remedy::TakeOneHead => "take one out with polyhead split",
        Remedy::LeaveOut(setting) => return format!("leave --{setting} out, or merge the sources again with it"),
        Remedy::OnePreprocessing => "choose one preprocessing for all by --preprocessing",
        Remedy::EachPreprocessing => "state what each model was trained with by --preprocessing, once a model",
        Remedy::TolerateHalves => "weights this close were stored in 16 bits: give --tolerance 1e-3",
        Remedy::ShareLess => "merge models retrained from one base, or lower --min-shared",
        Remedy::NearlyShared { drifted } => {
            return format!(
                "merge with --backbones separate (exact, the work of each) or --backbones shared (the work of one, other answers, \
                 which polyhead fit repairs); {}",
                next_training(*drifted)
            );
        }
        Remedy::SeparateBackbones => "merge with --backbones separate, or merge models of one base",
        Remedy::LowerTolerance => "lower --tolerance or report the pair",
        Remedy::FewerThreads => "give --threads with a smaller number",
        Remedy::MergeAgain => "merge the sources again with polyhead merge",
        Remedy::MakeEvidenceAgain => "make it again with polyhead evidence",
        Remedy::MakeFeaturesAgain => "make it again with polyhead features",
        Remedy::SameFeatures => "add up evidence that one merged model made with the same --features",
        Remedy::GiveEvidence => "give --evidence or --images with them, or take another rule",
        Remedy::SkipUnknown => "rename it, or skip it by --ignore-unknown",
        Remedy::Do(_) | Remedy::NameHead { .. } => return remedy.to_string(),
    };
    text.to_string()
}
