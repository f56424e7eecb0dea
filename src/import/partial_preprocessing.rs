//! Combines partial preprocessing from several sources.

use super::{Note, Provenance, WithProvenance};
use crate::image::preprocess::{ChannelOrder, Filter, Preprocessing, ResizeMode};

/// The preprocessing fields from one source. Each group is set as a whole, as a mean belongs to its range.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Partial {
    /// Width and height.
    pub size: Option<[u32; 2]>,
    pub fit: Option<Shape>,
    pub filter: Option<Resampling>,
    pub values: Option<Values>,
    pub channels: Option<ChannelOrder>,
}

/// The resize mode, and the length of the short side before a crop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Shape(pub ResizeMode, pub Option<u32>);

/// The filter, and whether it is widened when shrinking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Resampling(pub Filter, pub bool);

/// The values that 0 and 255 map to, then mean and standard deviation per channel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Values {
    pub range: [f32; 2],
    pub mean: [f32; 3],
    pub std: [f32; 3],
}

/// Mean and standard deviation of ImageNet's images in 0..1, per channel, as torchvision normalises them.
pub(super) const IMAGENET: ([f32; 3], [f32; 3]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);

impl Values {
    pub(super) fn range(low: f32, high: f32) -> Values {
        Values { range: [low, high], mean: [0.0; 3], std: [1.0; 3] }
    }
}

impl From<&Preprocessing> for Partial {
    fn from(whole: &Preprocessing) -> Partial {
        Partial {
            size: Some([whole.width, whole.height]),
            fit: Some(Shape(whole.fit, whole.resize_to)),
            filter: Some(Resampling(whole.filter, whole.antialias)),
            values: Some(Values { range: whole.range, mean: whole.mean, std: whole.std }),
            channels: Some(whole.channels),
        }
    }
}

impl Partial {
    /// A complete preprocessing with these fields and the others from `base`.
    pub(super) fn over(&self, base: &Preprocessing) -> Preprocessing {
        let mut whole = base.clone();
        if let Some([width, height]) = self.size {
            (whole.width, whole.height) = (width, height);
        }
        if let Some(Shape(fit, resize_to)) = self.fit {
            (whole.fit, whole.resize_to) = (fit, resize_to);
        }
        if let Some(Resampling(filter, antialias)) = self.filter {
            (whole.filter, whole.antialias) = (filter, antialias);
        }
        if let Some(Values { range, mean, std }) = self.values {
            (whole.range, whole.mean, whole.std) = (range, mean, std);
        }
        whole.channels = self.channels.unwrap_or(base.channels);
        whole
    }

    /// Fills missing fields from `other`; returns the names of the fields filled.
    fn fill(&mut self, other: &Partial) -> Vec<&'static str> {
        let mut taken = Vec::new();
        fn take<T: Copy>(own: &mut Option<T>, other: Option<T>, name: &'static str, taken: &mut Vec<&'static str>) {
            if own.is_none() && other.is_some() {
                *own = other;
                taken.push(name);
            }
        }
        take(&mut self.size, other.size, "size", &mut taken);
        take(&mut self.fit, other.fit, "fit", &mut taken);
        take(&mut self.filter, other.filter, "filter", &mut taken);
        take(&mut self.values, other.values, "range", &mut taken);
        take(&mut self.channels, other.channels, "channels", &mut taken);
        taken
    }
}

/// The stated preprocessing, or one combined from the candidates, the most trusted first, and the guess for missing
/// fields. The graph determines width, height and layout, which are in the guess. Disagreements are added to the list.
pub(super) fn choose(
    stated: Option<&WithProvenance<Preprocessing>>,
    candidates: &[WithProvenance<Partial>],
    guess: &WithProvenance<Preprocessing>,
    disagreements: &mut Vec<Note>,
) -> WithProvenance<Preprocessing> {
    if let Some(stated) = stated {
        disagree(&stated.value, candidates, disagreements);
        return stated.clone();
    }
    let mut sum = Partial::default();
    let mut parts = Vec::new();
    for candidate in candidates {
        let taken = sum.fill(&candidate.value);
        if !taken.is_empty() {
            parts.push((candidate.from.clone(), taken));
        }
    }
    let mut value = sum.over(&guess.value);
    if let Some([width, height]) = sum.size.filter(|&s| s != [guess.value.width, guess.value.height]) {
        let (own_width, own_height) = (guess.value.width, guess.value.height);
        let from = parts.first().map_or(Provenance::Missing, |part| part.0.clone());
        let (found, taken) = ([width, height], [own_width, own_height]);
        disagreements.push(Note::OtherSize { found, from, taken });
        (value.width, value.height) = (own_width, own_height);
    }
    // A short side that does not cover the crop belongs to another input size.
    value.resize_to = value.resize_to.filter(|&short| short >= value.width.max(value.height));
    disagree(&value, candidates, disagreements);
    let missing: Vec<&'static str> =
        [("fit", sum.fit.is_none()), ("filter", sum.filter.is_none()), ("range", sum.values.is_none())]
            .into_iter()
            .filter_map(|(name, missing)| missing.then_some(name))
            .collect();
    WithProvenance { value, from: provenance(parts, missing, &guess.from) }
}

/// Every field in which a candidate differs from the value used; sizes come from the graph.
fn disagree(value: &Preprocessing, candidates: &[WithProvenance<Partial>], disagreements: &mut Vec<Note>) {
    for candidate in candidates {
        let mut said = candidate.value.clone();
        said.size = None;
        for difference in value.differences(&said.over(value)) {
            disagreements.push(Note::OtherPreprocessing {
                field: difference.field,
                taken: difference.ours,
                found: difference.theirs,
                from: candidate.from.clone(),
            });
        }
    }
}

/// The provenance of each field; a single source that provides all fields is reported alone.
fn provenance(
    mut parts: Vec<(Provenance, Vec<&'static str>)>,
    missing: Vec<&'static str>,
    guess: &Provenance,
) -> Provenance {
    match (parts.as_mut_slice(), missing.is_empty()) {
        ([], _) => guess.clone(),
        ([(only, _)], true) => std::mem::replace(only, Provenance::Missing),
        (_, true) => Provenance::Parts(parts),
        (_, false) => {
            parts.push((guess.clone(), missing));
            Provenance::Parts(parts)
        }
    }
}
