//! Extracts the features of labelled images in parallel, ordered by content hash.

use super::error_words::{error_json, error_text};
use super::feature_cache::{hexadecimal, Cache};
use super::labelled_images::{labelled, ImageArguments, Labelled};
use super::{fs, progress};
use crate::error::{Error, ErrorKind, Result};
use crate::features::{ExtractedFeatures, FeatureExtractor, LabelledExample};
use crate::image;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

/// The number of images in memory at once if the caller only sums them.
const BATCH: usize = 64;

/// The features of a set of images.
pub(super) struct Observed {
    /// Sorted by SHA-256, then by name.
    pub(super) examples: Vec<LabelledExample>,
    /// The images that could not be read; already reported on stderr.
    pub(super) failures: Vec<Failure>,
}

/// An image that could not be read.
pub(super) struct Failure {
    pub(super) name: String,
    pub(super) error: Error,
}

impl Failure {
    /// The failure as JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::json!({ "file": self.name, "error": error_json(&self.error) })
    }
}

/// Extracts the features of the images in the arguments.
///
/// # Errors
/// Those of [`labelled`]. An image that cannot be read is one of the returned failures.
pub(super) fn examples(extractor: &FeatureExtractor, arguments: &ImageArguments) -> Result<Observed> {
    let mut examples = Vec::new();
    let failures = each(extractor, arguments, |batch| {
        examples.extend(batch);
        Ok(())
    })?;
    Ok(Observed { examples, failures })
}

/// Extracts the features of the images in the arguments, and passes them to `take` in batches, in the order of
/// [`Observed`].
///
/// # Errors
/// Those of [`labelled`] and `take`.
pub(super) fn each(
    extractor: &FeatureExtractor,
    arguments: &ImageArguments,
    mut take: impl FnMut(Vec<LabelledExample>) -> Result<()>,
) -> Result<Vec<Failure>> {
    let images = labelled(extractor, arguments)?;
    let spinner = progress::spinner(format!("reading {} images", images.len()));
    let hashed: Vec<_> = images.into_par_iter().map(|p| (hash(&p.path), p)).collect();
    spinner.finish_and_clear();
    let run = Run {
        extractor,
        cache: if arguments.no_cache { None } else { Cache::of(extractor) },
        unwritten: AtomicBool::new(false),
        bar: progress::bar(hashed.len()),
    };
    let mut failures = Vec::new();
    let mut images = Vec::with_capacity(hashed.len());
    for (sha256, image) in hashed {
        match sha256 {
            Ok(sha256) => images.push(Hashed { name: image.path.display().to_string(), sha256, image }),
            Err(error) => failures.push(run.failure(image.path.display().to_string(), error)),
        }
    }
    images.sort_by(|a, b| (&a.sha256, &a.name).cmp(&(&b.sha256, &b.name)));
    // The same image under several names is run once.
    let groups: Vec<&[Hashed]> = images.chunk_by(|a, b| a.sha256 == b.sha256).collect();
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
    image: Labelled,
}

impl Hashed {
    fn example(&self, observation: &ExtractedFeatures) -> LabelledExample {
        let (name, sha256, observation) = (self.name.clone(), self.sha256.clone(), observation.clone());
        LabelledExample { name, sha256, label: self.image.label, head: self.image.head, observation }
    }
}

struct Run<'a> {
    extractor: &'a FeatureExtractor,
    cache: Option<Cache>,
    /// Whether writing to the cache has failed, which is reported once.
    unwritten: AtomicBool,
    bar: indicatif::ProgressBar,
}

impl Run<'_> {
    /// Extracts the features of files with equal content.
    fn group(&self, group: &[Hashed]) -> Result<ExtractedFeatures> {
        let Hashed { sha256, image, .. } = &group[0];
        let observation = match self.cache.as_ref().and_then(|cache| cache.read(sha256)) {
            Some(observation) => Ok(observation),
            None => self.fresh(&image.path, sha256),
        };
        self.bar.inc(group.len() as u64);
        observation
    }

    fn fresh(&self, path: &Path, sha256: &str) -> Result<ExtractedFeatures> {
        let name = path.display().to_string();
        let bytes = fs::read_image(path)?;
        if hexadecimal(&Sha256::digest(&bytes)) != sha256 {
            let source = io::Error::other("a file that changes while it is read");
            return Err(ErrorKind::Read { path: name, source }.into());
        }
        let observation = self.extractor.run(&image::decode(&name, &bytes)?)?;
        if let Some(Err(error)) = self.cache.as_ref().map(|cache| cache.write(sha256, &observation)) {
            if !self.unwritten.swap(true, Ordering::Relaxed) {
                self.bar.suspend(|| eprintln!("note: the feature cache cannot be written: {}", error_text(&error)));
            }
        }
        Ok(observation)
    }

    fn failure(&self, name: String, error: Error) -> Failure {
        self.bar.suspend(|| eprintln!("error: {}", error_text(&error)));
        Failure { name, error }
    }
}

fn hash(path: &Path) -> Result<String> {
    Ok(hexadecimal(&Sha256::digest(fs::read_image(path)?)))
}
