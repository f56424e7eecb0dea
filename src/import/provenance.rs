//! The provenance of labels and preprocessing: stated, metadata, sidecar file, guess.

use serde::{Serialize, Serializer};
use std::fmt;

/// A tool whose exports tell their labels or their preprocessing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    HuggingFace,
    Liner,
    Lobe,
    Polyhead,
    TeachableMachine,
    Timm,
    Ultralytics,
}

impl Tool {
    /// The name that its maker gives it.
    pub fn name(self) -> &'static str {
        match self {
            Tool::HuggingFace => "Hugging Face",
            Tool::Liner => "liner.ai",
            Tool::Lobe => "Lobe",
            Tool::Polyhead => "Polyhead",
            Tool::TeachableMachine => "Teachable Machine",
            Tool::Timm => "timm",
            Tool::Ultralytics => "Ultralytics",
        }
    }
}

/// Where a value was found. The most trusted come first.
#[derive(Clone, Debug, PartialEq)]
pub enum Provenance {
    /// By the caller, in the words of the caller: a flag with its file, a field of a form.
    Stated(String),
    /// In the model's metadata, under a key; as a whole where a merge wrote it.
    Metadata { key: Option<&'static str>, tool: Option<Tool> },
    /// In a file beside the model.
    Sidecar { file: String, tool: Option<Tool> },
    /// Nowhere: concluded from the graph or from the form of another file.
    Guess { reason: String, tool: Option<Tool> },
    /// Part by part, each with the fields taken from it; of a guess, the fields that nobody states.
    Parts(Vec<(Provenance, Vec<&'static str>)>),
    /// Nowhere.
    Missing,
}

impl Provenance {
    /// In the model's metadata.
    pub fn metadata(key: &'static str) -> Provenance {
        Provenance::Metadata { key: Some(key), tool: None }
    }

    /// In a file that no tool in particular writes.
    pub fn sidecar(file: impl Into<String>) -> Provenance {
        Provenance::Sidecar { file: file.into(), tool: None }
    }

    /// Concluded from the graph.
    pub fn guess(reason: impl Into<String>) -> Provenance {
        Provenance::Guess { reason: reason.into(), tool: None }
    }

    /// Whether nothing of it is stated anywhere.
    pub fn is_guess(&self) -> bool {
        matches!(self, Provenance::Guess { .. })
    }

    /// What of it is a guess, and why.
    pub fn guessed(&self) -> Option<String> {
        match self {
            Provenance::Guess { reason, .. } => Some(reason.clone()),
            Provenance::Parts(parts) => {
                parts.iter().find_map(|(from, fields)| Some(unstated(fields, &from.guessed()?)))
            }
            _ => None,
        }
    }

    /// The tool that it tells of.
    pub fn tool(&self) -> Option<Tool> {
        match self {
            Provenance::Metadata { tool, .. } | Provenance::Sidecar { tool, .. } | Provenance::Guess { tool, .. } => {
                *tool
            }
            Provenance::Parts(parts) => parts.iter().find_map(|(from, _)| from.tool()),
            Provenance::Stated(_) | Provenance::Missing => None,
        }
    }

    /// Its name for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Provenance::Stated(_) => "stated",
            Provenance::Metadata { .. } => "metadata",
            Provenance::Sidecar { .. } => "sidecar",
            Provenance::Guess { .. } => "guess",
            Provenance::Parts(_) => "parts",
            Provenance::Missing => "missing",
        }
    }
}

fn unstated(fields: &[&str], reason: &str) -> String {
    format!("{} not stated; {reason}", fields.join(" and "))
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Provenance::Stated(words) => f.write_str(words),
            Provenance::Metadata { key: None, .. } => f.write_str("metadata"),
            Provenance::Metadata { key: Some(key), tool: None } => write!(f, "metadata '{key}'"),
            Provenance::Metadata { key: Some(key), tool: Some(tool) } => {
                write!(f, "metadata '{key}' ({})", tool.name())
            }
            Provenance::Sidecar { file, .. } => f.write_str(file),
            Provenance::Guess { reason, .. } => write!(f, "guess: {reason}"),
            Provenance::Parts(parts) => {
                for (at, (from, fields)) in parts.iter().enumerate() {
                    f.write_str(if at > 0 { "; " } else { "" })?;
                    match from {
                        Provenance::Guess { reason, .. } => write!(f, "guess: {}", unstated(fields, reason))?,
                        from => write!(f, "{from} ({})", fields.join(", "))?,
                    }
                }
                Ok(())
            }
            Provenance::Missing => f.write_str("nowhere"),
        }
    }
}

/// What is told of it: the kind for programs, the text for people.
#[derive(Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename = "Provenance")]
struct Told {
    kind: &'static str,
    text: String,
}

impl Serialize for Provenance {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Told { kind: self.kind(), text: self.to_string() }.serialize(serializer)
    }
}

/// A value and where it was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub struct WithProvenance<T> {
    pub value: T,
    pub from: Provenance,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_what_nobody_states() {
        let file = Provenance::Sidecar { file: "metadata.json".into(), tool: Some(Tool::TeachableMachine) };
        let parts =
            Provenance::Parts(vec![(file, vec!["size", "range"]), (Provenance::guess("NCHW"), vec!["fit", "filter"])]);
        assert_eq!(parts.to_string(), "metadata.json (size, range); guess: fit and filter not stated; NCHW");
        assert_eq!(parts.guessed().as_deref(), Some("fit and filter not stated; NCHW"));
        assert_eq!(parts.tool(), Some(Tool::TeachableMachine));
        assert!(!parts.is_guess(), "what is stated is no guess");
        let text = serde_json::to_string(&Provenance::guess("NCHW")).unwrap();
        assert_eq!(text, r#"{"kind":"guess","text":"guess: NCHW"}"#);
    }
}
