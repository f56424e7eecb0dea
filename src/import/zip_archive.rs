//! Reads a zip archive as a file tree, in memory and within limits.

use super::file_tree::{is_plain_path, FileTree};
use crate::error::{ErrorKind, Result};
use crate::limits;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use zip::ZipArchive;

/// A zip archive whose entries all stay inside it.
pub struct Archive<'a> {
    name: String,
    zip: RefCell<ZipArchive<Cursor<&'a [u8]>>>,
    /// Files by name, without those that macOS adds.
    files: BTreeMap<String, usize>,
    /// The remaining number of bytes that may be unpacked; the sizes stated in the archive are not trusted.
    left: Cell<u64>,
}

/// Whether the bytes begin like a zip archive.
pub fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

impl<'a> Archive<'a> {
    /// Lists an archive without unpacking it.
    ///
    /// # Errors
    /// `archive` if it is broken or encrypted, or if an entry is a link or its path leads out of the archive; `limit`
    /// if it has too many entries.
    pub fn open(name: &str, bytes: &'a [u8]) -> Result<Archive<'a>> {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(name, &e))?;
        let subject = || format!("archive '{name}'");
        limits::ensure_at_most(subject, "entries", limits::FILES, zip.len() as u64, "give the model alone")?;
        let mut files = BTreeMap::new();
        for index in 0..zip.len() {
            let entry = zip.by_index_raw(index).map_err(|e| broken(name, &e))?;
            let path = entry.name().map_err(|e| broken(name, &e))?;
            if entry.is_symlink() {
                return Err(bad(name, "plain files and folders", format!("the link '{}'", path.escape_debug())));
            }
            if !is_plain_path(path.strip_suffix('/').unwrap_or(&path)) {
                return Err(bad(name, "paths inside the archive", format!("'{}'", path.escape_debug())));
            }
            if entry.encrypted() {
                return Err(bad(name, "an archive without a password", format!("the encrypted entry '{path}'")));
            }
            let hidden = path.split('/').any(|part| part == "__MACOSX" || part.starts_with('.'));
            if entry.is_file() && !hidden && files.insert(path.to_string(), index).is_some() {
                return Err(bad(name, "one entry of a name", format!("'{path}' twice")));
            }
        }
        let (name, zip) = (name.to_string(), RefCell::new(zip));
        Ok(Archive { name, zip, files, left: Cell::new(limits::MODEL_BYTES) })
    }
}

impl FileTree for Archive<'_> {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let Some(&index) = self.files.get(name) else { return Ok(None) };
        let mut zip = self.zip.borrow_mut();
        let entry = zip.by_index(index).map_err(|e| broken(&self.name, &e))?;
        let left = self.left.get();
        let mut bytes = Vec::new();
        let read = entry.take(left + 1).read_to_end(&mut bytes);
        read.map_err(|e| bad(&self.name, "an entry that unpacks", format!("'{name}': {e}")))?;
        // The total of all entries.
        let unpacked = limits::MODEL_BYTES - left + bytes.len() as u64;
        let subject = || format!("archive '{}', unpacked", self.name);
        limits::ensure_at_most(subject, "bytes", limits::MODEL_BYTES, unpacked, "give a smaller model")?;
        self.left.set(left - bytes.len() as u64);
        Ok(Some(bytes))
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.files.keys().cloned().collect())
    }
}

fn broken(archive: &str, error: &zip::result::ZipError) -> crate::Error {
    bad(archive, "a zip archive of stored or deflated files", error.to_string())
}

fn bad(archive: &str, expected: &str, found: String) -> crate::Error {
    ErrorKind::Archive { archive: archive.into(), expected: expected.into(), found }.into()
}
