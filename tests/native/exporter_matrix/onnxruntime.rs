//! Runs models in onnxruntime, through Node.js and `tests/kinds/onnxruntime.mjs`.

use polyhead::onnx::{encode, ModelProto};
use std::path::PathBuf;
use std::process::Command;

/// A working onnxruntime.
pub struct Onnxruntime {
    script: PathBuf,
    folder: tempfile::TempDir,
}

impl Onnxruntime {
    /// The one in `tests/node_modules`; prints a message if there is none.
    pub fn find() -> Option<Onnxruntime> {
        let tests = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests");
        if !tests.join("node_modules/onnxruntime-web").exists() {
            println!("skipped: onnxruntime is not installed; run npm install in tests/");
            return None;
        }
        Some(Onnxruntime { script: tests.join("kinds/onnxruntime.mjs"), folder: tempfile::tempdir().unwrap() })
    }

    /// All outputs for one input.
    pub fn run(&self, model: &ModelProto, input: &[f32], shape: &[usize]) -> Vec<(String, Vec<f32>)> {
        let (file, numbers) = (self.folder.path().join("merged.onnx"), self.folder.path().join("input"));
        std::fs::write(&file, encode(model)).unwrap();
        std::fs::write(&numbers, input.iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<_>>()).unwrap();
        let mut command = Command::new("node");
        command.arg(&self.script).args([&file, &numbers]).args(shape.iter().map(usize::to_string));
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let outputs: std::collections::BTreeMap<String, Vec<f32>> = serde_json::from_slice(&output.stdout).unwrap();
        outputs.into_iter().collect()
    }
}
