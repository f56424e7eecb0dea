//! Images: labels, reuse of computed features, and fits that follow changed labels.

use super::{about, b, merged, observe, observed, png, state, told};
use polyhead::project::{FitOptions, ImageInfo, MergeOptions};
use polyhead::rule::RuleKind;
use serde_json::Value;

fn json(view: impl serde::Serialize) -> Value {
    serde_json::to_value(view).unwrap()
}

#[test]
fn features_are_computed_once_per_content() {
    let mut project = merged();
    let first = json(observe(&mut project, about("x.png", "cat"), &png(1)).unwrap());
    assert_eq!(
        (&first["known"], &first["fresh"], &first["width"]),
        (&Value::Bool(false), &Value::Bool(true), &16.into())
    );
    let again = json(observe(&mut project, about("y.png", "cat"), &png(1)).unwrap());
    assert_eq!((&again["id"], &again["name"], &again["known"]), (&first["id"], &"x.png".into(), &Value::Bool(true)));
    let other = json(observe(&mut project, about("x.png", "dog"), &png(1)).unwrap());
    assert_ne!(other["id"], first["id"]);
    assert_eq!(other["name"], "x.png (2)");
    assert_eq!(state(&project)["images"].as_array().unwrap().len(), 2);
}

#[test]
fn labels_change_without_new_features() {
    let mut project = merged();
    let view =
        json(observe(&mut project, ImageInfo { name: "x.png".into(), ..ImageInfo::default() }, &png(1)).unwrap());
    assert_eq!(view["label"], Value::Null);
    assert_eq!(told(project.check(None).map(|_| ())), ("no-images", Some("images"), None));
    let id = view["id"].as_u64().unwrap() as u32;
    let edited = json(project.edit_image(id, |about| about.label = Some("shoe".into())).unwrap());
    assert_eq!(edited["label"], "shoe");
    assert_eq!(project.check(None).unwrap().images, 1);
    let refused = project.edit_image(id, |about| about.label = Some("boat".into())).err().unwrap();
    assert_eq!(
        refused.to_string(),
        "x.png: expected a label of the model, found 'boat'; the labels are cat, dog, shirt, trousers, shoe; rename it, or \
         leave these images out"
    );
    let wrong_head = project.edit_image(id, |about| about.head = Some("a".into()));
    assert_eq!(told(wrong_head).0, "no-such-label");
    assert_eq!(state(&project)["images"][0]["label"], "shoe");
    project.remove_image(id).unwrap();
    assert_eq!(told(project.remove_image(id)).0, "no-such-item");
}

#[test]
fn another_merge_keeps_labels_and_drops_features() {
    let mut project = observed();
    assert_eq!(state(&project)["images"][0]["fresh"], true);
    // The same models in the same order have the same features.
    project.merge(MergeOptions::default()).unwrap();
    assert_eq!(state(&project)["images"][0]["fresh"], true);
    let gone = project.model_named(b().name).unwrap();
    project.remove_model(gone).unwrap();
    project.merge(MergeOptions::default()).unwrap();
    let images = state(&project)["images"].clone();
    assert_eq!((&images[0]["fresh"], &images[0]["label"]), (&Value::Bool(false), &"cat".into()));
    assert_eq!(images[14]["label"], Value::Null);
    let id = images[0]["id"].as_u64().unwrap() as u32;
    let about = ImageInfo { name: "renamed.png".into(), id: Some(id), ..ImageInfo::default() };
    let again = json(observe(&mut project, about, &png(11)).unwrap());
    assert_eq!(
        (&again["fresh"], &again["label"], &again["name"]),
        (&Value::Bool(true), &"cat".into(), &"cat/0.png".into())
    );
}

#[test]
fn two_halves_of_evidence_add_up() {
    let mut project = observed();
    let half = |head: &str| polyhead::project::EvidenceOptions { head: Some(head.into()), ..Default::default() };
    let halves = [project.evidence(&half("a")).unwrap(), project.evidence(&half("b")).unwrap()];
    let by_images =
        project.fit(FitOptions { rule: RuleKind::Retrained.into(), ..FitOptions::default() }).unwrap().clone();
    assert_eq!(by_images["best"], "retrained");

    let mut other = merged();
    for (at, bytes) in halves.into_iter().enumerate() {
        other.add_evidence(&format!("{at}.evidence"), bytes).unwrap();
    }
    let counts: Vec<u64> = state(&other)["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|e| e["summary"]["labels"].as_array().unwrap().clone())
        .map(|label| label["images"].as_u64().unwrap())
        .collect();
    assert_eq!(counts, [3, 3, 3, 0, 0, 0, 0, 0, 3, 3]);
    let fit = other.fit(FitOptions { rule: RuleKind::Retrained.into(), ..FitOptions::default() }).unwrap();
    assert_eq!(fit["measured"], "estimate");
    assert_eq!(other.take(None).unwrap()["rule"]["name"], "retrained");
    assert_eq!(other.take(Some("concat")).unwrap()["rule"]["name"], "concat");
    assert_eq!(state(&other)["taken"]["name"], "concat");
    assert_eq!(told(other.take(Some("best"))).0, "option");
    let id = state(&other)["evidence"][0]["id"].as_u64().unwrap() as u32;
    other.remove_evidence(id).unwrap();
    assert!(state(&other)["fit"].is_null());
    assert_eq!(
        told(other.add_evidence("x", b"nothing".to_vec()).map(|_| ())),
        ("malformed-evidence", Some("evidence"), None)
    );
}
