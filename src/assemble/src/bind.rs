//! Writes the JavaScript of a linked wasm module.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

/// The declared classes have a `[Symbol.dispose]`, which TypeScript's default libraries lack.
const DISPOSABLE: &str = "/// <reference lib=\"esnext.disposable\" />\n";

/// Writes `NAME.js`, `NAME_bg.wasm` and their types to the folder `out`, which is replaced once all files are complete.
///
/// # Errors
/// A message with the file or the path: the module was made by another wasm-bindgen version, a file cannot be written,
/// or a file contains one of the `refused` paths.
pub fn bind(module: &Path, out: &Path, name: &str, refused: &[String]) -> Result<(), String> {
    let new = out.with_extension("new");
    remove(&new)?;
    Bindgen::new()
        .input_path(module)
        .out_name(name)
        .web(true)
        .and_then(|bindgen| {
            bindgen.remove_name_section(true).remove_producers_section(true).typescript(true).generate(&new)
        })
        .map_err(|error| format!("{}: cannot be bound: {error:#}", module.display()))?;
    let types = new.join(format!("{name}.d.ts"));
    let declared = [DISPOSABLE.as_bytes(), &read(&types)?].concat();
    fs::write(&types, declared).map_err(|error| format!("{}: {error}", types.display()))?;
    for entry in fs::read_dir(&new).map_err(|error| format!("{}: {error}", new.display()))? {
        let path = entry.map_err(|error| format!("{}: {error}", new.display()))?.path();
        let bytes = read(&path)?;
        if let Some(found) = refused.iter().find(|refused| contains(&bytes, refused)) {
            return Err(format!(
                "{}: contains the path {found}/ of this machine; add it to the path prefixes that build.sh maps",
                path.display()
            ));
        }
    }
    remove(out)?;
    fs::rename(&new, out).map_err(|error| format!("{}: {error}", out.display()))
}

/// Compares two JavaScript files without their comments, which contain addresses inside the modules.
pub fn same_javascript(first: &Path, second: &Path) -> Result<(), String> {
    let code = |path: &Path| -> Result<Vec<String>, String> {
        let text = String::from_utf8(read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(text.lines().filter(|line| !line.trim_start().starts_with("//")).map(str::to_string).collect())
    };
    match code(first)? == code(second)? {
        true => Ok(()),
        false => Err(format!(
            "{} and {} differ; bind the second module under a name of its own",
            first.display(),
            second.display()
        )),
    }
}

/// Whether `bytes` contain a path below the folder `path`. The root folder contains every path and is never refused.
fn contains(bytes: &[u8], path: &str) -> bool {
    let wanted = format!("{}/", path.trim_end_matches('/'));
    wanted.len() > 1 && bytes.windows(wanted.len()).any(|window| window == wanted.as_bytes())
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    fs::read(path).map_err(|error| format!("{}: {error}", path.display()))
}

fn remove(folder: &Path) -> Result<(), String> {
    match folder.exists() {
        true => fs::remove_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display())),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_this_machine_is_found_as_a_folder_only() {
        assert!(contains(b"at /build/me/project/src/lib.rs", "/build/me"));
        assert!(contains(b"at /build/me/project/src/lib.rs", "/build/me/"));
        assert!(!contains(b"at /build/meow/lib.rs", "/build/me"));
        assert!(!contains(b"at home/me/lib.rs", "/build/me"));
        assert!(!contains(b"at /build/me/lib.rs", "/"));
    }

    #[test]
    fn javascript_is_compared_without_comments() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let first = file("first.js", "let a;\n  // at 0x10\nf(a);\n");
        assert_eq!(same_javascript(&first, &file("same.js", "let a;\n  // at 0x20\nf(a);\n")), Ok(()));
        let other = file("other.js", "let a;\ng(a);\n");
        assert_eq!(
            same_javascript(&first, &other),
            Err(format!(
                "{} and {} differ; bind the second module under a name of its own",
                first.display(),
                other.display()
            ))
        );
    }

    #[test]
    fn a_file_that_is_not_a_module_is_refused_and_the_old_folder_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (module, out) = (folder.path().join("module.wasm"), folder.path().join("out"));
        fs::write(&module, "text").unwrap();
        fs::create_dir(&out).unwrap();
        let message = bind(&module, &out, "module", &[]).unwrap_err();
        assert!(message.starts_with(&format!("{}: cannot be bound: ", module.display())), "{message}");
        assert!(out.exists());
    }
}
