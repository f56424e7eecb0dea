//! The files that lie beside a model, wherever they are kept.

use crate::error::Result;

/// A place with files: a folder, an archive, what a page was given.
///
/// Names are relative, with `/` between their parts.
pub trait Beside {
    /// The file of this name; `None` if there is none.
    ///
    /// # Errors
    /// `read` if it is there and cannot be read, `limit` if it is too large.
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>>;

    /// A file that a model names itself, at a location that [`is_plain_path`] accepts: a plain file of this place, reached
    /// through no link.
    ///
    /// # Errors
    /// As [`read`](Self::read); `link` where a link leads elsewhere.
    fn data(&self, location: &str) -> Result<Option<Vec<u8>>> {
        self.read(location)
    }

    /// The files of the place and of its folders, a few levels deep, sorted.
    ///
    /// # Errors
    /// `read` if the place cannot be listed, `limit` if it holds too many files.
    fn names(&self) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    /// The name of the folder that holds the model.
    fn folder(&self) -> Option<String> {
        None
    }
}

/// How many folders deep [`Beside::names`] looks.
pub const MAX_DEPTH: usize = 4;
/// How many files [`Beside::names`] lists at most.
pub const MAX_FILES: usize = 10_000;

/// A model that stands alone.
#[derive(Clone, Copy, Debug)]
pub struct Nothing;

impl Beside for Nothing {
    fn read(&self, _: &str) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }
}

/// A folder of another place; what is not in it is looked for at the top, where exporters put what belongs to all formats.
pub(super) struct Inside<'a> {
    outer: &'a dyn Beside,
    /// Empty, or ending with `/`.
    folder: String,
}

impl<'a> Inside<'a> {
    /// The folder of a file.
    pub(super) fn of(outer: &'a dyn Beside, path: &str) -> Inside<'a> {
        let folder = path.rfind('/').map_or("", |end| &path[..=end]);
        Inside { outer, folder: folder.to_string() }
    }
}

impl Beside for Inside<'_> {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        match self.outer.read(&format!("{}{name}", self.folder))? {
            None if !self.folder.is_empty() => self.outer.read(name),
            found => Ok(found),
        }
    }

    fn data(&self, location: &str) -> Result<Option<Vec<u8>>> {
        self.outer.data(&format!("{}{location}", self.folder))
    }
}

/// Whether a path stays inside the folder it is relative to, on every system: no root, drive, parent or empty part.
pub fn is_plain_path(path: &str) -> bool {
    let odd = |c: char| c == '\\' || c == ':' || c.is_control();
    !path.contains(odd) && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// A path's last part.
pub(super) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

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
