//! The provenance of labels and preprocessing: stated, metadata, sidecar file, guess.

use super::GuessReason;
use serde::Serialize;
use std::fmt;

/// A tool whose exports identify their labels or preprocessing; in JSON by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
pub enum Tool {
    #[serde(rename = "Hugging Face")]
    HuggingFace,
    #[serde(rename = "liner.ai")]
    Liner,
    Lobe,
    Polyhead,
    #[serde(rename = "Teachable Machine")]
    TeachableMachine,
    #[serde(rename = "timm")]
    Timm,
    Ultralytics,
}

impl Tool {
    /// The tool's product name.
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

/// The source of a value, the most trusted first.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(tag = "kind", content = "of", rename_all = "kebab-case")]
pub enum Provenance {
    /// Stated by the caller, in the caller's words: a flag with its file, a form field.
    Stated(String),
    /// In the model's metadata, under a key; without a key if a merge wrote all of it.
    Metadata { key: Option<&'static str>, tool: Option<Tool> },
    /// In a file in the model's folder.
    Sidecar { file: String, tool: Option<Tool> },
    /// Not stated: inferred from the graph or from the form of another file.
    Guess { reason: GuessReason, tool: Option<Tool> },
    /// Combined from several sources, each with the fields taken from it; for a guess, the fields that no source has.
    Parts(Vec<(Provenance, Vec<&'static str>)>),
    /// Not found.
    Missing,
}

impl Provenance {
    /// In the model's metadata.
    pub fn metadata(key: &'static str) -> Provenance {
        Provenance::Metadata { key: Some(key), tool: None }
    }

    /// In a file that belongs to no particular tool.
    pub fn sidecar(file: impl Into<String>) -> Provenance {
        Provenance::Sidecar { file: file.into(), tool: None }
    }

    /// Inferred from the graph.
    pub fn guess(reason: GuessReason) -> Provenance {
        Provenance::Guess { reason, tool: None }
    }

    /// Whether no source states any of it.
    pub fn is_guess(&self) -> bool {
        matches!(self, Provenance::Guess { .. })
    }

    /// The guessed fields, none if nothing is stated, and the reason.
    pub fn guessed(&self) -> Option<(Vec<&'static str>, &GuessReason)> {
        match self {
            Provenance::Guess { reason, .. } => Some((Vec::new(), reason)),
            Provenance::Parts(parts) => parts.iter().find_map(|(from, fields)| match from {
                Provenance::Guess { reason, .. } => Some((fields.clone(), reason)),
                _ => None,
            }),
            _ => None,
        }
    }

    /// The tool that the source identifies.
    pub fn tool(&self) -> Option<Tool> {
        match self {
            Provenance::Metadata { tool, .. } | Provenance::Sidecar { tool, .. } | Provenance::Guess { tool, .. } => {
                *tool
            }
            Provenance::Parts(parts) => parts.iter().find_map(|(from, _)| from.tool()),
            Provenance::Stated(_) | Provenance::Missing => None,
        }
    }
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
                        Provenance::Guess { reason, .. } => {
                            write!(f, "guess: {} not stated; {reason}", fields.join(" and "))?
                        }
                        from => write!(f, "{from} ({})", fields.join(", "))?,
                    }
                }
                Ok(())
            }
            Provenance::Missing => f.write_str("nowhere"),
        }
    }
}

/// A value and its provenance.
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
        let parts = Provenance::Parts(vec![
            (file, vec!["size", "range"]),
            (Provenance::guess(GuessReason::Nchw), vec!["fit", "filter"]),
        ]);
        let guess =
            "guess: fit and filter not stated; NCHW without normalisation inside, as torchvision's ImageNet models \
                     take it";
        assert_eq!(parts.to_string(), format!("metadata.json (size, range); {guess}"));
        assert_eq!(parts.guessed(), Some((vec!["fit", "filter"], &GuessReason::Nchw)));
        assert_eq!(parts.tool(), Some(Tool::TeachableMachine));
        assert!(!parts.is_guess(), "what is stated is no guess");
        let text = serde_json::to_string(&Provenance::guess(GuessReason::Nchw)).unwrap();
        assert_eq!(text, r#"{"kind":"guess","of":{"reason":{"kind":"nchw"},"tool":null}}"#);
    }
}
