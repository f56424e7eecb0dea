//! The common file format of evidence and features: a magic text, a JSON header, little-endian numbers, a SHA-256.

use crate::error::{Error, ErrorKind, Result};
use crate::labels::HeadLabels;
use crate::limits::HEADER_BYTES;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const DIGEST: usize = 32;

/// A file format: the magic text, the header's length as a u32 (at most [`HEADER_BYTES`]), the header (JSON with the
/// field `version`), numbers, the SHA-256 of all bytes before it.
pub(crate) struct FileFormat {
    /// Ends with a line break.
    pub magic: &'static str,
    pub version: u32,
    /// The error for bytes in another format, from the file's name, the part, and what was expected and found.
    pub malformed: fn(String, String, String, String) -> ErrorKind,
}

impl FileFormat {
    /// The bytes of a file; `numbers` appends about `size` bytes.
    pub fn write(&self, header: &impl Serialize, size: usize, numbers: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
        // Strings and integers always serialise.
        let header = serde_json::to_vec(header).unwrap_or_default();
        let mut bytes = Vec::with_capacity(header.len() + size + 64);
        bytes.extend_from_slice(self.magic.as_bytes());
        bytes.extend_from_slice(&(header.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&header);
        numbers(&mut bytes);
        let digest = Sha256::digest(&bytes);
        bytes.extend_from_slice(&digest);
        bytes
    }
}

/// A file being read; its errors contain the file's name.
pub(crate) struct FileReader<'a> {
    pub format: &'static FileFormat,
    pub file: &'a str,
}

impl FileReader<'_> {
    /// The error for an unexpected part of the file.
    pub fn bad(&self, part: &str, expected: impl Into<String>, found: impl Into<String>) -> Error {
        (self.format.malformed)(self.file.to_string(), part.to_string(), expected.into(), found.into()).into()
    }

    /// The header, and the bytes after it: numbers and the SHA-256.
    pub fn header<'b, H: DeserializeOwned>(&self, bytes: &'b [u8]) -> Result<(H, &'b [u8])> {
        let FileFormat { magic, version, .. } = self.format;
        let rest = bytes.strip_prefix(magic.as_bytes());
        let rest = rest.ok_or_else(|| self.bad("start", format!("'{}'", magic.trim_end()), "something else"))?;
        let cut = || self.bad("header", "a whole header", "the end of the file");
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let length = u32::from_le_bytes(*length);
        if u64::from(length) > HEADER_BYTES {
            return Err(self.bad("header", format!("at most {HEADER_BYTES} bytes"), length.to_string()));
        }
        let (json, rest) = rest.split_at_checked(length as usize).ok_or_else(cut)?;
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let fields = format!("the fields of version {version}");
        let json_error = |e: serde_json::Error| self.bad("header", &fields, e.to_string());
        let found = serde_json::from_slice::<Version>(json).map_err(json_error)?.version;
        if found != *version {
            return Err(self.bad("header", format!("version {version}"), format!("version {found}")));
        }
        Ok((serde_json::from_slice(json).map_err(json_error)?, rest))
    }

    /// Checks the model's fingerprint and heads, and counts the logits.
    pub fn check_model(&self, fingerprint: &str, heads: &[HeadLabels]) -> Result<usize> {
        self.check_sha256("model", fingerprint)?;
        match heads.iter().map(|h| h.labels.len()).sum() {
            0 => Err(self.bad("heads", "at least one label", "none")),
            columns => Ok(columns),
        }
    }

    /// Checks that a text is a SHA-256 in hexadecimal.
    pub fn check_sha256(&self, part: &str, text: &str) -> Result<()> {
        match text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit()) {
            true => Ok(()),
            false => Err(self.bad(part, "a SHA-256 of 64 hexadecimal digits", "something else")),
        }
    }

    /// The numbers, of exactly `size` bytes, of a file whose bytes after the header are `rest`.
    pub fn numbers<'b>(&self, bytes: &[u8], rest: &'b [u8], size: u64) -> Result<&'b [u8]> {
        let whole = size.checked_add(DIGEST as u64) == Some(rest.len() as u64);
        let Some((numbers, digest)) = rest.split_last_chunk::<DIGEST>().filter(|_| whole) else {
            return Err(self.bad("numbers", format!("{size} bytes and a SHA-256"), format!("{} bytes", rest.len())));
        };
        match Sha256::digest(&bytes[..bytes.len() - DIGEST]).as_slice() == digest {
            true => Ok(numbers),
            false => Err(self.bad("SHA-256", "that of the bytes before it", "another: the file was changed")),
        }
    }
}
