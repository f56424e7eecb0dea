//! External weights: read from the model's own folder only.

use crate::command::run;
use crate::exports::{folder, Memory};
use crate::source::{edited, read};
use polyhead::import::ImportedModel;
use std::fs;

/// Sets one entry of the first external tensor.
fn set(key: &str, value: &str) -> Memory {
    edited(|proto| {
        let tensor = &mut proto.graph.as_mut().unwrap().initializer[1];
        tensor.external_data.iter_mut().find(|e| e.key == key).unwrap().value = value.into();
    })
}

#[test]
fn external_data_is_read() {
    let source = read(&folder("external")).unwrap();
    let largest = |s: &ImportedModel| {
        s.graph.values.iter().enumerate().filter_map(|(v, _)| s.graph.tensor(v)).map(|t| t.len()).max()
    };
    assert_eq!(largest(&source), Some(108));
    // The digest covers the weights: two models may differ in nothing else.
    let mut other = folder("external");
    other.0.get_mut("model.onnx.data").unwrap()[20] ^= 1;
    assert_ne!(read(&other).unwrap().origins, source.origins);
}

#[test]
fn external_data_outside_of_the_folder() {
    for location in ["../model.onnx.data", "/etc/passwd", "a/../../x", "C:\\x", "", "sub\\x", "x\0y"] {
        let error = read(&set("location", location)).unwrap_err();
        assert_eq!(error.code(), "external-data", "{location:?}");
        assert!(error.to_string().contains("expected a location inside the model's folder"), "{error}");
    }
    let error = read(&set("location", "other.data")).unwrap_err();
    let text = "model 'example', tensor 'kernel', external data: expected the file 'other.data' beside the model, found none; \
        save the model with its weights in one file";
    assert_eq!(error.to_string(), text);
}

#[test]
fn external_data_that_does_not_fit() {
    let places = [
        set("offset", "1000000"),
        set("offset", "18446744073709551615"),
        set("offset", "-4"),
        set("offset", "ten"),
        set("length", "4"),
        set("length", "18446744073709551615"),
        edited(|proto| proto.graph.as_mut().unwrap().initializer[1].dims = vec![i64::MAX, 4]),
        edited(|proto| proto.graph.as_mut().unwrap().initializer[1].dims = vec![-1]),
        edited(|proto| proto.graph.as_mut().unwrap().initializer[1].data_type = 8),
        edited(|proto| proto.graph.as_mut().unwrap().initializer[1].raw_data = vec![0; 432].into()),
    ];
    for (number, place) in places.iter().enumerate() {
        assert_eq!(read(place).unwrap_err().code(), "external-data", "case {number}");
    }
}

#[cfg(unix)]
mod on_disk {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::path::Path;

    /// A model in its own folder, whose weights have this `location`; a file outside of the folder would fit.
    fn place(location: &str) -> tempfile::TempDir {
        let outside = tempfile::tempdir().unwrap();
        fs::create_dir_all(outside.path().join("inside/sub")).unwrap();
        // The other weights of the model exist.
        for file in ["secret", "inside/model.onnx.data"] {
            fs::write(outside.path().join(file), &folder("external").0["model.onnx.data"]).unwrap();
        }
        let location = location.replace("OUTSIDE", outside.path().to_str().unwrap());
        fs::write(outside.path().join("inside/model.onnx"), &set("location", &location).0["model.onnx"]).unwrap();
        outside
    }

    /// The error of an inspection of the model, which must not have read the secret.
    #[track_caller]
    fn refused(place: &Path) -> String {
        let (code, output, errors) = run(place, "inspect inside/model.onnx");
        assert_eq!(code, 2, "{output}{errors}");
        output + &errors
    }

    #[test]
    fn parents_are_refused_as_in_cve_2022_25882() {
        for location in ["../secret", "../inside/../secret", "..//secret", "../../../../../../../../etc/passwd"] {
            let text = refused(place(location).path());
            assert!(text.contains("expected a location inside the model's folder"), "{location}: {text}");
        }
    }

    #[test]
    fn parents_after_a_folder_are_refused_as_in_cve_2024_27318() {
        for location in
            ["sub/../../secret", "./../secret", "sub/./../../secret", "nothing/../../secret", "sub\\..\\..\\secret"]
        {
            let text = refused(place(location).path());
            assert!(text.contains("expected a location inside the model's folder"), "{location}: {text}");
        }
        for location in ["OUTSIDE/secret", "/OUTSIDE/secret", "file://OUTSIDE/secret"] {
            let text = refused(place(location).path());
            assert!(text.contains("expected a location inside the model's folder"), "{location}: {text}");
        }
    }

    #[test]
    fn links_are_refused_as_in_cve_2026_27489() {
        let one = place("weights");
        symlink(one.path().join("secret"), one.path().join("inside/weights")).unwrap();
        assert!(refused(one.path()).contains("expected a plain file in the model's own folder, found a link"));
        // A folder that is a link leads out just as well.
        let one = place("elsewhere/secret");
        symlink(one.path(), one.path().join("inside/elsewhere")).unwrap();
        assert!(refused(one.path()).contains("expected a plain file in the model's own folder, found a link"));
        let one = place("sub/elsewhere/secret");
        symlink("../..", one.path().join("inside/sub/elsewhere")).unwrap();
        assert!(refused(one.path()).contains("expected a plain file in the model's own folder, found a link"));
    }

    #[test]
    fn hard_links_are_refused_as_in_cve_2026_34446() {
        let one = place("weights");
        fs::hard_link(one.path().join("secret"), one.path().join("inside/weights")).unwrap();
        assert!(refused(one.path()).contains("expected a plain file in the model's own folder, found a link"));
        fs::remove_file(one.path().join("secret")).unwrap();
        let (code, output, errors) = run(one.path(), "inspect inside/model.onnx");
        assert_eq!(code, 0, "the only name of a file is no link: {output}{errors}");
    }
}
