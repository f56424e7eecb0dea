//! Bounded reads and atomic writes of files.

use crate::error::{ErrorKind, Result};
use crate::import::{is_plain_path, FileTree, MAX_DEPTH};
use crate::limits;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Reads a file of at most [`limits::MODEL_BYTES`].
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    read_within(path, limits::MODEL_BYTES, "give a smaller file")
}

/// Reads an image file of at most [`limits::IMAGE_BYTES`].
pub(super) fn read_image(path: &Path) -> Result<Vec<u8>> {
    read_within(path, limits::IMAGE_BYTES, "save the image smaller")
}

/// Reads a file up to a size limit, whatever size it states: a device states 0 and never ends.
fn read_within(path: &Path, limit: u64, remedy: &'static str) -> Result<Vec<u8>> {
    let fail = |source| ErrorKind::Read { path: path.display().to_string(), source };
    let small = |found| limits::ensure_at_most(|| path.display().to_string(), "bytes", limit, found, remedy);
    let file = File::open(path).map_err(fail)?;
    let stated = file.metadata().map_err(fail)?.len();
    small(stated)?;
    let mut bytes = Vec::with_capacity(stated as usize);
    file.take(limit + 1).read_to_end(&mut bytes).map_err(fail)?;
    small(bytes.len() as u64)?;
    Ok(bytes)
}

/// Refuses an existing output path before any work is done.
pub(super) fn check_free(path: &Path, force: bool) -> Result<()> {
    target(path, force).map(|_| ())
}

/// The target of a path after following links; an existing file may be replaced only with `force`. Only a regular
/// file is ever replaced: not a folder, a device, or a dangling link.
fn target(path: &Path, force: bool) -> Result<PathBuf> {
    let name = || path.display().to_string();
    let Ok(found) = path.symlink_metadata() else { return Ok(path.to_path_buf()) };
    let target = match found.is_symlink() {
        true => {
            path.canonicalize().map_err(|_| ErrorKind::NoFile { path: name(), found: "a link that leads nowhere" })?
        }
        false => path.to_path_buf(),
    };
    match (target.is_file(), force) {
        (true, true) => Ok(target),
        (true, false) => Err(ErrorKind::Exists { path: name() }.into()),
        _ => {
            let found = if target.is_dir() { "a folder" } else { "a device or pipe" };
            Err(ErrorKind::NoFile { path: name(), found }.into())
        }
    }
}

/// Writes a temporary file in the same folder and renames it, so that an interruption keeps the old file.
pub(super) fn write(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    let path = &target(path, force)?;
    let fail = |source| ErrorKind::Write { path: path.display().to_string(), source };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut file = tempfile::Builder::new().prefix(".polyhead-").tempfile_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    readable(&file).map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// Temporary files are private; the output gets the usual permissions.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// The folder of a model.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// The folder of a model file.
    pub(super) fn of(model: &Path) -> Folder {
        Folder::at(model.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
    }

    /// A folder by its own path.
    pub(super) fn at(folder: &Path) -> Folder {
        Folder(folder.to_path_buf())
    }

    fn list(&self, folder: &Path, prefix: &str, depth: usize, found: &mut Vec<String>) -> Result<()> {
        let fail = |source| ErrorKind::Read { path: folder.display().to_string(), source };
        for entry in std::fs::read_dir(folder).map_err(fail)? {
            let entry = entry.map_err(fail)?;
            let Ok(name) = entry.file_name().into_string() else { continue };
            if name.starts_with('.') {
                continue;
            }
            // A link to a folder could lead to a cycle; model hubs store downloaded files as links to files.
            let is_folder = entry.file_type().map_err(fail)?.is_dir();
            if is_folder && depth < MAX_DEPTH {
                self.list(&entry.path(), &format!("{prefix}{name}/"), depth + 1, found)?;
            } else if entry.path().is_file() {
                found.push(format!("{prefix}{name}"));
            }
            let subject = || self.0.display().to_string();
            limits::ensure_at_most(subject, "files", limits::FILES, found.len() as u64, "give the model file")?;
        }
        Ok(())
    }
}

impl FileTree for Folder {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.0.join(name);
        if path.is_file() {
            read(&path).map(Some)
        } else {
            Ok(None)
        }
    }

    /// No part of the location may be a link, symbolic or hard: an untrusted model must not read files outside its
    /// folder.
    fn data(&self, location: &str) -> Result<Option<Vec<u8>>> {
        let mut path = self.0.clone();
        if !is_plain_path(location) {
            return Ok(None);
        }
        for part in location.split('/') {
            path.push(part);
            match std::fs::symlink_metadata(&path) {
                Ok(found) if found.is_symlink() || has_other_names(&found) => {
                    return Err(ErrorKind::Link { path: path.display().to_string() }.into())
                }
                Ok(_) => {}
                Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
                Err(source) => return Err(ErrorKind::Read { path: path.display().to_string(), source }.into()),
            }
        }
        if !path.is_file() {
            return Ok(None);
        }
        read(&path).map(Some)
    }

    fn names(&self) -> Result<Vec<String>> {
        let mut found = Vec::new();
        self.list(&self.0, "", 0, &mut found)?;
        found.sort();
        Ok(found)
    }

    fn folder(&self) -> Option<String> {
        let folder = self.0.canonicalize().ok()?;
        Some(folder.file_name()?.to_string_lossy().into_owned())
    }
}

/// Whether a file has other hard links, which archives can create to files outside.
#[cfg(unix)]
fn has_other_names(found: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    found.is_file() && found.nlink() > 1
}

#[cfg(not(unix))]
fn has_other_names(_: &std::fs::Metadata) -> bool {
    false
}

/// The last component of a path, for messages; of the resolved folder if the path ends in dots.
pub(super) fn file_name(path: &Path) -> String {
    let whole = path.file_name().map(|_| path.to_path_buf()).or_else(|| path.canonicalize().ok());
    let name = whole.as_deref().and_then(Path::file_name).map(|n| n.to_string_lossy().into_owned());
    name.unwrap_or_else(|| path.display().to_string())
}
