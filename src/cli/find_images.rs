//! Finds image files in folders, sorted by name.

use crate::error::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The entries of a folder, in the order of their names.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let fail = |source| ErrorKind::Read { path: folder.display().to_string(), source };
    let entries = std::fs::read_dir(folder).map_err(fail)?;
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(fail)?;
    paths.sort();
    Ok(paths)
}

/// Whether a file's name is that of an image which can be decoded.
pub(super) fn is_image(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    ["png", "jpg", "jpeg", "webp", "gif", "bmp"].contains(&extension.as_str())
}

/// Whatever looks like an image in a folder and in the folders below it.
pub(super) fn images(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for path in entries(folder)? {
        // A link to a folder could lead in a circle.
        if path.is_dir() && !path.is_symlink() {
            images(&path, found)?;
        } else if is_image(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// That a folder, or a set of images, holds none.
pub(super) fn none(name: String) -> crate::Error {
    let (expected, remedy) = ("a folder with images", "give a folder with PNG, JPEG, WebP, GIF or BMP files");
    ErrorKind::NotImage { name, expected, found: "none in it".into(), remedy }.into()
}
