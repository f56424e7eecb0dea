//! `polyhead features` as a command, and fits to its files.

use super::command::{folder, json};
use crate::command::{run, succeeds};
use std::fs;

fn bytes(folder: &tempfile::TempDir, name: &str) -> Vec<u8> {
    fs::read(folder.path().join(name)).unwrap()
}

#[test]
fn fit_to_a_feature_file_equals_fit_to_its_images() {
    let folder = folder();
    for features in ["features,average,maximum,deviation", "average,deviation"] {
        succeeds(&folder, &format!("evidence both.onnx --images seen --features {features} -o seen.evidence --force"));
        succeeds(
            &folder,
            &format!("features both.onnx --images unseen --features {features} -o unseen.features --force"),
        );
        let fit = "fit both.onnx --evidence seen.evidence --force";
        succeeds(&folder, &format!("{fit} --held-out unseen -o images.onnx"));
        succeeds(&folder, &format!("{fit} --held-out unseen.features -o features.onnx"));
        assert!(bytes(&folder, "images.onnx") == bytes(&folder, "features.onnx"), "{features}");
    }
    // Also without evidence, with some images in a folder and some in a file with fewer features.
    for (flag, images) in [("--images", "seen"), ("--unseen --images", "unseen")] {
        succeeds(&folder, &format!("features both.onnx --images {images} --features maximum -o part.features --force"));
        let fit = "fit both.onnx --force";
        succeeds(&folder, &format!("{fit} {flag} {images} --features maximum -o images.onnx"));
        succeeds(&folder, &format!("{fit} {flag} part.features -o features.onnx"));
        assert!(bytes(&folder, "images.onnx") == bytes(&folder, "features.onnx"), "{flag}");
    }
    let held_out = "fit both.onnx --rule gated --features maximum --held-out unseen --force";
    succeeds(&folder, &format!("{held_out} --images part.features -o features.onnx"));
    succeeds(&folder, &format!("{held_out} --images unseen -o images.onnx"));
    assert!(bytes(&folder, "images.onnx") == bytes(&folder, "features.onnx"));
}

#[test]
fn printed() {
    let folder = folder();
    let output = succeeds(&folder, "features both.onnx --images unseen -o unseen.features");
    assert!(output.starts_with("model    "), "{output}");
    assert!(output.contains("\nnumbers  16 features, 8 averages, 8 maxima, 8 deviations, 5 logits\n"), "{output}");
    assert!(output.contains("\nimages   5 cat, 5 dog, 5 shirt, 5 shoe\nwritten  unseen.features ("), "{output}");
    let report =
        json(&folder, "features both.onnx --images b=unseen/ --ignore-unknown --features average -o b.features");
    assert_eq!((&report["total"], &report["logits"], &report["output"]), (&10.into(), &5.into(), &"b.features".into()));
    let shirt = serde_json::json!({ "head": "b", "label": "shirt", "images": 5 });
    assert_eq!((&report["labels"][0], &report["layout"][0]["width"]), (&shirt, &8.into()));
    assert_eq!(report["bytes"], bytes(&folder, "b.features").len());
    let expected = "error: b.features: expected no file there, found one; give --force to replace it\n";
    let (code, _, errors) = run(&folder, "features both.onnx --images unseen -o b.features");
    assert_eq!((code, errors.as_str()), (2, expected));
    assert_eq!(run(&folder, "features both.onnx -o none.features").0, 2);
    // Neither a pixel nor the name of a file.
    let file = bytes(&folder, "unseen.features");
    assert!(!file.windows(4).any(|part| part == b".png"));

    fs::write(folder.path().join("unseen/cat/broken.png"), b"no image").unwrap();
    let (code, output, _) = run(&folder, "features both.onnx --images unseen -o some.features --json");
    let report: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!((code, &report["total"]), (2, &20.into()));
    assert_eq!(report["failures"][0]["error"]["code"], "not-an-image");
}

#[test]
fn error_files_that_do_not_fit() {
    let folder = folder();
    succeeds(&folder, "features both.onnx --images unseen --features average,deviation -o unseen.features");
    succeeds(&folder, "evidence both.onnx --images seen -o seen.evidence");
    let error = |arguments: &str| {
        let (code, _, errors) = run(&folder, arguments);
        (code, errors)
    };
    let expected =
        "error: features 'unseen.features': expected those of the kinds features, average, maximum, deviation, \
                    found average, deviation; make it again with all of these\n";
    let (code, errors) = error("fit both.onnx --evidence seen.evidence --held-out unseen.features --dry-run");
    assert_eq!((code, errors.as_str()), (1, expected));
    let expected =
        "error: features 'unseen.features': expected those of the kinds maximum, found average, deviation; make \
                    it again with all of these\n";
    let (code, errors) = error("fit both.onnx --features maximum --held-out unseen.features --dry-run");
    assert_eq!((code, errors.as_str()), (1, expected));

    succeeds(&folder, "merge b.onnx a.onnx --duplicate-labels merge -o turned.onnx");
    let (code, errors) = error("fit turned.onnx --held-out unseen.features --dry-run");
    assert!(
        code == 1 && errors.starts_with("error: features 'unseen.features': expected that of the model "),
        "{errors}"
    );
    assert!(errors.contains(" with the heads a (cat, dog, shirt), b (shirt, shoe) and 16 features; make "), "{errors}");

    // Labels are found by their texts: a label that is merged in one model may be ambiguous in another.
    succeeds(&folder, "merge a.onnx b.onnx --duplicate-labels keep -o apart.onnx");
    let (code, errors) = error("fit apart.onnx --held-out unseen.features --dry-run");
    let expected =
        "error: images 'shirt': expected one label, found it in a, b; name its head too, as in --images a=DIR\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    let (code, errors) = error("fit apart.onnx --held-out b=unseen.features --dry-run");
    let expected =
        "error: unseen.features: expected a label of the model, found 'cat'; the labels are shirt, shoe; rename \
                    it, or skip it by --ignore-unknown\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    let (code, errors) = error("fit apart.onnx --held-out b=unseen.features --dry-run --ignore-unknown");
    let expected = "note: unseen.features: no label 'cat' in the model, skipped\n\
                    note: unseen.features: no label 'dog' in the model, skipped\n";
    assert_eq!((code, errors.as_str()), (0, expected));

    fs::write(folder.path().join("cats.csv"), "path,label\nunseen/cat/0.png,cat\n").unwrap();
    succeeds(&folder, "features both.onnx --images cats.csv -o cats.features");
    let (code, errors) = error("fit apart.onnx --held-out b=cats.features --dry-run --ignore-unknown");
    let expected =
        "note: cats.features: no label 'cat' in the model, skipped\nerror: image 'cats.features': expected a folder \
                    with images, found none in it; give a folder with PNG, JPEG, WebP, GIF or BMP files\n";
    assert_eq!((code, errors.as_str()), (2, expected));

    let whole = bytes(&folder, "unseen.features");
    fs::write(folder.path().join("cut.features"), &whole[..whole.len() - 1]).unwrap();
    let (code, errors) = error("fit both.onnx --held-out cut.features --dry-run");
    assert!(code == 2 && errors.ends_with("; make it again with polyhead features\n"), "{errors}");
    // Only `fit` reads feature files.
    let (code, errors) = error("check both.onnx --images unseen.features");
    let expected =
        "error: unseen.features: expected a folder, or CSV lines with the header path,label, found the header \
                    'polyhead features'; correct the file or remove it\n";
    assert_eq!((code, errors.as_str()), (2, expected));
}
