//! Files of the command line: read whole, written whole or not at all.

use crate::error::{ErrorKind, Result};
use crate::onnx::limits;
use crate::source::Beside;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Reads a file of at most [`limits::BYTES`].
pub(super) fn read(path: &Path) -> Result<Vec<u8>> {
    let fail = |source| ErrorKind::Read { path: path.display().to_string(), source };
    let found = std::fs::metadata(path).map_err(fail)?.len();
    if found > limits::BYTES {
        let (subject, limit) = (path.display().to_string(), limits::BYTES);
        return Err(ErrorKind::Limit { subject, unit: "bytes", limit, found, remedy: "give a smaller file" }.into());
    }
    Ok(std::fs::read(path).map_err(fail)?)
}

/// Refuses an output path that is taken, before any work is done.
pub(super) fn check_free(path: &Path, force: bool) -> Result<()> {
    if path.exists() && !force {
        return Err(ErrorKind::Exists { path: path.display().to_string() }.into());
    }
    Ok(())
}

/// Writes a file beside its place and moves it there, so that an interruption leaves the old one.
pub(super) fn write(path: &Path, bytes: &[u8], force: bool) -> Result<()> {
    check_free(path, force)?;
    let fail = |source| ErrorKind::Write { path: path.display().to_string(), source };
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    std::fs::create_dir_all(folder).map_err(fail)?;
    let mut file = tempfile::NamedTempFile::new_in(folder).map_err(fail)?;
    file.write_all(bytes).map_err(fail)?;
    file.as_file().sync_all().map_err(fail)?;
    readable(&file).map_err(fail)?;
    file.persist(path).map_err(|e| fail(e.error))?;
    Ok(())
}

/// Temporary files are private; what we write is an ordinary file.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// The folder in which a model lies.
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn of(model: &Path) -> Folder {
        Folder(model.parent().map(Path::to_path_buf).unwrap_or_default())
    }
}

impl Beside for Folder {
    fn read(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.0.join(name);
        if path.is_file() {
            read(&path).map(Some)
        } else {
            Ok(None)
        }
    }

    fn folder(&self) -> Option<String> {
        let folder = self.0.canonicalize().ok()?;
        Some(folder.file_name()?.to_string_lossy().into_owned())
    }
}

/// A path's last part, for names in messages.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}
