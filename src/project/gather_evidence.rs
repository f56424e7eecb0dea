//! Sums labelled images to evidence, for all interfaces.

use crate::error::{ErrorKind, Result, Setting};
use crate::evidence::{self, Evidence, EvidenceBuilder, Storage};
use crate::features::{FeatureExtractor, LabelledExample, Pooling};
use crate::limits;
use serde::{Deserialize, Serialize};

/// The options of an evidence file.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(target_arch = "wasm32", derive(tsify::Tsify))]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
pub struct EvidenceOptions {
    /// Includes only the labels of this head.
    pub head: Option<String>,
    pub features: Vec<Pooling>,
    /// 1, or 2 to 20 folds with disjoint images.
    pub folds: usize,
    /// `None` chooses by the width.
    pub storage: Option<Storage>,
}

impl Default for EvidenceOptions {
    fn default() -> Self {
        EvidenceOptions { head: None, features: Pooling::ALL.to_vec(), folds: 1, storage: None }
    }
}

/// Evidence that accumulates labelled images.
pub struct EvidenceSums<'a> {
    extractor: &'a FeatureExtractor,
    builder: EvidenceBuilder,
    /// The head whose images count, if only one.
    pub head: Option<usize>,
    /// The number of values summed per image.
    pub width: usize,
    /// The file size, in bytes.
    pub bytes: u64,
}

impl<'a> EvidenceSums<'a> {
    /// Empty evidence.
    ///
    /// # Errors
    /// `option`, `unknown-head`; `limit` if the file would be too large.
    pub fn new(extractor: &'a FeatureExtractor, options: &EvidenceOptions) -> Result<EvidenceSums<'a>> {
        let EvidenceOptions { head, features, folds, storage } = options;
        if !(1..=20).contains(folds) {
            return Err(ErrorKind::option("folds", "1 to 20 parts", folds).into());
        }
        let head = head.as_deref().map(|head| extractor.find_head(Setting::Head, head)).transpose()?;
        let columns = extractor.members().len();
        let width = extractor.layout().only(features).width() + columns;
        let bytes = evidence::bytes(width, columns, *folds, storage.unwrap_or_else(|| Storage::of_width(width)));
        let remedy = "take fewer kinds of features, fewer parts, or 32-bit sums";
        limits::ensure_at_most(|| "evidence".into(), "bytes", limits::EVIDENCE_BYTES, bytes, remedy)?;
        Ok(EvidenceSums { builder: EvidenceBuilder::empty(extractor, features, *folds), extractor, head, width, bytes })
    }

    /// Adds labelled images in their order.
    ///
    /// # Errors
    /// As [`EvidenceBuilder::add`].
    pub fn add(&mut self, examples: &[LabelledExample]) -> Result<()> {
        self.builder.add(self.extractor, examples)
    }

    /// # Errors
    /// As [`EvidenceBuilder::build`].
    pub fn finish(self) -> Result<Evidence> {
        self.builder.build()
    }
}
