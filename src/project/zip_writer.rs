//! Writes zip archives reproducibly.

use crate::error::{ErrorKind, Result};
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Files of more bytes are stored uncompressed: weights hardly shrink.
const LARGE: usize = 1 << 20;

/// A zip archive that is written to memory.
pub(super) struct Pack {
    name: &'static str,
    zip: ZipWriter<Cursor<Vec<u8>>>,
}

impl Pack {
    /// An empty archive; `name` is used in messages.
    pub fn new(name: &'static str) -> Pack {
        Pack { name, zip: ZipWriter::new(Cursor::new(Vec::new())) }
    }

    /// # Errors
    /// `archive` for a path that already exists, or if the memory is exhausted.
    pub fn add(&mut self, path: &str, bytes: &[u8]) -> Result<()> {
        let method = match bytes.len() > LARGE && !path.ends_with(".wasm") {
            true => CompressionMethod::Stored,
            false => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default().compression_method(method);
        let written = self.zip.start_file(path, options).map_err(|e| e.to_string());
        let written = written.and_then(|()| self.zip.write_all(bytes).map_err(|e| e.to_string()));
        written.map_err(|found| bad(self.name, format!("'{}': {found}", path.escape_debug())))
    }

    /// # Errors
    /// As [`add`](Self::add).
    pub fn finish(self) -> Result<Vec<u8>> {
        let Pack { name, zip } = self;
        zip.finish().map(Cursor::into_inner).map_err(|e| bad(name, e.to_string()))
    }
}

fn bad(archive: &str, found: String) -> crate::Error {
    ErrorKind::Archive { archive: archive.into(), expected: "files of different paths".into(), found }.into()
}
