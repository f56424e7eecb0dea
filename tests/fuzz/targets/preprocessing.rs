//! Preprocessing as JSON: our own, and in the files of other tools.
#![cfg_attr(fuzzing, no_main)]

use polyhead::image::preprocess::Preprocessing;
use polyhead::import::{ImportedModel, Overrides};
use polyhead_fuzz::bundle::Bundle;
use polyhead_fuzz::held::{must, told};
use polyhead_fuzz::tiny::Tiny;
use polyhead_fuzz::{json, model};

/// No tensor with a longer side is computed: it takes longer and covers nothing else.
const SIDE: u32 = 64;

polyhead_fuzz::target!("preprocessing", json::change, |data| {
    if let Some(value) = std::str::from_utf8(data).ok().and_then(|text| told(Preprocessing::from_json(text))) {
        let written = serde_json::to_string(&value).expect("JSON");
        assert_eq!(must("what was written", Preprocessing::from_json(&written)), value);
        tensors(&value);
    }
    let bytes = Tiny::new("model", &["a", "b", "c"]).bytes();
    for name in ["preprocess.json", "preprocessor_config.json", "config.json", "metadata.json", "signature.json"] {
        let beside = Bundle::of([(name, data.to_vec())]);
        let stated = Overrides { placeholders: true, ..Overrides::default() };
        let Some(source) = told(ImportedModel::read("model.onnx", &bytes, &stated, &beside)) else { continue };
        must(name, source.preprocessing.value.validate());
        tensors(&source.preprocessing.value);
    }
});

fn tensors(value: &Preprocessing) {
    if value.width > SIDE || value.height > SIDE {
        return;
    }
    for image in model::images() {
        let tensor = must("a valid preprocessing", value.tensor(image));
        assert_eq!(tensor.len(), value.shape().iter().product::<usize>());
        assert!(!tensor.iter().any(|v| v.is_nan()), "NaN by {value:?}");
    }
}
