//! Errors as facts, with separate remedies that each interface words in its own terms.

mod code;
mod kind;
mod remedy;

pub use kind::ErrorKind;
pub use remedy::{next_training, Remedy, Setting};

use crate::sanitize::plain;
use std::fmt;

/// The result type of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error: the facts of a failure.
///
/// Its text is one line of [plain] characters, whatever the names in it contain.
#[derive(Debug)]
pub struct Error(Box<ErrorKind>);

impl Error {
    /// The facts.
    pub fn kind(&self) -> &ErrorKind {
        &self.0
    }

    /// The facts, owned.
    pub fn into_kind(self) -> ErrorKind {
        *self.0
    }

    /// A stable kebab-case name of the kind, for programs.
    pub fn code(&self) -> &'static str {
        self.0.code()
    }

    /// The remedy; `None` if the facts already list the alternatives.
    pub fn remedy(&self) -> Option<Remedy<'_>> {
        self.0.remedy()
    }

    /// The facts and the remedy, worded by one interface, as one line of plain characters.
    pub fn worded(&self, words: impl Fn(&Remedy) -> String) -> String {
        let facts = &self.0;
        let text = match self.remedy() {
            Some(remedy) => format!("{facts}; {}", words(&remedy)),
            None => facts.to_string(),
        };
        plain(&text)
    }

    /// Whether the request was valid and the answer is no, as opposed to an invalid request.
    pub fn is_refusal(&self) -> bool {
        self.0.is_refusal()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.worded(|remedy| remedy.to_string()))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        std::error::Error::source(&*self.0)
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}

/// The error of another crate, kept as the cause.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;
