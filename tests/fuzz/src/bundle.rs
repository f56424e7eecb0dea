//! Several files as one input: per file the length of its name (u8), its name, its length (u32), its bytes.

use crate::names::FILES;
use crate::random::Random;
use crate::{byte_edits, json, proto};
use polyhead::import::FileTree;
use polyhead::Result;
use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Files by name, in memory.
#[derive(Clone, Debug, Default)]
pub struct Bundle(pub BTreeMap<String, Vec<u8>>);

impl FileTree for Bundle {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.get(name).cloned())
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.0.keys().cloned().collect())
    }
}

impl Bundle {
    pub fn of<'a>(files: impl IntoIterator<Item = (&'a str, Vec<u8>)>) -> Bundle {
        Bundle(files.into_iter().map(|(name, bytes)| (name.to_string(), bytes)).collect())
    }

    /// Reads an input; if it is truncated, so is the last file.
    pub fn read_from(mut data: &[u8]) -> Bundle {
        let mut files = BTreeMap::new();
        while let Some((&length, rest)) = data.split_first() {
            let Some((name, rest)) = rest.split_at_checked(length.into()) else { break };
            let Some((length, rest)) = rest.split_first_chunk() else { break };
            let length = (u32::from_le_bytes(*length) as usize).min(rest.len());
            let (bytes, rest) = rest.split_at(length);
            files.insert(String::from_utf8_lossy(name).into_owned(), bytes.to_vec());
            data = rest;
        }
        Bundle(files)
    }

    pub fn write(&self) -> Vec<u8> {
        let mut data = Vec::new();
        for (name, bytes) in &self.0 {
            let name = &name.as_bytes()[..name.len().min(255)];
            data.push(name.len() as u8);
            data.extend_from_slice(name);
            data.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
            data.extend_from_slice(bytes);
        }
        data
    }

    /// The files as a zip archive with checksums; `None` if an archive cannot contain one of the names.
    pub fn zip(&self, method: CompressionMethod) -> Option<Vec<u8>> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in &self.0 {
            let options = SimpleFileOptions::default().compression_method(method);
            zip.start_file(name.as_str(), options).ok()?;
            zip.write_all(bytes).ok()?;
        }
        Some(zip.finish().ok()?.into_inner())
    }
}

/// Changes one of the files in its own format, or its name.
pub fn change(data: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut bundle = Bundle::read_from(data);
    let at = random.below(bundle.0.len());
    let name = bundle.0.keys().nth(at)?.clone();
    let mut bytes = bundle.0.remove(&name)?;
    match random.below(12) {
        0 => {
            let name = if random.once_in(4) { random.text() } else { random.choose(&FILES)?.to_string() };
            bundle.0.insert(name, bytes);
        }
        1 => {
            bundle.0.insert(random.choose(&FILES)?.to_string(), bytes.clone());
            bundle.0.insert(name, bytes);
        }
        2 if random.once_in(2) => {}
        _ => {
            let changed = match name.ends_with(".onnx") {
                true => proto::change(&bytes, random),
                false => json::change(&bytes, random),
            };
            let bytes = changed.unwrap_or_else(|| {
                byte_edits::change(&mut bytes, random);
                bytes
            });
            bundle.0.insert(name, bytes);
        }
    }
    Some(bundle.write())
}
