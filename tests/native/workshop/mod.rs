//! The workshop's project: results of its steps, compared with the command line where that has them.

mod command;
mod images;
mod models;
mod project_file;
mod take_away;

use crate::tiny::Tiny;
use polyhead::image::decode;
use polyhead::project::{File, ImageInfo, ImageView, MergeOptions, ModelOverrides, ModelView, Project};
use polyhead::Result;
use serde_json::Value;
use sha2::{Digest, Sha256};

fn file(path: &str, bytes: impl Into<Vec<u8>>) -> File {
    File { path: path.into(), bytes: bytes.into() }
}

fn a() -> Tiny {
    Tiny::new("a", &["cat", "dog", "shirt"])
}

fn b() -> Tiny {
    Tiny { gain: 6.0, ..Tiny::new("b", &["trousers", "shoe"]) }
}

/// A model's file and its labels.
fn files(model: &Tiny) -> Vec<File> {
    let name = model.name;
    vec![file(&format!("{name}.onnx"), model.bytes()), file(&format!("{name}.labels.txt"), model.labels.join("\n"))]
}

/// The project of a and b, merged.
fn merged() -> Project {
    let mut project = Project::default();
    project.add_files([files(&a()), files(&b())].concat());
    project.merge(MergeOptions::default()).unwrap();
    project
}

/// Changes the overrides of a model.
fn edit(project: &mut Project, id: u32, change: impl FnOnce(&mut ModelOverrides)) -> Result<ModelView<'_>> {
    project.edit_model(id, |stated| {
        change(stated);
        Ok(())
    })
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn about(name: &str, label: &str) -> ImageInfo {
    ImageInfo { name: name.into(), label: Some(label.into()), ..ImageInfo::default() }
}

/// An image file, as the page adds it.
fn observe(project: &mut Project, about: ImageInfo, bytes: &[u8]) -> Result<ImageView> {
    let sha256 = sha256(bytes);
    match project.observe_known(&about, &sha256)? {
        Some(known) => Ok(known),
        None => project.observe(about.clone(), &sha256, &decode(&about.name, bytes)?),
    }
}

/// A small PNG whose levels depend on `seed`.
fn png(seed: u32) -> Vec<u8> {
    let pixel = |x: u32, y: u32| {
        let level = |k: u32| 37 * seed * (k + 1) + (x * (seed + k) + y * (2 * seed + 1)) % 60;
        image::Rgb([level(0) as u8, level(1) as u8, level(2) as u8])
    };
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(16, 16, pixel).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Images of all labels.
fn observed() -> Project {
    let mut project = merged();
    for (label, name) in ["cat", "dog", "shirt", "trousers", "shoe"].iter().enumerate() {
        for number in 0..3 {
            let image = png((label as u32 + 1) * 11 + number);
            observe(&mut project, about(&format!("{name}/{number}.png"), name), &image).unwrap();
        }
    }
    project
}

fn state(project: &Project) -> Value {
    serde_json::to_value(project.state()).unwrap()
}

/// Code, field and model of an error.
#[track_caller]
fn told<T>(result: Result<T>) -> (&'static str, Option<&'static str>, Option<String>) {
    let told = polyhead::project::Told::new(&result.err().unwrap());
    (told.code, told.field, told.model)
}

/// Asserts equality: numbers within 1e-4, everything else exactly.
#[track_caller]
fn assert_same(found: &Value, expected: &Value) {
    match (found, expected) {
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            assert!((a - b).abs() <= 1e-4 * b.abs().max(1.0), "expected {b}, found {a}");
        }
        (Value::Array(a), Value::Array(b)) => {
            assert_eq!(a.len(), b.len(), "expected {expected}, found {found}");
            a.iter().zip(b).for_each(|(a, b)| assert_same(a, b));
        }
        (Value::Object(a), Value::Object(b)) => {
            assert!(a.keys().eq(b.keys()), "expected {expected}, found {found}");
            a.values().zip(b.values()).for_each(|(a, b)| assert_same(a, b));
        }
        _ => assert_eq!(found, expected),
    }
}
