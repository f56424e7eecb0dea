//! Project files: a project is the same after saving and opening; an invalid file changes nothing.

use super::{a, assert_same, b, edit, file, files, observed, state, told};
use crate::exports::{zip, Memory};
use polyhead::import::{Archive, FileTree};
use polyhead::merge::Weights;
use polyhead::project::{FitOptions, Project};
use polyhead::rule::RuleKind;

/// The archive with one file changed or, with `None`, without it.
fn changed(bytes: &[u8], name: &str, with: Option<&[u8]>) -> Vec<u8> {
    let archive = Archive::open("project", bytes).unwrap();
    let mut files = Memory::default();
    for name in archive.names().unwrap() {
        let bytes = archive.read(&name).unwrap().unwrap();
        files.0.insert(name, bytes);
    }
    match with {
        Some(bytes) => files.0.insert(name.into(), bytes.to_vec()),
        None => files.0.remove(name),
    };
    zip("", &files)
}

#[test]
fn project_is_the_same_after_saving_and_opening() {
    let mut project = observed();
    let evidence = project.evidence(&Default::default()).unwrap();
    project.add_evidence("own.evidence", evidence).unwrap();
    project.fit(FitOptions { rule: RuleKind::Scaled.into(), ..FitOptions::default() }).unwrap();
    project.take(None).unwrap();
    assert_eq!(state(&project)["unsaved"], true);
    let extra = [file("thumbnails/1.jpg", "an image")];
    let saved = project.save(&extra).unwrap();
    assert_eq!(state(&project)["unsaved"], false);

    let mut opened = Project::open(&saved).unwrap();
    assert_eq!(opened.extra, extra);
    assert_same(&state(&opened.project), &state(&project));
    let kept = |project: &Project| project.download(Weights::Keep).unwrap();
    assert!(kept(&opened.project) == kept(&project));
    assert_eq!(opened.project.check(None).unwrap(), project.check(None).unwrap());
    assert_eq!(opened.project.take(None).unwrap(), project.take(None).unwrap());
    assert!(kept(&opened.project) == kept(&project));
}

#[test]
fn models_without_a_merge_or_changed_since() {
    let mut project = Project::default();
    project.add_files([files(&a()), files(&b())].concat());
    let saved = project.save(&[]).unwrap();
    let opened = Project::open(&saved).unwrap().project;
    assert_eq!(state(&opened), state(&project));

    let mut project = observed();
    let id = project.model_named("b").unwrap();
    edit(&mut project, id, |stated| stated.labels = Some(vec!["one".into()])).unwrap();
    let saved = project.save(&[]).unwrap();
    let opened = Project::open(&saved).unwrap().project;
    let state = state(&opened);
    assert!(state["merge"].is_null() && state["stale"] == true);
    assert_eq!(state["models"][1]["error"]["code"], "labels");
    assert_eq!(state["images"].as_array().unwrap().len(), 15);
}

#[test]
fn files_that_are_not_projects_are_refused() {
    let saved = observed().save(&[]).unwrap();
    let text = |bytes: &[u8]| Project::open(bytes).err().unwrap().to_string();
    assert_eq!(
        text(b""),
        "project: expected a project file of the workshop, found an empty file; give the file that was saved there"
    );
    assert_eq!(told(Project::open(&zip("", &Memory::default()))).0, "not-a-project");
    assert_eq!(told(Project::open(&saved[..saved.len() / 2])).0, "archive");
    let newer = changed(&saved, "project.json", Some(br#"{"polyhead-project": 2}"#));
    assert_eq!(text(&newer), "project: expected version 1, found 2; open it with the Polyhead that saved it");
    let cut = changed(&saved, "observations.f32", Some(&[0; 8]));
    assert!(text(&cut).starts_with("project, observations.f32: expected "), "{}", text(&cut));
    for (name, with) in [
        ("models/1/a.onnx", None),
        ("observations.f32", None),
        ("project.json", Some(b"{\"polyhead-project\": 1}".as_slice())),
        ("project.json", Some(b"{".as_slice())),
        ("models/1/a.onnx", Some(b"x".as_slice())),
    ] {
        let code = told(Project::open(&changed(&saved, name, with))).0;
        assert!(["malformed-project", "not-onnx"].contains(&code), "{name}: {code}");
    }
    let mut fitted = observed();
    fitted.fit(FitOptions::default()).unwrap();
    let saved = fitted.save(&[]).unwrap();
    let json = Archive::open("project", &saved).unwrap().read("project.json").unwrap().unwrap();
    let json = String::from_utf8(json).unwrap();
    for (of, with) in [("\"measured\": \"", "\"measured\": \"by eye, "), ("\"cautions\": [", "\"cautions\": [1, ")] {
        assert!(json.contains(of), "{json}");
        let other = changed(&saved, "project.json", Some(json.replace(of, with).as_bytes()));
        assert!(
            text(&other).starts_with("project, project.json: expected the figures of a fit, found "),
            "{}",
            text(&other)
        );
    }
    let outside = observed().save(&[file("../x", "y")]);
    assert_eq!(told(outside).0, "archive");
}
