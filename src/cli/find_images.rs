//! Finds image files in folders, sorted by name.

use crate::error::{ErrorKind, Result};
use std::path::{Path, PathBuf};

/// The entries of a folder, sorted by name.
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let fail = |source| ErrorKind::Read { path: folder.display().to_string(), source };
    let entries = std::fs::read_dir(folder).map_err(fail)?;
    let mut paths = entries.map(|e| e.map(|e| e.path())).collect::<Result<Vec<_>, _>>().map_err(fail)?;
    paths.sort();
    Ok(paths)
}

/// Whether a file has the extension of a supported image format.
pub(super) fn is_image(path: &Path) -> bool {
    let extension = path.extension().map(|e| e.to_string_lossy().to_lowercase()).unwrap_or_default();
    ["png", "jpg", "jpeg", "webp", "gif", "bmp"].contains(&extension.as_str())
}

/// All image files in a folder and its subfolders.
pub(super) fn images(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for path in entries(folder)? {
        // A link to a folder could lead to a cycle.
        if path.is_dir() && !path.is_symlink() {
            images(&path, found)?;
        } else if is_image(&path) {
            found.push(path);
        }
    }
    Ok(())
}

/// The named files, and the image files in the named folders, sorted by name.
pub(super) fn of_paths(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = found.len();
            images(path, &mut found)?;
            if found.len() == before {
                return Err(none(path.display().to_string()));
            }
        } else {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// The error for a folder or set without images.
pub(super) fn none(name: String) -> crate::Error {
    let (expected, remedy) = ("a folder with images", "give a folder with PNG, JPEG, WebP, GIF or BMP files");
    ErrorKind::NotImage { name, expected, found: "none in it".into(), remedy }.into()
}
