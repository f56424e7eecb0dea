//! Reads the labelled images given by `--images`: folders or CSV files.

use super::{find_images, fs, output};
use crate::error::{ErrorKind, Result, Setting};
use crate::features::{FeatureExtractor, FeaturesFile, LabelledSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The labelled images for a command.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct ImageArguments {
    /// Labelled images: a folder with one folder per label, or a CSV file with the header path,label; with HEAD=
    /// before it if the images belong to one head. `polyhead fit` also reads files of `polyhead features`. May be
    /// repeated.
    #[arg(long, value_name = "[HEAD=]DIR_OR_CSV")]
    pub(super) images: Vec<String>,
    /// Skip folders and lines whose label the model does not have, with a note.
    #[arg(long)]
    pub(super) ignore_unknown: bool,
    /// Neither read nor write the feature cache (in the user's cache folder, or in POLYHEAD_CACHE).
    #[arg(long)]
    pub(super) no_cache: bool,
    /// Use only this head's labels; those of other heads are skipped with a note.
    #[arg(skip)]
    pub(super) head: Option<usize>,
}

impl ImageArguments {
    /// The same arguments with other images, for flags that name a second set.
    pub(super) fn with(&self, images: &[String]) -> ImageArguments {
        ImageArguments { images: images.to_vec(), ..self.clone() }
    }
}

/// An image file with its label.
#[derive(Clone, Debug)]
pub(super) struct Labelled {
    pub(super) path: PathBuf,
    /// The index of the label among the merged labels.
    pub(super) label: usize,
    pub(super) head: Option<usize>,
}

/// The image files in the arguments.
///
/// # Errors
/// `read` and `sidecar` for folders and CSV files that cannot be read; `unknown-head`, `no-such-label` and
/// `ambiguous-label` for names that the model does not have or has several times; `not-an-image` for a set without
/// images.
pub(super) fn labelled(extractor: &FeatureExtractor, arguments: &ImageArguments) -> Result<Vec<Labelled>> {
    let mut found = Vec::new();
    for set in &arguments.images {
        let (head, path) = split(extractor, set)?;
        let mut set = Set { extractor, arguments, head, found: Vec::new() };
        if path.is_dir() {
            set.read_folder(path)?;
        } else {
            set.read_csv(path)?;
        }
        if set.found.is_empty() {
            return Err(find_images::none(path.display().to_string()));
        }
        found.append(&mut set.found);
    }
    Ok(found)
}

/// The sets of the arguments that are files of features, and the arguments with the remaining sets.
///
/// # Errors
/// As [`labelled`], also if no image is left; `malformed-features`, `limit` and `other-model` for a file that is
/// damaged or of another model.
pub(super) fn features_files(
    extractor: &FeatureExtractor,
    arguments: &ImageArguments,
) -> Result<(Vec<LabelledSet>, ImageArguments)> {
    let (mut sets, mut others) = (Vec::new(), Vec::new());
    for text in &arguments.images {
        let (named, path) = split(extractor, text)?;
        if !is_features_file(path) {
            others.push(text.clone());
            continue;
        }
        let name = path.display().to_string();
        let file = FeaturesFile::from_bytes(&name, &fs::read(path)?)?;
        let set = file.examples(&name, extractor, |label, own| {
            Set { extractor, arguments, head: named.or(own), found: Vec::new() }.label(&name, label)
        })?;
        if set.examples.is_empty() {
            return Err(find_images::none(name));
        }
        sets.push(set);
    }
    Ok((sets, arguments.with(&others)))
}

/// Whether a file starts with the signature of files of features; `false` for a pipe, which can be read only once.
fn is_features_file(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = |file: File| file.take(FeaturesFile::MAGIC.len() as u64).read_to_end(&mut start);
    path.is_file() && File::open(path).and_then(read).is_ok() && start == FeaturesFile::MAGIC.as_bytes()
}

/// The head's name before the first matching `=`, and the path after it.
fn split<'a>(extractor: &FeatureExtractor, text: &'a str) -> Result<(Option<usize>, &'a Path)> {
    let rest = |name: &str| text.strip_prefix(name).and_then(|rest| rest.strip_prefix('='));
    let named = extractor.heads().iter().enumerate().filter_map(|(at, head)| Some((at, rest(&head.name)?)));
    // With heads `a` and `a=b`, the longer name.
    if let Some((head, rest)) = named.min_by_key(|(_, rest)| rest.len()) {
        return Ok((Some(head), Path::new(rest)));
    }
    match text.split_once('=') {
        Some((head, _)) if !Path::new(text).exists() => {
            extractor.find_head(Setting::Images, head).map(|head| (Some(head), Path::new(text)))
        }
        _ => Ok((None, Path::new(text))),
    }
}

/// One folder or CSV file being read.
struct Set<'a> {
    extractor: &'a FeatureExtractor,
    arguments: &'a ImageArguments,
    /// The head stated by `HEAD=`.
    head: Option<usize>,
    found: Vec<Labelled>,
}

impl Set<'_> {
    fn read_folder(&mut self, folder: &Path) -> Result<()> {
        let mut loose = 0;
        for path in find_images::entries(folder)? {
            let name = fs::file_name(&path);
            if !path.is_dir() {
                loose += usize::from(find_images::is_image(&path));
                continue;
            }
            if name.starts_with('.') {
                continue;
            }
            let place = path.display().to_string();
            let Some((label, head)) = self.label(&place, &name)? else { continue };
            let mut images = Vec::new();
            find_images::images(&path, &mut images)?;
            if images.is_empty() {
                note(&place, "no images in it");
            }
            self.found.extend(images.into_iter().map(|path| Labelled { path, label, head }));
        }
        if loose > 0 {
            note(&folder.display().to_string(), &format!("images in no label's folder, skipped: {loose}"));
        }
        Ok(())
    }

    fn read_csv(&mut self, path: &Path) -> Result<()> {
        let file = path.display().to_string();
        let bad = |found: String| ErrorKind::Sidecar {
            file: file.clone(),
            expected: "a folder, or CSV lines with the header path,label".into(),
            found,
        };
        let bytes = fs::read(path)?;
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(bytes.as_slice());
        let headers = reader.headers().map_err(|e| bad(e.to_string()))?.clone();
        let column = |name| headers.iter().position(|h| h == name);
        let (Some(path_column), Some(label_column)) = (column("path"), column("label")) else {
            let found = headers.iter().take(8).map(output::plain).collect::<Vec<_>>().join(",");
            return Err(bad(format!("the header '{}'", found.chars().take(80).collect::<String>())).into());
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        for record in reader.records() {
            let record = record.map_err(|e| bad(e.to_string()))?;
            let line = record.position().map_or(0, csv::Position::line);
            let field = |at: usize| record.get(at).unwrap_or_default();
            if field(path_column).is_empty() {
                return Err(bad(format!("no path in line {line}")).into());
            }
            let Some((label, head)) = self.label(&format!("{file}, line {line}"), field(label_column))? else {
                continue;
            };
            self.found.push(Labelled { path: folder.join(field(path_column)), label, head });
        }
        Ok(())
    }

    /// The merged label and the head of a folder or line; `None` if it is skipped.
    fn label(&self, place: &str, text: &str) -> Result<Option<(usize, Option<usize>)>> {
        let head = self.head.or(self.arguments.head);
        let wanted = self.arguments.head.is_none_or(|only| head == Some(only));
        if let Some(label) = self.extractor.find_label(text, head)?.filter(|_| wanted) {
            return Ok(Some((label, head)));
        }
        let of_others =
            self.arguments.head.is_some() && !matches!(self.extractor.find_label(text, self.head), Ok(None));
        if of_others {
            note(place, "a label of another head, skipped");
        } else if self.arguments.ignore_unknown {
            note(place, &format!("no label '{text}' in the model, skipped"));
        } else {
            return Err(self.extractor.no_such_label(place, text, head));
        }
        Ok(None)
    }
}

fn note(place: &str, text: &str) {
    eprintln!("note: {}: {}", output::plain(place), output::plain(text));
}
