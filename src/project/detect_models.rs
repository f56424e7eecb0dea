//! Detects the models in dropped files and folders, and the files of each.

use super::memory_files::Files;
use crate::import;

/// The location of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A model file or a zip archive, together with the other files of its folder.
    File(String),
    /// A folder, ending with `/`, that is the export of one model.
    Folder(String),
}

/// The models in dropped files, sorted by path. A folder with one model, in one format or several, is an export as a whole;
/// several models in one folder are separate.
pub(super) fn models(files: &Files) -> Vec<Found> {
    let paths: Vec<&str> = files.0.keys().map(String::as_str).filter(|path| is_model(path)).collect();
    let mut found = Vec::new();
    inside("", &paths, &mut found);
    found
}

fn inside(folder: &str, models: &[&str], found: &mut Vec<Found>) {
    let mut rest = models;
    while let Some(first) = rest.first() {
        let below = &first[folder.len()..];
        let Some(end) = below.find('/') else {
            found.push(Found::File(first.to_string()));
            rest = &rest[1..];
            continue;
        };
        let next = &first[..folder.len() + end + 1];
        let own = rest.iter().take_while(|path| path.starts_with(next)).count();
        let beside = |path: &&str| !path[next.len()..].contains('/') && import::is_same_export(first, path);
        match (rest[1..own].iter().all(beside), first.ends_with(".zip")) {
            (true, false) => found.push(Found::Folder(next.to_string())),
            _ => inside(next, &rest[..own], found),
        }
        rest = &rest[own..];
    }
}

fn is_model(path: &str) -> bool {
    import::is_model(path) || path.to_lowercase().ends_with(".zip")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::File;

    fn found(paths: &[&str]) -> Vec<Found> {
        models(&Files::new(paths.iter().map(|path| File { path: path.to_string(), bytes: Vec::new() }).collect()))
    }

    #[test]
    fn files_folders_and_archives() {
        let file = |path: &str| Found::File(path.into());
        let folder = |path: &str| Found::Folder(path.into());
        assert_eq!(found(&["a.onnx", "a.labels.txt", "b.ONNX"]), [file("a.onnx"), file("b.ONNX")]);
        assert_eq!(found(&["liner/model.onnx", "liner/classes.json"]), [folder("liner/")]);
        assert_eq!(found(&["liner/model.onnx", "liner/model_keras.h5", "liner/classes.json"]), [folder("liner/")]);
        assert_eq!(found(&["two/a.onnx", "two/b.keras"]), [file("two/a.onnx"), file("two/b.keras")]);
        assert_eq!(
            found(&["all/tm/model.json", "all/tm/weights.bin", "all/liner/onnx/model.onnx", "all/c.zip"]),
            [file("all/c.zip"), folder("all/liner/"), folder("all/tm/")]
        );
        assert_eq!(found(&["two/a.onnx", "two/b.onnx"]), [file("two/a.onnx"), file("two/b.onnx")]);
        assert_eq!(found(&["x/tm.zip"]), [file("x/tm.zip")]);
        assert_eq!(found(&["cat.jpg", ".hidden/model.onnx", "labels.txt"]), []);
    }
}
