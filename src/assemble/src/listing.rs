//! Lists the site's files for the workshop's download and for the service worker.

use std::fs;
use std::path::Path;

use serde_json::json;
use sha2::{Digest, Sha256};

/// The build of the classifier's module that a file belongs to. The service worker stores only one build.
const BUILDS: [(&str, &[&str]); 3] = [
    ("threads", &["pkg/polyhead_threads.js", "pkg/polyhead_threads_bg.wasm"]),
    ("relaxed", &["pkg/polyhead_relaxed_bg.wasm"]),
    ("plain", &["pkg/polyhead_bg.wasm"]),
];

/// Writes `pkg/site.json` and `pkg/release.js` into the site's folder.
///
/// # Errors
/// A message with the file that cannot be read or written.
pub fn write(www: &Path) -> Result<(), String> {
    let put = |path: &str, text: String| {
        fs::write(www.join(path), text).map_err(|error| format!("{}: {error}", www.join(path).display()))
    };
    put("pkg/site.json", format!("{}\n", json!({ "files": site(&files(www, "")?) })))?;
    // The list just written is one of the listed files.
    let files = files(www, "")?;
    let listed: Vec<&String> = files.iter().filter(|path| is_released(path)).collect();
    let mut versions = Sha256::new();
    for path in &listed {
        let bytes = fs::read(www.join(path)).map_err(|error| format!("{}: {error}", www.join(path).display()))?;
        versions.update(format!("{:x}  {path}\n", Sha256::digest(bytes)));
    }
    put("pkg/release.js", release(&listed, &format!("{:x}", versions.finalize())[..16]))
}

/// The files of an exported site, without its page and its module.
fn site(files: &[String]) -> Vec<&String> {
    let is_classifier = |path: &str| path.ends_with(".js") || path.ends_with("_bg.wasm");
    files
        .iter()
        .filter(|path| {
            (path.starts_with("polyhead/") && !path.ends_with(".md"))
                || path.strip_prefix("pkg/polyhead").is_some_and(|rest| !rest.contains('/') && is_classifier(rest))
        })
        .collect()
}

/// Whether the service worker stores a file: all but itself and the files that only tools or servers read.
fn is_released(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    !path.ends_with(".d.ts")
        && !path.ends_with(".md")
        && !name.starts_with("LICENSE")
        && !["jsconfig.json", "sw.js", "screenshot.png"].contains(&name)
        && path != "pkg/release.js"
}

/// Whether a file is large and used by the workshop alone; the service worker stores it on first use.
fn is_later(path: &str) -> bool {
    path == "pkg/workshop_bg.wasm" || path.starts_with("pkg/sample/")
}

/// The value of `self.RELEASE` in the service worker.
fn release(files: &[&String], version: &str) -> String {
    let mut lists = serde_json::Map::new();
    lists.insert("version".into(), version.into());
    let of_a_build = |path: &str| BUILDS.iter().any(|(_, files)| files.contains(&path));
    let always = files.iter().filter(|path| !is_later(path) && !of_a_build(path) && **path != "index.html");
    lists.insert("files".into(), std::iter::once("./").chain(always.map(|path| path.as_str())).collect());
    for (build, members) in BUILDS {
        lists.insert(
            build.into(),
            files.iter().filter(|path| members.contains(&path.as_str())).map(|path| path.as_str()).collect(),
        );
    }
    lists.insert("later".into(), files.iter().filter(|path| is_later(path)).map(|path| path.as_str()).collect());
    format!("self.RELEASE = {:#};\n", serde_json::Value::Object(lists))
}

/// The paths of all files below a folder, sorted by bytes, without names that begin with a dot.
fn files(www: &Path, below: &str) -> Result<Vec<String>, String> {
    let folder = www.join(below);
    let fail = |error| format!("{}: {error}", folder.display());
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).map_err(fail)? {
        let entry = entry.map_err(fail)?;
        let name =
            entry.file_name().into_string().map_err(|name| format!("{}: not a text: {name:?}", folder.display()))?;
        let path = if below.is_empty() { name.clone() } else { format!("{below}/{name}") };
        if entry.file_type().map_err(fail)?.is_dir() {
            found.extend(files(www, &path)?);
        } else if !name.starts_with('.') {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILES: [&str; 17] = [
        "index.html",
        "jsconfig.json",
        "page/.hidden",
        "page/page.js",
        "pkg/polyhead.d.ts",
        "pkg/polyhead.js",
        "pkg/polyhead_bg.wasm",
        "pkg/polyhead_relaxed_bg.wasm",
        "pkg/polyhead_threads.js",
        "pkg/polyhead_threads_bg.wasm",
        "pkg/sample/demo.evidence",
        "pkg/workshop.js",
        "pkg/workshop_bg.wasm",
        "polyhead/README.md",
        "polyhead/worker.js",
        "samples/LICENSE",
        "sw.js",
    ];

    fn folder(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        folder
    }

    fn written(folder: &Path) -> (serde_json::Value, serde_json::Value) {
        write(folder).unwrap();
        let release = fs::read_to_string(folder.join("pkg/release.js")).unwrap();
        let object = release.strip_prefix("self.RELEASE = ").unwrap().strip_suffix(";\n").unwrap();
        let site = fs::read_to_string(folder.join("pkg/site.json")).unwrap();
        (serde_json::from_str(object).unwrap(), serde_json::from_str(&site).unwrap())
    }

    #[test]
    fn every_file_is_in_its_list() {
        let folder = folder(&FILES);
        let (release, site) = written(folder.path());
        assert_eq!(
            release["files"],
            json!(["./", "page/page.js", "pkg/polyhead.js", "pkg/site.json", "pkg/workshop.js", "polyhead/worker.js"])
        );
        assert_eq!(release["threads"], json!(["pkg/polyhead_threads.js", "pkg/polyhead_threads_bg.wasm"]));
        assert_eq!(release["relaxed"], json!(["pkg/polyhead_relaxed_bg.wasm"]));
        assert_eq!(release["plain"], json!(["pkg/polyhead_bg.wasm"]));
        assert_eq!(release["later"], json!(["pkg/sample/demo.evidence", "pkg/workshop_bg.wasm"]));
        assert_eq!(
            site["files"],
            json!([
                "pkg/polyhead.js",
                "pkg/polyhead_bg.wasm",
                "pkg/polyhead_relaxed_bg.wasm",
                "pkg/polyhead_threads.js",
                "pkg/polyhead_threads_bg.wasm",
                "polyhead/worker.js"
            ])
        );
    }

    #[test]
    fn a_build_that_is_not_there_is_in_no_list() {
        let files: Vec<&str> = FILES.into_iter().filter(|file| !file.contains("threads")).collect();
        let folder = folder(&files);
        let (release, site) = written(folder.path());
        assert_eq!(release["threads"], json!([]));
        assert!(!site.to_string().contains("threads"));
    }

    #[test]
    fn the_version_changes_with_a_files_content_and_with_nothing_else() {
        let folder = folder(&FILES);
        let version = || written(folder.path()).0["version"].as_str().unwrap().to_string();
        let first = version();
        assert_eq!(first.len(), 16);
        fs::write(folder.path().join("sw.js"), "other").unwrap();
        assert_eq!(version(), first);
        fs::write(folder.path().join("page/page.js"), "other").unwrap();
        assert_ne!(version(), first);
    }
}
