//! What can go wrong, as facts: every kind carries what was expected and what was found.

use std::io;

/// The result of everything in this crate that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Something that could not be done, and why.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
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

    /// Whether the request was sound and the answer is no, as opposed to a request that could not be understood.
    pub fn is_refusal(&self) -> bool {
        self.0.is_refusal()
    }
}

impl From<ErrorKind> for Error {
    fn from(kind: ErrorKind) -> Self {
        Error(Box::new(kind))
    }
}

/// A foreign error kept as the cause of ours.
pub type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Every way in which a call can fail.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A file could not be read.
    #[error("{path}: expected a readable file, found: {source}; check the path and its permissions")]
    Read { path: String, source: io::Error },
    /// A file could not be written.
    #[error("{path}: expected to write the file, found: {source}; check the folder and the free space")]
    Write { path: String, source: io::Error },
    /// The output file is there already.
    #[error("{path}: expected no file there, found one; give --force to replace it")]
    Exists { path: String },
    /// Something from outside is larger than this crate accepts.
    #[error("{subject}: expected at most {limit} {unit}, found {found}; {remedy}")]
    Limit { subject: String, unit: &'static str, limit: u64, found: u64, remedy: &'static str },

    /// The bytes are not an ONNX model.
    #[error("model '{model}': expected an ONNX file, found {found}; {remedy}")]
    NotOnnx { model: String, found: String, remedy: String },
    /// The model file contradicts itself or the ONNX standard.
    #[error("model '{model}', {place}: expected {expected}, found {found}; export the model again")]
    Malformed { model: String, place: String, expected: String, found: String },
    /// The file is a sound model that this crate cannot join or run.
    #[error("model '{model}', {place}: expected {expected}, found {found}; {remedy}")]
    Unsupported { model: String, place: String, expected: String, found: String, remedy: String },
    /// The inference engine cannot prepare or run the model.
    #[error("model '{model}', {stage}: expected the model to run, found: {source}; check it with another ONNX runtime")]
    Engine { model: String, stage: &'static str, source: Cause },
    /// What a merged file says of itself is missing or wrong.
    #[error("model '{model}', metadata '{key}': expected {expected}, found {found}; merge the sources again with polyhead merge")]
    Metadata { model: String, key: String, expected: String, found: String },
    /// A merged file's graph does not give what its metadata promises.
    #[error("model '{model}', output '{output}': expected {expected} numbers, found {found}; merge the sources again with polyhead merge")]
    Output { model: String, output: &'static str, expected: usize, found: usize },

    /// The file is no picture, or one in a format that cannot be decoded.
    #[error("picture '{name}': expected {expected}, found {found}; {remedy}")]
    NotPicture { name: String, expected: &'static str, found: String, remedy: &'static str },
    /// The file is a picture whose content is broken.
    #[error("picture '{name}': expected a complete {format} file, found: {source}; save the picture again")]
    BrokenPicture { name: String, format: &'static str, source: Cause },
    /// The pixels do not fit the stated width and height.
    #[error("pixels: expected {expected}, found {found} bytes; check the width and the height")]
    Pixels { expected: String, found: usize },
    /// A preprocessing value that cannot be followed.
    #[error("preprocessing, {field}: expected {expected}, found {found}; correct the field")]
    Preprocessing { field: &'static str, expected: String, found: String },
}

impl ErrorKind {
    fn code(&self) -> &'static str {
        use ErrorKind::*;
        match self {
            Read { .. } => "read",
            Write { .. } => "write",
            Exists { .. } => "exists",
            Limit { .. } => "limit",
            NotOnnx { .. } => "not-onnx",
            Malformed { .. } => "malformed-model",
            Unsupported { .. } => "unsupported-model",
            Engine { .. } => "engine",
            Metadata { .. } => "metadata",
            Output { .. } => "output",
            NotPicture { .. } => "not-a-picture",
            BrokenPicture { .. } => "broken-picture",
            Pixels { .. } => "pixels",
            Preprocessing { .. } => "preprocessing",
        }
    }

    fn is_refusal(&self) -> bool {
        false
    }
}
