//! Dropped files, overrides and merges.

use super::{a, b, edit, file, files, merged, state, told, File};
use crate::exports::{folder, zip};
use crate::tiny::Tiny;
use polyhead::labels::DuplicateLabels;
use polyhead::project::{labels_of_text, MergeOptions, Project};

fn paths(project: &Project) -> Vec<(String, String)> {
    let text = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_string();
    let state = state(project);
    state["models"].as_array().unwrap().iter().map(|m| (text(&m["path"]), text(&m["model"]["name"]))).collect()
}

#[test]
fn exports_as_folders_and_zips_are_found() {
    let mut project = Project::default();
    let mut drop: Vec<File> =
        folder("tfjs").0.into_iter().map(|(name, bytes)| file(&format!("all/machine/{name}"), bytes)).collect();
    drop.extend(folder("liner").0.into_iter().map(|(name, bytes)| file(&format!("all/liner/{name}"), bytes)));
    drop.push(file("all/packed.zip", zip("inner/", &folder("liner"))));
    drop.push(file("all/notes.md", "hello"));
    let dropped = serde_json::to_value(project.add_files(drop)).unwrap();
    // Other files of an export are ignored; expected.json is the tests' own.
    let unused = ["all/liner/model.tflite", "all/machine/expected.json", "all/notes.md"];
    assert_eq!(dropped["unused"], serde_json::json!(unused));
    let expected = [("all/liner", "liner"), ("all/machine", "machine"), ("all/packed.zip", "packed")];
    assert_eq!(paths(&project), expected.map(|(path, name)| (path.to_string(), name.to_string())));
    let tools: Vec<_> = dropped["models"].as_array().unwrap().iter().map(|m| m["tool"].clone()).collect();
    assert_eq!(tools, ["liner.ai", "Teachable Machine", "liner.ai"]);
}

#[test]
fn labels_are_added_later_by_file_or_override() {
    let mut project = Project::default();
    project.add_files(vec![file("a.onnx", a().bytes()), file("b.onnx", b().bytes())]);
    let model = |project: &Project, at: usize| state(project)["models"][at].clone();
    assert_eq!(model(&project, 0)["placeholders"], true);
    assert_eq!(model(&project, 0)["model"]["heads"][0]["labels"][1], "class 1");
    assert_eq!(told(project.merge(MergeOptions::default())), ("labels", Some("labels"), Some("a".into())));

    let dropped = project.add_files(vec![file("x/a.labels.txt", "cat\ndog\nshirt"), file("x/c.labels.txt", "no")]);
    let dropped = serde_json::to_value(dropped).unwrap();
    assert_eq!(dropped["unused"], serde_json::json!(["x/c.labels.txt"]));
    assert_eq!(dropped["models"][0]["model"]["heads"][0]["labels"][1], "dog");

    let id = model(&project, 1)["id"].as_u64().unwrap() as u32;
    let labels = labels_of_text("trousers\nshoe\n").unwrap();
    edit(&mut project, id, |stated| stated.labels = Some(labels)).unwrap();
    assert_eq!(model(&project, 1)["placeholders"], false);
    project.merge(MergeOptions::default()).unwrap();
    assert_eq!(state(&project)["stale"], false);

    // An override that does not fit is an error, and can be undone.
    edit(&mut project, id, |stated| stated.labels = Some(vec!["one".into()])).unwrap();
    assert_eq!(model(&project, 1)["error"]["code"], "labels");
    assert_eq!(model(&project, 1)["error"]["field"], "labels");
    assert_eq!(state(&project)["stale"], true);
    assert!(!state(&project)["merge"].is_null());
    let odd = edit(&mut project, id, |stated| stated.name = Some("\n".into()));
    assert_eq!(told(odd.map(|_| ())).0, "option");
    edit(&mut project, id, |stated| stated.labels = None).unwrap();
    assert_eq!(model(&project, 1)["placeholders"], true);
    assert_eq!(told(project.edit_model(99, |_| Ok(())).map(|_| ())).0, "no-such-item");
}

#[test]
fn files_next_to_an_archive_override_its_description() {
    let mut project = Project::default();
    let drop = vec![
        file("packed.zip", zip("", &folder("liner"))),
        file("packed.labels.txt", "one\ntwo\nthree"),
        file("packed.preprocess.json", "{}"),
    ];
    let dropped = serde_json::to_value(project.add_files(drop)).unwrap();
    assert_eq!(dropped["unused"], serde_json::json!(["packed.preprocess.json"]));
    let model = &state(&project)["models"][0];
    assert_eq!(model["stated"]["labels"], serde_json::json!(["one", "two", "three"]));
    assert_eq!(model["path"], "packed.zip");
}

#[test]
fn refusals_name_the_field() {
    let mut project = Project::default();
    project.add_files([files(&a()), files(&Tiny::new("c", &["shirt", "shoe"]))].concat());
    assert_eq!(told(project.merge(MergeOptions::default())), ("duplicate-label", Some("duplicateLabels"), None));
    let options = MergeOptions { duplicate_labels: DuplicateLabels::Merge, ..MergeOptions::default() };
    assert_eq!(project.merge(options.clone()).unwrap()["labels"].as_array().unwrap().len(), 4);
    let id = state(&project)["models"][1]["id"].as_u64().unwrap() as u32;
    assert_eq!(project.model_named("c"), Some(id));
    edit(&mut project, id, |stated| stated.name = Some("a".into())).unwrap();
    assert_eq!(told(project.merge(options)), ("duplicate-head", Some("name"), Some("a".into())));
    let wrong = MergeOptions { min_shared: 2.0, ..MergeOptions::default() };
    let error = project.merge(wrong).err().unwrap();
    assert_eq!(error.to_string(), "option minShared: expected 0 to 1, found 2; correct the option");
    // A failed call changes nothing.
    assert_eq!(state(&project)["options"]["duplicateLabels"], "merge");
    assert_eq!(state(&project)["merge"]["labels"].as_array().unwrap().len(), 4);
    assert_eq!(told(Project::default().merge(MergeOptions::default())).0, "no-sources");
}

#[test]
fn files_that_are_not_models_are_kept_with_their_error() {
    let mut project = Project::default();
    project.add_files(vec![file("broken.onnx", "no model"), file("empty.zip", "PK\x05\x06")]);
    let state = state(&project);
    assert_eq!(state["models"][0]["error"]["code"], "not-onnx");
    assert_eq!(state["models"][0]["error"]["field"], "models");
    assert_eq!(state["models"][1]["error"]["code"], "archive");
    assert!(state["models"][0]["model"].is_null());
    let id = state["models"][0]["id"].as_u64().unwrap() as u32;
    project.remove_model(id).unwrap();
    assert_eq!(told(project.remove_model(id)).0, "no-such-item");
}

#[test]
fn error_steps_before_a_merge() {
    let mut project = Project::default();
    let expected = "workshop: expected merged models, found none; merge them first";
    assert_eq!(project.check(None).err().unwrap().to_string(), expected);
    for code in [
        told(project.label_of("cat", None)).0,
        told(project.evidence(&Default::default())).0,
        told(project.fit(Default::default())).0,
        told(project.download(Default::default())).0,
        told(project.texts("x.onnx")).0,
        told(project.site(&[], None)).0,
        told(project.classifier().map(|_| ())).0,
    ] {
        assert!(["not-merged", "site-file"].contains(&code), "{code}");
    }
    let error = merged().take(None).err().unwrap();
    assert_eq!(error.to_string(), "workshop: expected a fit, found none; fit first");
    assert_eq!(error.code(), "not-fitted");
}
