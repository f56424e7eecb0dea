//! Observations of labelled pictures: computed once, in parallel, in the order of the pictures' contents.

use super::cache::{hexadecimal, Cache};
use super::pictures::{labelled, Labelled, PictureArguments};
use super::{files, progress};
use crate::error::{Error, ErrorKind, Result};
use crate::observer::{Example, Observation, Observer};
use crate::picture;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// So many pictures are held in memory at once where the caller sums them up.
const BATCH: usize = 64;

/// What became of a set of pictures.
pub(super) struct Observed {
    /// In the order of their SHA-256, then of their names.
    pub(super) examples: Vec<Example>,
    /// The pictures that could not be read, which was said on the error stream.
    pub(super) failures: Vec<Failure>,
}

/// A picture that could not be read.
pub(super) struct Failure {
    pub(super) name: String,
    pub(super) error: Error,
}

impl Failure {
    /// As machines read it.
    pub(super) fn json(&self) -> serde_json::Value {
        let error = serde_json::json!({ "code": self.error.code(), "message": self.error.to_string() });
        serde_json::json!({ "file": self.name, "error": error })
    }
}

/// Observes the pictures that the arguments name.
///
/// # Errors
/// Those of [`labelled`]. A picture that cannot be read is a failure in what is returned.
pub(super) fn examples(observer: &Observer, arguments: &PictureArguments) -> Result<Observed> {
    let mut examples = Vec::new();
    let failures = each(observer, arguments, |batch| {
        examples.extend(batch);
        Ok(())
    })?;
    Ok(Observed { examples, failures })
}

/// Observes the pictures that the arguments name, and hands them over some at a time in the order of [`Observed`].
///
/// # Errors
/// Those of [`labelled`] and `take`.
pub(super) fn each(
    observer: &Observer,
    arguments: &PictureArguments,
    mut take: impl FnMut(Vec<Example>) -> Result<()>,
) -> Result<Vec<Failure>> {
    let pictures = labelled(observer, arguments)?;
    let spinner = progress::spinner(format!("reading {} pictures", pictures.len()));
    let hashed: Vec<_> = pictures.into_par_iter().map(|p| (hash(&p.path), p)).collect();
    spinner.finish_and_clear();
    let run = Run {
        observer,
        cache: if arguments.no_cache { None } else { Cache::of(observer) },
        unwritten: AtomicBool::new(false),
        bar: progress::bar(hashed.len()),
    };
    let mut failures = Vec::new();
    let mut pictures = Vec::with_capacity(hashed.len());
    for (sha256, picture) in hashed {
        match sha256 {
            Ok(sha256) => pictures.push(Hashed { name: picture.path.display().to_string(), sha256, picture }),
            Err(error) => failures.push(run.failure(picture.path.display().to_string(), error)),
        }
    }
    pictures.sort_by(|a, b| (&a.sha256, &a.name).cmp(&(&b.sha256, &b.name)));
    // The same picture under several names is run once.
    let groups: Vec<&[Hashed]> = pictures.chunk_by(|a, b| a.sha256 == b.sha256).collect();
    for batch in groups.chunks(BATCH) {
        let observed: Vec<_> = batch.par_iter().map(|group| run.group(group)).collect();
        let mut examples = Vec::new();
        for (group, observed) in batch.iter().zip(observed) {
            match observed {
                Ok(observation) => examples.extend(group.iter().map(|p| p.example(&observation))),
                Err(error) => failures.push(run.failure(group[0].name.clone(), error)),
            }
        }
        take(examples)?;
    }
    run.bar.finish_and_clear();
    Ok(failures)
}

struct Hashed {
    name: String,
    sha256: String,
    picture: Labelled,
}

impl Hashed {
    fn example(&self, observation: &Observation) -> Example {
        let (name, sha256, observation) = (self.name.clone(), self.sha256.clone(), observation.clone());
        Example { name, sha256, label: self.picture.label, head: self.picture.head, observation }
    }
}

struct Run<'a> {
    observer: &'a Observer,
    cache: Option<Cache>,
    /// Whether the cache took no file, which is said once.
    unwritten: AtomicBool,
    bar: indicatif::ProgressBar,
}

impl Run<'_> {
    /// Observes files of one content.
    fn group(&self, group: &[Hashed]) -> Result<Observation> {
        let Hashed { sha256, picture, .. } = &group[0];
        let observation = match self.cache.as_ref().and_then(|cache| cache.read(sha256)) {
            Some(observation) => Ok(observation),
            None => self.fresh(&picture.path, sha256),
        };
        self.bar.inc(group.len() as u64);
        observation
    }

    fn fresh(&self, path: &Path, sha256: &str) -> Result<Observation> {
        let name = path.display().to_string();
        let bytes = files::read_picture(path)?;
        if hexadecimal(&Sha256::digest(&bytes)) != sha256 {
            let source = io::Error::other("a file that changes while it is read");
            return Err(ErrorKind::Read { path: name, source }.into());
        }
        let observation = self.observer.run(&picture::decode(&name, &bytes)?)?;
        if let Some(Err(error)) = self.cache.as_ref().map(|cache| cache.write(sha256, &observation)) {
            if !self.unwritten.swap(true, Ordering::Relaxed) {
                self.bar.suspend(|| eprintln!("note: nothing is kept for the next run: {error}"));
            }
        }
        Ok(observation)
    }

    fn failure(&self, name: String, error: Error) -> Failure {
        self.bar.suspend(|| eprintln!("error: {error}"));
        Failure { name, error }
    }
}

fn hash(path: &Path) -> Result<String> {
    Ok(hexadecimal(&Sha256::digest(files::read_picture(path)?)))
}
