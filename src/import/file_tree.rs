//! The files of a model's folder, on disk, in memory or in an archive.

use crate::error::{Error, ErrorKind, Result};
use crate::limits;

/// A tree of files: a folder, an archive, or files given to a page.
///
/// Names are relative, with `/` between their parts.
pub trait FileTree {
    /// Reads the file of this name; `None` if it does not exist.
    ///
    /// # Errors
    /// `read` if it exists and cannot be read, `limit` if it is too large.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// Reads a UTF-8 text file, without a byte-order mark; `expected` describes its content in errors.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); `sidecar` for other bytes; `limit` beyond [`TEXT_BYTES`](limits::TEXT_BYTES).
    fn text(&self, name: &str, expected: &str) -> Result<Option<String>> {
        let Some(bytes) = small(self, name)? else { return Ok(None) };
        decode(bytes).map(Some).ok_or_else(|| sidecar_error(name, expected, "bytes that are no UTF-8 text"))
    }

    /// Reads a file that the model refers to, at a location that [`is_plain_path`] accepts: a regular file of this
    /// tree, reached through no link.
    ///
    /// # Errors
    /// Those of [`read`](Self::read); `link` if a link leads elsewhere.
    fn data(&self, location: &str) -> Result<Option<Vec<u8>>> {
        self.read(location)
    }

    /// Lists the files of the tree to a depth of a few folders, sorted.
    ///
    /// # Errors
    /// `read` if the tree cannot be listed, `limit` if it has too many files.
    fn names(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The name of the folder that contains the model.
    fn folder(&self) -> Option<String> {
        None
    }
}

/// The maximum depth of folders that [`FileTree::names`] lists.
pub const MAX_DEPTH: usize = 4;

/// A model without other files.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl FileTree for Nothing {
    fn read(&self, _: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// A folder of another tree. Missing files are searched for in its parent folders, nearest first, where exporters put
/// files that belong to all formats.
pub(super) struct Subfolder<'a> {
    outer: &'a dyn FileTree,
    /// Empty, or ending with `/`.
    folder: String,
}

impl<'a> Subfolder<'a> {
    /// The folder that contains a file.
    pub(super) fn of(outer: &'a dyn FileTree, path: &str) -> Subfolder<'a> {
        let folder = path.rfind('/').map_or("", |end| &path[..=end]);
        Subfolder { outer, folder: folder.to_string() }
    }
}

impl FileTree for Subfolder<'_> {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let mut folder = self.folder.as_str();
        loop {
            let found = self.outer.read(&format!("{folder}{name}"))?;
            if found.is_some() || folder.is_empty() {
                return Ok(found);
            }
            let above = folder.trim_end_matches('/');
            folder = above.rfind('/').map_or("", |end| &above[..=end]);
        }
    }

    fn data(&self, location: &str) -> Result<Option<Vec<u8>>> {
        self.outer.data(&format!("{}{location}", self.folder))
    }
}

/// Reads a file that is parsed as text or JSON.
pub(super) fn small<B: FileTree + ?Sized>(beside: &B, name: &str) -> Result<Option<Vec<u8>>> {
    let bytes = beside.read(name)?;
    limits::text(|| name.to_string(), bytes.as_deref().unwrap_or_default())?;
    Ok(bytes)
}

/// Decodes UTF-8 text without the byte-order mark that editors on Windows write; `None` for other bytes.
pub(super) fn decode(bytes: Vec<u8>) -> Option<String> {
    let mut text = String::from_utf8(bytes).ok()?;
    if text.starts_with('\u{feff}') {
        text.remove(0);
    }
    Some(text)
}

/// The error for a sidecar file with the wrong content.
pub(super) fn sidecar_error(file: &str, expected: &str, found: &str) -> Error {
    let (file, expected, found) = (file.to_string(), expected.to_string(), found.to_string());
    ErrorKind::Sidecar { file, expected, found }.into()
}

/// Whether a path stays inside its folder on every system: no root, drive, parent or empty part.
pub fn is_plain_path(path: &str) -> bool {
    let odd = |c: char| c == '\\' || c == ':' || c.is_control();
    !path.contains(odd) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// The last part of a path.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn byte_order_mark() {
        assert_eq!(decode(b"\xef\xbb\xbfa\xef\xbb\xbf".to_vec()).as_deref(), Some("a\u{feff}"));
        assert_eq!(decode(b"\xff\xfea\0".to_vec()), None);
    }

    #[test]
    fn plain_paths() {
        for path in ["weights.bin", "a/b.data", "group1-shard1of2.bin", "ein Name.bin", "..data"] {
            assert!(is_plain_path(path), "{path}");
        }
        for path in
            ["", "/etc/passwd", "../x", "a/../x", "a//x", "./x", "a/", "C:x", "..\\x", "\\\\host\\x", "a\0b", "a\nb"]
        {
            assert!(!is_plain_path(path), "{path:?}");
        }
    }
}
