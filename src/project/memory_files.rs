//! Files in memory by path, as a file tree.

use super::File;
use crate::error::Result;
use crate::import::FileTree;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Files by path, with `/` between folders; the content of files that several models need is shared.
#[derive(Clone, Debug, Default)]
pub(super) struct Files(pub BTreeMap<String, Arc<Vec<u8>>>);

impl Files {
    /// The dropped files without hidden ones.
    pub fn new(files: Vec<File>) -> Files {
        let plain = files.into_iter().map(|file| (file.path.trim_start_matches('/').to_string(), Arc::new(file.bytes)));
        Files(plain.filter(|(path, _)| !path.split('/').any(|part| part.starts_with('.'))).collect())
    }

    pub fn bytes(&self) -> u64 {
        self.0.values().map(|bytes| bytes.len() as u64).sum()
    }
}

/// One folder of the files, which records the files read.
pub(super) struct Folder<'a> {
    files: &'a Files,
    /// Empty, or ending with `/`.
    prefix: &'a str,
    read: RefCell<BTreeSet<String>>,
}

impl<'a> Folder<'a> {
    pub fn new(files: &'a Files, prefix: &'a str) -> Folder<'a> {
        Folder { files, prefix, read: RefCell::default() }
    }

    /// The paths of all files read, from the root.
    pub fn into_read(self) -> BTreeSet<String> {
        self.read.into_inner()
    }
}

impl FileTree for Folder<'_> {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = format!("{}{name}", self.prefix);
        let found = self.files.0.get(&path).map(|bytes| bytes.to_vec());
        if found.is_some() {
            self.read.borrow_mut().insert(path);
        }
        Ok(found)
    }

    fn names(&self) -> Result<Vec<String>> {
        Ok(self.files.0.keys().filter_map(|path| path.strip_prefix(self.prefix)).map(String::from).collect())
    }

    fn folder(&self) -> Option<String> {
        self.prefix.trim_end_matches('/').rsplit('/').next().filter(|name| !name.is_empty()).map(String::from)
    }
}

/// The folder of a path, empty or ending with `/`, and the file name.
pub(super) fn split(path: &str) -> (&str, &str) {
    path.split_at(path.rfind('/').map_or(0, |at| at + 1))
}
