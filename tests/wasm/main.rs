//! The core and its bindings in a real browser: the demo pair is merged there, and its rankings are compared with the
//! golden ones of the native tests.
#![cfg(target_arch = "wasm32")]

mod demo;
#[cfg(feature = "complete")]
mod kernels;
#[path = "../native/kernels.rs"]
mod kernels_of_native;
#[path = "../native/non_finite.rs"]
mod non_finite;
mod non_finite_answers;
#[allow(dead_code)] // the native tests use all of it
#[path = "../native/tiny.rs"]
mod tiny;
#[cfg(feature = "workshop")]
mod workshop;

use js_sys::{Array, Object, Promise, Reflect, Uint8Array};
use polyhead::wasm::Classifier;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::Blob;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// The bindings' classifier over the merged demo pair.
fn classifier() -> Classifier {
    Classifier::new(Some(demo::merged())).unwrap()
}

fn blob(bytes: &[u8]) -> JsValue {
    Blob::new_with_u8_array_sequence(&Array::of1(&Uint8Array::from(bytes))).unwrap().into()
}

fn get(object: &JsValue, key: &str) -> JsValue {
    Reflect::get(object, &key.into()).unwrap()
}

/// The names of an object's own properties, sorted.
fn keys(object: &JsValue) -> Vec<String> {
    let mut keys: Vec<_> =
        Object::keys(object.unchecked_ref::<Object>()).iter().filter_map(|key| key.as_string()).collect();
    keys.sort();
    keys
}

/// The ranked labels with their probabilities, in the ranking's order.
fn ranked(answer: &JsValue) -> Vec<(String, f64)> {
    Array::from(&get(answer, "labels"))
        .iter()
        .map(|row| (get(&row, "label").as_string().unwrap(), get(&row, "probability").as_f64().unwrap()))
        .collect()
}

/// `name`, `code` and `message` of a thrown value, which must be an `Error`.
fn thrown(result: Result<impl Sized, JsValue>) -> [String; 3] {
    let error = result.err().unwrap();
    assert!(error.is_instance_of::<js_sys::Error>());
    ["name", "code", "message"].map(|key| get(&error, key).as_string().unwrap())
}

async fn classify(classifier: &Classifier, source: JsValue) -> Result<JsValue, JsValue> {
    classifier.classify(source, JsValue::UNDEFINED).await
}

#[wasm_bindgen_test]
async fn images_give_the_golden_ranking() {
    let classifier = classifier();
    for (image, golden, bound) in demo::golden() {
        let answer = classify(&classifier, blob(image)).await.unwrap();
        let ranked = ranked(&answer);
        assert_eq!(ranked.len(), golden.len());
        assert!(ranked.windows(2).all(|pair| pair[0].1 >= pair[1].1), "{ranked:?}");
        for (label, probability) in ranked {
            let difference = (probability - golden[&label]).abs();
            assert!(difference < bound, "{label}: expected {}, found {probability}", golden[&label]);
        }
    }
}

#[wasm_bindgen_test]
async fn ranking_is_a_plain_object() {
    let answer = classify(&classifier(), blob(demo::IMAGE)).await.unwrap();
    assert_eq!(keys(&answer), ["heads", "labels", "milliseconds"]);
    assert_eq!(keys(&Array::from(&get(&answer, "labels")).get(0)), ["heads", "label", "probability"]);
    assert!(get(&answer, "milliseconds").as_f64().unwrap() > 0.0);
}

#[wasm_bindgen_test]
async fn options_limit_the_labels() {
    let classifier = classifier();
    let all = ranked(&classify(&classifier, blob(demo::IMAGE)).await.unwrap());
    let options = Object::new();
    Reflect::set(&options, &"topK".into(), &2.into()).unwrap();
    let answer = classifier.classify(blob(demo::IMAGE), options.clone().into()).await.unwrap();
    assert_eq!(ranked(&answer), all[..2]);
    Reflect::set(&options, &"topK".into(), &(-2).into()).unwrap();
    let [name, code, _] = thrown(classifier.classify(blob(demo::IMAGE), options.into()).await);
    assert_eq!((name.as_str(), code.as_str()), ("PolyheadError", "option"));
}

#[wasm_bindgen_test]
async fn error_not_an_image() {
    let classifier = classifier();
    let mut broken = demo::IMAGE.to_vec();
    broken.truncate(broken.len() / 2);
    broken[60..200].fill(0x55);
    for (source, expected) in [
        (blob(b"a diary, named .jpg"), "not-an-image"),
        (blob(b""), "not-an-image"),
        (blob(&broken), "broken-image"),
        (blob(&header(20_000, 20_000)), "limit"),
        (JsValue::from("a name"), "source"),
        (JsValue::NULL, "source"),
    ] {
        let [name, code, message] = thrown(classify(&classifier, source).await);
        assert_eq!((name.as_str(), code.as_str()), ("PolyheadError", expected), "{message}");
    }
}

#[wasm_bindgen_test]
async fn pixels_and_bitmaps_are_sources_too() {
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = createImageBitmap)]
        fn create_image_bitmap(source: &JsValue) -> Promise;
    }
    let classifier = classifier();
    let blob = blob(demo::IMAGE);
    let expected = ranked(&classify(&classifier, blob.clone()).await.unwrap());
    let bitmap = JsFuture::from(create_image_bitmap(&blob)).await.unwrap();
    assert_eq!(ranked(&classify(&classifier, bitmap).await.unwrap()), expected);
    let white = web_sys::ImageData::new_with_sw(1, 1).unwrap();
    assert_eq!(ranked(&classify(&classifier, white.into()).await.unwrap()).len(), 10);
}

#[wasm_bindgen_test]
fn error_not_a_model() {
    assert_eq!(thrown(Classifier::new(Some(b"no model".to_vec())))[1], "not-onnx");
    assert_eq!(thrown(Classifier::new(Some(demo::TRASH.to_vec())))[1], "metadata");
    assert_eq!(
        thrown(Classifier::new(None)),
        [
            "PolyheadError",
            "no-model",
            "this wasm module: expected a model in the section 'polyhead.model', found none; add one with polyhead embed"
        ]
    );
}

#[wasm_bindgen_test]
fn labels_and_heads_have_the_models_order() {
    let classifier = classifier();
    assert_eq!(classifier.heads(), ["trash", "clothes"]);
    let labels = Array::from(&classifier.labels().unwrap());
    assert_eq!(labels.length(), 10);
    assert_eq!(get(&labels.get(5), "label").as_string().as_deref(), Some("shirt"));
    assert_eq!(Array::from(&get(&labels.get(5), "heads")).get(0).as_string().as_deref(), Some("clothes"));
}

/// The start of a PNG of this size.
fn header(width: u32, height: u32) -> Vec<u8> {
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(width.to_be_bytes());
    png.extend(height.to_be_bytes());
    png.extend([8, 2, 0, 0, 0]);
    png
}
