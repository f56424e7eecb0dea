//! The file format of extracted features of labelled images.
//!
//! 1. the 18 bytes `polyhead features\n`;
//! 2. the header's length in bytes, a u32;
//! 3. the header, JSON: `version` (1), `model` (the fingerprint), `layout` (`[{value, pool, width}]`), `heads`
//!    (`[{name, labels, activation}]`), `labels` (the texts of the merged labels),
//!    `images` (`[{sha256, label, head}]`: the SHA-256 of the image file's bytes; indices into `labels` and `heads`,
//!    `head` null if none was stated);
//! 4. per image: the features [D], then the logits of all heads [C], f32;
//! 5. the SHA-256 of all bytes before it.
//!
//! Numbers are little-endian. The layout may contain only some kinds of the model's features.

use super::checksummed_file::{FileFormat, FileReader};
use super::{ExtractedFeatures, FeatureExtractor, FeatureLayout, LabelledExample, LabelledSet, ModelId, Pooling};
use crate::error::{ErrorKind, Result};
use crate::labels::HeadLabels;
use crate::limits;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

static FORMAT: FileFormat = FileFormat {
    magic: FeaturesFile::MAGIC,
    version: 1,
    malformed: |file, part, expected, found| ErrorKind::MalformedFeatures { file, part, expected, found },
};

#[derive(Serialize, Deserialize)]
struct Header {
    version: u32,
    model: String,
    layout: FeatureLayout,
    heads: Vec<HeadLabels>,
    labels: Vec<String>,
    images: Vec<Image>,
}

#[derive(Serialize, Deserialize)]
struct Image {
    sha256: String,
    label: usize,
    head: Option<usize>,
}

/// Features and logits of labelled images, by one merged model.
#[derive(Clone, Debug)]
pub struct FeaturesFile {
    fingerprint: String,
    layout: FeatureLayout,
    heads: Vec<HeadLabels>,
    labels: Vec<String>,
    examples: Vec<LabelledExample>,
    /// The indices of the features of `layout` in those of an added image.
    columns: Vec<usize>,
    observed: usize,
}

impl FeaturesFile {
    /// The first bytes of every such file.
    pub const MAGIC: &'static str = "polyhead features\n";

    /// A file without images, for the features of these kinds.
    pub fn empty(extractor: &FeatureExtractor, pools: &[Pooling]) -> FeaturesFile {
        let layout = extractor.layout().only(pools);
        FeaturesFile {
            fingerprint: extractor.fingerprint().to_string(),
            columns: layout.columns(extractor.layout()).unwrap_or_default(),
            observed: extractor.layout().width(),
            layout,
            heads: extractor.heads().to_vec(),
            labels: extractor.labels().iter().map(|l| l.label.clone()).collect(),
            examples: Vec::new(),
        }
    }

    /// Adds images whose features the extractor computed.
    ///
    /// # Errors
    /// `different-observation` for features of another model; then no image is added.
    pub fn add(&mut self, examples: Vec<LabelledExample>) -> Result<()> {
        let logits = self.heads.iter().map(|h| h.labels.len()).sum();
        for LabelledExample { label, head, observation: ExtractedFeatures { features, logits: own }, .. } in &examples {
            let sizes = [("features", self.observed, features.len()), ("logits", logits, own.len())];
            let places = [("labels", self.labels.len(), *label), ("heads", self.heads.len(), head.unwrap_or(0))];
            let size = sizes.into_iter().find(|(_, expected, found)| expected != found);
            let place = places.into_iter().find(|(_, count, place)| place >= count);
            if let Some((what, expected, found)) = size.or(place) {
                return Err(ErrorKind::DifferentObservation { what, expected, found }.into());
            }
        }
        self.examples.extend(examples.into_iter().map(|example| example.select(&self.columns)));
        Ok(())
    }

    /// The bytes of the file.
    ///
    /// # Errors
    /// `limit` if there are too many images for a file.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let image = |e: &LabelledExample| Image { sha256: e.sha256.clone(), label: e.label, head: e.head };
        let header = Header {
            version: FORMAT.version,
            model: self.fingerprint.clone(),
            layout: self.layout.clone(),
            heads: self.heads.clone(),
            labels: self.labels.clone(),
            images: self.examples.iter().map(image).collect(),
        };
        let observations = || self.examples.iter().map(|e| &e.observation);
        let numbers = || observations().flat_map(|o| o.features.iter().chain(&o.logits));
        let size = 4 * observations().map(|o| o.features.len() + o.logits.len()).sum::<usize>();
        let bytes = FORMAT.write(&header, size, |bytes| bytes.extend(numbers().flat_map(|v| v.to_le_bytes())));
        let header = (bytes.len() - size) as u64;
        let (subject, remedy) = (|| "features".to_string(), "make several files of fewer images");
        limits::ensure_at_most(subject, "bytes of header", limits::HEADER_BYTES, header, remedy)?;
        limits::ensure_at_most(subject, "bytes", limits::FEATURES_BYTES, bytes.len() as u64, remedy)?;
        Ok(bytes)
    }

    /// Reads the bytes of a file; `file` is its name, for messages. Allocation is bounded by the number of bytes.
    ///
    /// # Errors
    /// `malformed-features` for bytes that are not such a file, are truncated or changed, contradict themselves, or
    /// contain a number that is not finite; `limit` beyond [`limits::FEATURES_BYTES`].
    pub fn from_bytes(file: &str, bytes: &[u8]) -> Result<FeaturesFile> {
        let (subject, remedy) = (|| format!("features '{file}'"), "make several files of fewer images");
        limits::ensure_at_most(subject, "bytes", limits::FEATURES_BYTES, bytes.len() as u64, remedy)?;
        let reader = FileReader { format: &FORMAT, file };
        let (header, rest) = reader.header::<Header>(bytes)?;
        let logits = check(&reader, &header)?;
        let features = header.layout.0.iter().try_fold(0usize, |sum, s| sum.checked_add(s.width));
        let size = features.and_then(|f| f.checked_add(logits)?.checked_mul(4 * header.images.len()));
        let numbers = reader.numbers(bytes, rest, size.map_or(u64::MAX, |size| size as u64))?;
        let width = header.layout.width();
        let mut examples = Vec::with_capacity(header.images.len());
        for (at, (image, numbers)) in
            header.images.into_iter().zip(numbers.chunks_exact(4 * (width + logits))).enumerate()
        {
            let name = format!("{file}, image {}", at + 1);
            let mut features: Vec<f32> =
                numbers.chunks_exact(4).filter_map(|b| Some(f32::from_le_bytes(b.try_into().ok()?))).collect();
            if let Some(found) = features.iter().find(|v| !v.is_finite()) {
                return Err(reader.bad(&format!("image {}", at + 1), "finite numbers", found.to_string()));
            }
            let logits = features.split_off(width);
            let Image { sha256, label, head } = image;
            let observation = ExtractedFeatures { features, logits };
            examples.push(LabelledExample { name, sha256, label, head, observation });
        }
        let Header { model: fingerprint, layout, heads, labels, .. } = header;
        Ok(FeaturesFile {
            fingerprint,
            columns: (0..width).collect(),
            observed: width,
            layout,
            heads,
            labels,
            examples,
        })
    }

    /// The images as examples of a model. `label_of` returns the merged label and the head for a label's text and
    /// the stated head, or `None` to skip its images; it is called once per pair, in the order of labels and heads.
    ///
    /// # Errors
    /// `other-model` if another model computed the features; those of `label_of`.
    pub fn examples(
        self,
        file: &str,
        extractor: &FeatureExtractor,
        mut label_of: impl FnMut(&str, Option<usize>) -> Result<Option<(usize, Option<usize>)>>,
    ) -> Result<LabelledSet> {
        let layout = self.model().layout_in(&extractor.model(), || format!("features '{file}'"))?;
        let mut found: BTreeMap<_, _> = self.examples.iter().map(|e| ((e.label, e.head), None)).collect();
        for (&(label, head), place) in &mut found {
            *place = label_of(&self.labels[label], head)?;
        }
        let placed = |example: LabelledExample| {
            let (label, head) = found.get(&(example.label, example.head)).copied()??;
            Some(LabelledExample { label, head, ..example })
        };
        let examples = self.examples.into_iter().filter_map(placed).collect();
        Ok(LabelledSet { name: file.to_string(), layout, examples })
    }

    /// The model that computed the features.
    pub fn model(&self) -> ModelId<'_> {
        ModelId { fingerprint: &self.fingerprint, heads: &self.heads, layout: &self.layout }
    }

    /// Each label of each stated head, with its number of images, in the order of labels and heads.
    pub fn counts(&self) -> Vec<(&str, Option<&str>, usize)> {
        let mut counts = BTreeMap::new();
        self.examples.iter().for_each(|e| *counts.entry((e.label, e.head)).or_insert(0) += 1);
        let row = |((label, head), count): ((usize, Option<usize>), usize)| {
            (self.labels[label].as_str(), head.map(|head| self.heads[head].name.as_str()), count)
        };
        counts.into_iter().map(row).collect()
    }

    /// The number of images.
    pub fn images(&self) -> usize {
        self.examples.len()
    }
}

/// Checks that the header is consistent, and counts the logits.
fn check(reader: &FileReader, header: &Header) -> Result<usize> {
    let logits = reader.check_model(&header.model, &header.heads)?;
    if header.images.is_empty() {
        return Err(reader.bad("images", "at least one", "none"));
    }
    for (at, image) in header.images.iter().enumerate() {
        let part = format!("image {}", at + 1);
        reader.check_sha256(&part, &image.sha256)?;
        for (what, count, place) in
            [("labels", header.labels.len(), Some(image.label)), ("heads", header.heads.len(), image.head)]
        {
            if let Some(place) = place.filter(|&place| place >= count) {
                return Err(reader.bad(&part, format!("one of {count} {what}"), format!("number {place}")));
            }
        }
    }
    Ok(logits)
}
