//! The small exports of `tests/fixtures/exports`, as files in memory that a test may change.

use polyhead::import::FileTree;
use polyhead::Result;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Files by name.
#[derive(Clone, Debug, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl FileTree for Memory {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.get(name).cloned())
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }
}

/// A folder of `tests/fixtures/exports`.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/exports").join(name)
}

/// The files of a folder of `tests/fixtures/exports`.
pub fn folder(name: &str) -> Memory {
    let entries = std::fs::read_dir(path(name)).unwrap().map(|e| e.unwrap());
    let files = entries.map(|e| (e.file_name().into_string().unwrap(), std::fs::read(e.path()).unwrap()));
    Memory(files.collect())
}

/// The files as a zip archive, each under a prefix.
pub fn zip(prefix: &str, files: &Memory) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in &files.0 {
        zip.start_file(format!("{prefix}{name}"), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

pub fn softmax(logits: &[f32]) -> Vec<f32> {
    let most = logits.iter().copied().fold(f32::MIN, f32::max);
    let sum: f32 = logits.iter().map(|z| (z - most).exp()).sum();
    logits.iter().map(|z| (z - most).exp() / sum).collect()
}

/// The folder of the large fixtures, if this machine has it; prints a message if not.
pub fn fixtures() -> Option<PathBuf> {
    let found = std::env::var_os("POLYHEAD_FIXTURES").map(PathBuf::from);
    if found.is_none() {
        eprintln!("skipped: POLYHEAD_FIXTURES names no folder with models/");
    }
    found
}
