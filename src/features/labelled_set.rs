//! Sets of labelled images whose features may be a part of the model's.

use super::{ExtractedFeatures, FeatureLayout, LabelledExample, Pooling};

/// Labelled images with the features of one layout.
#[derive(Clone, Debug)]
pub struct LabelledSet {
    /// What messages call it: the file's path, say.
    pub name: String,
    /// The sections of some kinds of the model's layout.
    pub layout: FeatureLayout,
    pub examples: Vec<LabelledExample>,
}

impl LabelledSet {
    /// Whether the images have the features of this kind, where the model has some.
    pub fn has(&self, pool: Pooling, model: &FeatureLayout) -> bool {
        self.layout.only(&[pool]) == model.only(&[pool])
    }

    /// The images with the features of `layout` alone, which is a part of the set's.
    pub fn select(self, layout: &FeatureLayout) -> Vec<LabelledExample> {
        match layout.columns(&self.layout) {
            Some(columns) if *layout != self.layout => {
                self.examples.into_iter().map(|example| example.select(&columns)).collect()
            }
            _ => self.examples,
        }
    }
}

impl LabelledExample {
    /// The example with the features at these places.
    pub(super) fn select(self, columns: &[usize]) -> LabelledExample {
        let ExtractedFeatures { features, logits } = self.observation;
        let features = columns.iter().filter_map(|&column| features.get(column).copied()).collect();
        LabelledExample { observation: ExtractedFeatures { features, logits }, ..self }
    }
}
