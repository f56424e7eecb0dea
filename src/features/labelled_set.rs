//! Sets of labelled images with some or all of the model's features.

use super::{ExtractedFeatures, FeatureLayout, LabelledExample, Pooling};

/// Labelled images with the features of one layout.
#[derive(Clone, Debug)]
pub struct LabelledSet {
    /// The set's name in messages, such as the path of its file.
    pub name: String,
    /// Some kinds of the model's layout.
    pub layout: FeatureLayout,
    pub examples: Vec<LabelledExample>,
}

impl LabelledSet {
    /// Whether the images have the features of this kind, if the model has any.
    pub fn has(&self, pool: Pooling, model: &FeatureLayout) -> bool {
        self.layout.only(&[pool]) == model.only(&[pool])
    }

    /// The images with only the features of `layout`, a part of the set's.
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
    /// The example with the features at these indices.
    pub(super) fn select(self, columns: &[usize]) -> LabelledExample {
        let ExtractedFeatures { features, logits } = self.observation;
        let features = columns.iter().filter_map(|&column| features.get(column).copied()).collect();
        LabelledExample { observation: ExtractedFeatures { features, logits }, ..self }
    }
}
