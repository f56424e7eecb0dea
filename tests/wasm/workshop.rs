//! The workshop's bindings: the demo pair in every step, in a browser.

use super::{blob, demo, get, keys, ranked, thrown};
use js_sys::{Array, Object, Reflect, Uint8Array};
use polyhead::wasm::workshop::Workshop;
use polyhead::wasm::Classifier;
use serde_json::Value;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;
use web_sys::Blob;

/// A plain object.
fn object(json: Value) -> JsValue {
    js_sys::JSON::parse(&json.to_string()).unwrap()
}

fn json(value: &JsValue) -> Value {
    serde_json::from_str(&String::from(js_sys::JSON::stringify(value).unwrap())).unwrap()
}

fn files(all: &[(&str, &[u8])]) -> JsValue {
    let file = |(path, bytes): &(&str, &[u8])| {
        let object = Object::new();
        Reflect::set(&object, &"path".into(), &(*path).into()).unwrap();
        Reflect::set(&object, &"content".into(), &blob(bytes)).unwrap();
        object
    };
    all.iter().map(file).collect::<Array>().into()
}

/// The bytes of a file made by the workshop.
async fn bytes(file: Blob) -> Vec<u8> {
    Uint8Array::new(&JsFuture::from(file.array_buffer()).await.unwrap()).to_vec()
}

/// The demo pair as dropped files, not merged yet.
async fn dropped() -> Workshop {
    let mut workshop = Workshop::new();
    let preprocessing = include_bytes!("../../models/trash.preprocess.json").as_slice();
    let drop = files(&[
        ("trash.onnx", demo::TRASH),
        ("trash.labels.txt", include_bytes!("../../models/trash.labels.txt")),
        ("trash.preprocess.json", preprocessing),
        ("clothes.onnx", demo::CLOTHES),
        ("clothes.labels.txt", include_bytes!("../../models/clothes.labels.txt")),
        ("clothes.preprocess.json", preprocessing),
    ]);
    assert_eq!(json(&workshop.add_files(drop).await.unwrap())["unused"], serde_json::json!([]));
    // They are sorted by name; the demo has the other order.
    workshop.move_model(2, 0).unwrap();
    workshop
}

fn about(name: &str, label: &str) -> JsValue {
    object(serde_json::json!({ "name": name, "label": label, "unseen": true }))
}

#[wasm_bindgen_test]
async fn demo_pair_in_every_step() {
    let mut workshop = dropped().await;
    let merged = json(&workshop.merge(JsValue::UNDEFINED).unwrap());
    assert_eq!(merged["proof"]["exact"], true);
    assert_eq!(merged["output"], Value::Null);
    assert!(bytes(workshop.download(JsValue::UNDEFINED).unwrap()).await == demo::merged());

    let image = blob(demo::IMAGE);
    let first = json(&workshop.observe(image.clone(), about("a.png", "t-shirt")).await.unwrap());
    assert_eq!((&first["known"], &first["head"]), (&Value::Bool(false), &Value::Null));
    let again = json(&workshop.observe(image.clone(), about("b.png", "t-shirt")).await.unwrap());
    assert_eq!((&again["known"], &again["id"], &again["name"]), (&Value::Bool(true), &first["id"], &"a.png".into()));
    let checked = json(&workshop.check(JsValue::UNDEFINED).unwrap());
    assert_eq!((&checked["report"]["images"], &checked["wanted"]), (&1.into(), &serde_json::json!(["a.png"])));
    let page = workshop.check_page(object(serde_json::json!({ "a.png": "blob:x" }))).unwrap();
    assert!(page.contains("<img src=\"blob:x\""), "{page}");

    // Evidence of the command line belongs to the same model here.
    let evidence = blob(include_bytes!("../../models/demo.evidence")).unchecked_into();
    let shown = json(&workshop.add_evidence("demo.evidence".into(), evidence).await.unwrap());
    assert_eq!(shown["summary"]["total"], 796);
    let id = first["id"].as_u64().unwrap() as u32;
    workshop.remove_image(id).unwrap();
    let fitted = json(&workshop.fit(JsValue::UNDEFINED).unwrap());
    assert_eq!(fitted["best"], "gated");
    // The figures of `polyhead fit --evidence models/demo.evidence`.
    for (rule, accuracy, nll) in
        [("concat", 0.953518, 0.262649), ("gated", 0.993719, 0.020847), ("retrained", 0.991206, 0.029502)]
    {
        let row = fitted["comparison"].as_array().unwrap().iter().find(|row| row["rule"] == rule).unwrap();
        for (key, expected) in [("accuracy", accuracy), ("nll", nll)] {
            let found = row[key].as_f64().unwrap();
            assert!((found - expected).abs() < 1e-4, "{rule} {key}: expected {expected}, found {found}");
        }
    }
    assert_eq!(json(&workshop.take(None).unwrap())["rule"]["name"], "gated");

    let file = bytes(workshop.download(JsValue::UNDEFINED).unwrap()).await;
    let classifier = Classifier::new(Some(file.clone())).unwrap();
    let theirs = ranked(&classifier.classify(image.clone(), JsValue::UNDEFINED).await.unwrap());
    assert_eq!(ranked(&workshop.classify(image, JsValue::UNDEFINED).await.unwrap()), theirs);
    let half = object(serde_json::json!({ "weightFormat": "f16" }));
    assert!(workshop.download(half).unwrap().size() < file.len() as f64 * 0.6);
    assert!(json(&workshop.texts(JsValue::UNDEFINED).unwrap())["python"].as_str().unwrap().contains("\"merged.onnx\""));

    let state = json(&workshop.state().unwrap());
    let saved = workshop.save(files(&[("thumbnails/x.jpg", b"x")])).await.unwrap();
    let mut opened = Workshop::new();
    let extra = Array::from(&opened.open(saved).await.unwrap());
    assert_eq!(get(&extra.get(0), "path").as_string().as_deref(), Some("thumbnails/x.jpg"));
    let mut again = json(&opened.state().unwrap());
    again["unsaved"] = true.into();
    // Numbers read from a file may differ in their last digit.
    for part in ["models", "options", "merge", "images", "evidence", "unsaved", "stale"] {
        assert_eq!(again[part], state[part], "{part}");
    }
    assert_eq!(again["taken"]["name"], "gated");
}

#[wasm_bindgen_test]
async fn errors_name_the_field_and_the_model() {
    let mut workshop = dropped().await;
    let early = workshop.observe(blob(demo::IMAGE), about("a.png", "t-shirt")).await;
    assert_eq!(thrown(early)[1], "not-merged");
    let state = json(&workshop.edit_model(1, object(serde_json::json!({ "name": "trash" }))).unwrap());
    assert_eq!(state["stated"]["name"], "trash");
    let error = workshop.merge(JsValue::UNDEFINED).err().unwrap();
    assert_eq!(
        ["code", "field", "model"].map(|key| get(&error, key).as_string().unwrap()),
        ["duplicate-head", "name", "trash"]
    );
    assert!(get(&error, "modelId").as_f64().is_some());
    let state = json(&workshop.edit_model(1, object(serde_json::json!({ "name": null, "labels": "a\nb" }))).unwrap());
    assert_eq!((&state["stated"]["name"], &state["error"]["field"]), (&Value::Null, &"labels".into()));
    assert_eq!(thrown(workshop.merge(object(serde_json::json!({ "weight": "f16" }))))[1], "option");
    assert_eq!(thrown(workshop.add_files("a file".into()).await)[1], "option");
    assert_eq!(thrown(workshop.open(blob(b"PK").unchecked_into()).await)[1], "not-a-project");
    assert_eq!(keys(&workshop.state().unwrap()).len(), 9);
}
