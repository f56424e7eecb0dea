//! `polyhead evidence` as a command, on generated images.

use super::{a, b};
use crate::command::{run, succeeds};
use polyhead::evidence::Evidence;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// A folder with `both.onnx` and labelled images of the head `a`.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for model in [a(), b()] {
        fs::write(folder.path().join(format!("{}.onnx", model.name)), model.bytes()).unwrap();
        fs::write(folder.path().join(format!("{}.labels.txt", model.name)), model.labels.join("\n")).unwrap();
    }
    succeeds(&folder, "merge a.onnx b.onnx --duplicate-labels keep -o both.onnx");
    for (number, path) in ["p/cat/1.png", "p/cat/below/2.png", "p/dog/3.png", "p/dog/4.png"].iter().enumerate() {
        image(&folder.path().join(path), number as u32);
    }
    folder
}

/// An image of 16 × 16 pixels.
fn image(path: &Path, seed: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let pixel = |x: u32, y: u32| image::Rgb([(x * 16 + seed * 40) as u8, (y * 15) as u8, (x * y * (seed + 1)) as u8]);
    image::RgbImage::from_fn(16, 16, pixel).save(path).unwrap();
}

fn bytes(folder: &tempfile::TempDir, name: &str) -> Vec<u8> {
    fs::read(folder.path().join(name)).unwrap()
}

/// The files of the cache.
fn kept(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    let models = fs::read_dir(folder.path().join("cache/observations")).unwrap();
    let files = models.flat_map(|model| fs::read_dir(model.unwrap().path()).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn shown() {
    let folder = folder();
    let output = succeeds(&folder, "evidence both.onnx --head a --images p -o a.evidence");
    assert!(output.starts_with("sums     45 numbers per image: a file of 10.1 kB\nmodel    "), "{output}");
    assert!(output.contains("\nnumbers  16 features, 8 averages, 8 maxima, 8 deviations, 5 logits\n"), "{output}");
    assert!(output.contains("\nimages 2 cat (a), 2 dog (a), 0 shirt (a), 0 shirt (b), 0 shoe (b)\n"), "{output}");
    let json: serde_json::Value = serde_json::from_str(&succeeds(&folder, "evidence show a.evidence --json")).unwrap();
    assert_eq!((&json["width"], &json["total"], &json["folds"]), (&45.into(), &4.into(), &0.into()));
    assert_eq!(json["labels"][1], serde_json::json!({ "head": "a", "label": "dog", "images": 2 }));
    let (code, _, errors) = run(&folder, "evidence both.onnx --head a --images p -o a.evidence");
    assert_eq!(
        (code, errors.as_str()),
        (2, "error: a.evidence: expected no file there, found one; give --force to replace it\n")
    );
    let (code, _, errors) = run(&folder, "evidence both.onnx --head c --images p -o c.evidence");
    let expected = "error: head 'c': expected a head of the model, found none of that name; the heads are a, b\n";
    assert_eq!((code, errors.as_str()), (2, expected));
}

#[test]
fn other_names_and_orders_are_the_same_bytes() {
    let folder = folder();
    succeeds(&folder, "evidence both.onnx --head a --images p -o a.evidence --no-cache");
    assert!(!folder.path().join("cache").exists());
    let lines = "label,note,path\ndog,,p/dog/4.png\ncat,,p/cat/below/2.png\ndog,,p/dog/3.png\ncat,,p/cat/1.png\n";
    fs::write(folder.path().join("list.csv"), lines).unwrap();
    succeeds(&folder, "evidence both.onnx --images a=list.csv -o b.evidence");
    fs::create_dir_all(folder.path().join("q/cat")).unwrap();
    for (from, to) in [("p/cat/1.png", "q/cat/z.png"), ("p/cat/below/2.png", "q/cat/a.png"), ("p/dog", "q/dog")] {
        fs::rename(folder.path().join(from), folder.path().join(to)).unwrap();
    }
    succeeds(&folder, "evidence both.onnx --head a --images q -o c.evidence");
    assert!(bytes(&folder, "a.evidence") == bytes(&folder, "b.evidence"));
    assert!(bytes(&folder, "a.evidence") == bytes(&folder, "c.evidence"));
}

#[test]
fn added() {
    let folder = folder();
    succeeds(&folder, "evidence both.onnx --head a --images p -o whole.evidence --folds 3");
    let mut parts = Vec::new();
    for (number, line) in
        ["cat,p/cat/1.png\ndog,p/dog/3.png", "dog,p/dog/4.png", "cat,p/cat/below/2.png"].iter().enumerate()
    {
        fs::write(folder.path().join("part.csv"), format!("label,path\n{line}\n")).unwrap();
        succeeds(&folder, &format!("evidence both.onnx --images a=part.csv -o {number}.evidence --folds 3"));
        parts.push(format!("{number}.evidence"));
    }
    succeeds(&folder, &format!("evidence add {} -o sum.evidence", parts.join(" ")));
    let read = |name: &str| Evidence::from_bytes(name, &bytes(&folder, name)).unwrap();
    let (sum, whole) = (read("sum.evidence"), read("whole.evidence"));
    super::assert_same(&sum, &whole, 1e-13);
    for (sum, whole) in sum.folds().iter().zip(whole.folds()) {
        super::assert_same(sum, whole, 1e-13);
    }
    succeeds(&folder, "evidence both.onnx --head a --images p --features features -o few.evidence");
    let (code, _, errors) = run(&folder, "evidence add whole.evidence few.evidence -o both.evidence");
    assert_eq!(code, 1);
    assert!(errors.starts_with("error: evidence, features: expected 16 features of "), "{errors}");
    let (code, _, errors) = run(&folder, "evidence add a.onnx -o both.evidence");
    let expected =
        "error: evidence 'a.onnx', start: expected 'polyhead evidence', found something else; make it again \
                    with polyhead evidence\n";
    assert_eq!((code, errors.as_str()), (2, expected));
}

#[test]
fn features_are_cached_by_content() {
    let folder = folder();
    let evidence = "evidence both.onnx --head a --images p --force -o";
    succeeds(&folder, &format!("{evidence} first.evidence"));
    let files = kept(&folder);
    assert_eq!(files.len(), 4);
    let sound = fs::read(&files[0]).unwrap();
    // Corrupt: ignored and written again.
    for damaged in [Vec::new(), sound[..50].to_vec(), vec![7; sound.len()], vec![0; sound.len() + 1]] {
        fs::write(&files[0], damaged).unwrap();
        succeeds(&folder, &format!("{evidence} again.evidence"));
        assert!(bytes(&folder, "first.evidence") == bytes(&folder, "again.evidence"));
        assert!(fs::read(&files[0]).unwrap() == sound);
    }
    // Valid with other numbers: read.
    let mut other = vec![0u8; sound.len() - 32];
    other.extend(Sha256::digest(&other).to_vec());
    fs::write(&files[0], other).unwrap();
    succeeds(&folder, &format!("{evidence} other.evidence"));
    assert!(bytes(&folder, "first.evidence") != bytes(&folder, "other.evidence"));
    succeeds(&folder, &format!("{evidence} other.evidence --no-cache"));
    assert!(bytes(&folder, "first.evidence") == bytes(&folder, "other.evidence"));
    assert_eq!(kept(&folder).len(), 4);
}

#[test]
fn broken_images_are_listed_and_the_others_counted() {
    let folder = folder();
    fs::write(folder.path().join("p/dog/0.png"), b"no image").unwrap();
    fs::create_dir(folder.path().join("p/shirt")).unwrap();
    image(&folder.path().join("p/loose.png"), 9);
    let (code, output, errors) = run(&folder, "evidence both.onnx --head a --images p -o a.evidence --json");
    assert_eq!(code, 2);
    let expected = "note: p/shirt: no images in it\nnote: p: images in no label's folder, skipped: 1\n\
                    error: image 'p/dog/0.png': expected a PNG, JPEG, WebP, GIF or BMP image, found a text file; save \
                    the image as PNG or JPEG\n";
    assert_eq!(errors, expected);
    let json: serde_json::Value = serde_json::from_str(&output).unwrap();
    assert_eq!((&json["total"], &json["labels"][1]["images"]), (&4.into(), &2.into()));
    assert_eq!(
        (&json["failures"][0]["file"], &json["failures"][0]["error"]["code"]),
        (&"p/dog/0.png".into(), &"not-an-image".into())
    );
    let list = "path,label\np/cat/1.png,cat\np/gone.png,dog\n";
    fs::write(folder.path().join("list.csv"), list).unwrap();
    let (code, _, errors) = run(&folder, "evidence both.onnx --images list.csv -o b.evidence");
    assert_eq!(code, 2);
    assert!(errors.starts_with("error: p/gone.png: expected a readable file, found: "), "{errors}");
    assert!(folder.path().join("b.evidence").exists());
}

#[test]
fn labels() {
    let folder = folder();
    image(&folder.path().join("p/shoe/5.png"), 5);
    image(&folder.path().join("p/hat/6.png"), 6);
    let counts = |output: &str| {
        let json: serde_json::Value = serde_json::from_str(output).unwrap();
        json["labels"].as_array().unwrap().iter().map(|l| l["images"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let (code, _, errors) = run(&folder, "evidence both.onnx --images p -o x.evidence");
    let expected =
        "error: p/hat: expected a label of the model, found 'hat'; the labels are cat, dog, shirt (a), shirt (b), \
                    shoe; rename it, or skip it by --ignore-unknown\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    let output = succeeds(&folder, "evidence both.onnx --images p -o x.evidence --json --ignore-unknown");
    assert_eq!(counts(&output), [2, 2, 0, 0, 1]);
    let (code, output, errors) =
        run(&folder, "evidence both.onnx --head a --images p -o y.evidence --json --ignore-unknown");
    let expected =
        "note: p/hat: no label 'hat' in the model, skipped\nnote: p/shoe: a label of another head, skipped\n";
    assert_eq!((code, errors.as_str(), counts(&output)), (0, expected, vec![2, 2, 0, 0, 0]));
    fs::rename(folder.path().join("p/hat"), folder.path().join("p/shirt")).unwrap();
    let (code, _, errors) = run(&folder, "evidence both.onnx --images p -o z.evidence");
    let expected = "error: images 'shirt': expected one label, found it in a, b; name its head too, as in --images \
                    a=DIR\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    let output = succeeds(&folder, "evidence both.onnx --head b --images p -o z.evidence --json");
    assert_eq!(counts(&output), [0, 0, 0, 1, 1]);
    succeeds(&folder, "merge a.onnx b.onnx --duplicate-labels merge -o joined.onnx");
    let output = succeeds(&folder, "evidence joined.onnx --images p -o j.evidence --json");
    assert_eq!(counts(&output), [2, 2, 1, 1, 1]);
    let (code, _, errors) = run(&folder, "evidence both.onnx --images c=p -o c.evidence");
    let expected = "error: images 'c': expected a head of the model, found none of that name; the heads are a, b\n";
    assert_eq!((code, errors.as_str()), (2, expected));
    fs::write(folder.path().join("list.csv"), "file,label\n").unwrap();
    let (code, _, errors) = run(&folder, "evidence both.onnx --images list.csv -o c.evidence");
    let expected = "error: list.csv: expected a folder, or CSV lines with the header path,label, found the header \
                    'file,label'; correct the file or remove it\n";
    assert_eq!((code, errors.as_str()), (2, expected));
}
