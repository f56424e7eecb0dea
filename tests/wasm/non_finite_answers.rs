//! Models with unusual weights in a browser: an error or a ranking, never NaN, and the same bits every time.

use crate::{classify, get, keys, non_finite, ranked};
use polyhead::wasm::Classifier;
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

#[wasm_bindgen_test]
async fn unusual_weights_give_an_error_or_a_ranking_never_nan() {
    let (mut answers, mut errors) = (0, 0);
    for (what, bytes) in non_finite::models() {
        let classifier = Classifier::new(Some(bytes)).unwrap();
        let image = || web_sys::ImageData::new_with_sw(20, 30).unwrap().into();
        match classify(&classifier, image()).await {
            Ok(answer) => {
                let labels = ranked(&answer);
                let sum: f64 = labels.iter().map(|(_, probability)| probability).sum();
                assert!((sum - 1.0).abs() < 1e-5, "{what}: {labels:?}");
                assert_eq!(labels.len(), 5, "{what}");
                let again = classify(&classifier, image()).await.unwrap();
                assert_eq!(ranked(&again), labels, "{what}: other bits from the same image");
                answers += 1;
            }
            Err(error) => {
                assert!(error.is_instance_of::<js_sys::Error>(), "{what}: {:?}", keys(&error));
                assert_eq!(get(&error, "code").as_string().as_deref(), Some("score"), "{what}");
                errors += 1;
            }
        }
    }
    assert!(answers > 10 && errors > 10, "{answers} ranked, {errors} refused");
}
