//! Exports a static site: a page with the element and a module with the embedded model.

use super::zip_writer::Pack;
use super::{File, Project};
use crate::embed::embed;
use crate::error::{ErrorKind, Result};
use crate::import::is_plain_path;
use maud::{html, DOCTYPE};

/// The module with the embedded model; its faster builds are in the same folder.
const MODULE: &str = "pkg/polyhead_bg.wasm";
const BUILDS: [&str; 3] = [MODULE, "pkg/polyhead_relaxed_bg.wasm", "pkg/polyhead_threads_bg.wasm"];
/// The files that a site requires.
const NEEDED: [&str; 4] = [MODULE, "pkg/polyhead.js", "polyhead/worker.js", "polyhead/element/define.js"];
const STYLE: &str = include_str!("site.css");

impl Project {
    /// Creates a zip archive for any static server: `index.html`, `site.css`, and `files`, which the build lists in
    /// `site.json`; the current model is embedded in the module and its builds.
    ///
    /// # Errors
    /// `not-merged`; `site-file` for a missing file; `archive` for paths that lead elsewhere or are repeated; those of
    /// [`embed`].
    pub fn site(&self, files: &[File], title: Option<&str>) -> Result<Vec<u8>> {
        let model = self.file()?;
        let given = |path: &&str| files.iter().any(|file| file.path == *path);
        if let Some(&file) = NEEDED.iter().find(|path| !given(path)) {
            return Err(ErrorKind::SiteFile { file }.into());
        }
        let heads: Vec<&str> = self.extractor()?.heads().iter().map(|head| head.name.as_str()).collect();
        let labels = self.extractor()?.labels().iter().map(|label| label.label.as_str());
        let title = title.map(str::trim).filter(|title| !title.is_empty()).map(str::to_string);
        let title = title.unwrap_or_else(|| heads.join(" + "));
        let mut pack = Pack::new("site");
        pack.add("index.html", page(&title, &labels.collect::<Vec<_>>()).as_bytes())?;
        pack.add("site.css", STYLE.as_bytes())?;
        for File { path, bytes } in files {
            if !is_plain_path(path) {
                let (expected, found) = ("paths inside the site".into(), format!("'{}'", path.escape_debug()));
                return Err(ErrorKind::Archive { archive: "site".into(), expected, found }.into());
            }
            match BUILDS.contains(&path.as_str()) {
                true => pack.add(path, &embed(bytes, model)?)?,
                false => pack.add(path, bytes)?,
            }
        }
        pack.finish()
    }
}

/// The site's page. Its policy blocks all other origins, and images cannot leave the page.
fn page(title: &str, labels: &[&str]) -> String {
    let policy =
        "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'; img-src 'self' blob: data:; \
        media-src 'self' blob:; object-src 'none'; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; \
        trusted-types polyhead";
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (title) }
                link rel="stylesheet" href="site.css";
                script type="module" src="polyhead/element/define.js" {}
            }
            body {
                main {
                    h1 { (title) }
                    p { "An image of " (list(labels)) "? Choose one, drop or paste it, or start the camera." }
                    polyhead-classifier camera {}
                    p class="small" { "It runs on your own machine: no image leaves it." }
                }
            }
        }
    };
    page.into_string()
}

/// Joins words as "a, b or c".
fn list(labels: &[&str]) -> String {
    match labels {
        [] => String::new(),
        [only] => only.to_string(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
